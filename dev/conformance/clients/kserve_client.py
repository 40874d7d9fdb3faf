"""Drives KServe's own clients: `kserve_client.py REST_ADDRESS GRPC_ADDRESS`. Both are asynchronous."""

import asyncio
import sys

import numpy as np
from kserve import InferenceGRPCClient, InferenceRESTClient, InferInput, InferRequest
from kserve.inference_client import RESTConfig

from lines import serve

REST, GRPC = sys.argv[1:3]


def request(model, inputs, id):
    made = []
    for one in inputs:
        tensor = InferInput(one["name"], one["shape"], one["datatype"])
        array = np.array(one["values"], dtype=np.float32).reshape(one["shape"])
        tensor.set_data_from_numpy(array, binary_data=one["binary"])
        made.append(tensor)
    return InferRequest(model_name=model, infer_inputs=made, request_id=id)


def shown(response):
    return {
        "model": response.model_name,
        "version": response.model_version,
        "id": response.id,
        "outputs": {
            one.name: {"shape": list(one.shape), "values": one.as_numpy().ravel().tolist()}
            for one in response.outputs
        },
    }


async def rest(act):
    client = InferenceRESTClient(RESTConfig(protocol="v2", retries=0))
    try:
        return await act(client)
    finally:
        await client.close()


async def grpc(act):
    async with InferenceGRPCClient(GRPC, retries=0) as client:
        return await act(client)


async def v1(model, instances):
    client = InferenceRESTClient(RESTConfig(protocol="v1", retries=0))
    try:
        return await client.infer(REST, {"instances": instances}, model_name=model)
    finally:
        await client.close()


async def rest_ready(client, model):
    server = [await client.is_server_live(REST), await client.is_server_ready(REST)]
    return [*server, await client.is_model_ready(REST, model)]


async def grpc_ready(client, model):
    return [await client.is_server_live(), await client.is_server_ready(), await client.is_model_ready(model)]


async def rest_infer(client, **asked):
    return shown(await client.infer(REST, request(**asked), model_name=asked["model"]))


async def grpc_infer(client, **asked):
    return shown(await client.infer(request(**asked)))


serve(
    {
        "restReady": lambda model: asyncio.run(rest(lambda client: rest_ready(client, model))),
        "grpcReady": lambda model: asyncio.run(grpc(lambda client: grpc_ready(client, model))),
        "restInfer": lambda **asked: asyncio.run(rest(lambda client: rest_infer(client, **asked))),
        "grpcInfer": lambda **asked: asyncio.run(grpc(lambda client: grpc_infer(client, **asked))),
        "predict": lambda **asked: asyncio.run(v1(**asked)),
    }
)
