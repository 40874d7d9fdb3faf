"""Drives tritonclient over the protocol and address it is started with: `triton.py http|grpc ADDRESS`."""

import importlib
import queue
import sys
from functools import partial

from lines import describe, serve
from load import Load
from tensors import read, shown

PROTOCOL, ADDRESS = sys.argv[1:3]
IS_HTTP = PROTOCOL == "http"
triton = importlib.import_module(f"tritonclient.{PROTOCOL}")
client = triton.InferenceServerClient(ADDRESS, **({"concurrency": 16} if IS_HTTP else {}))
# The documents as plain objects: HTTP gives nothing else.
plain = {} if IS_HTTP else {"as_json": True}


def tensor(name, datatype, shape, values, binary=True):
    made = triton.InferInput(name, shape, datatype)
    made.set_data_from_numpy(read(datatype, shape, values), **({"binary_data": binary} if IS_HTTP else {}))
    return made


def wanted(name, binary=True, classes=0):
    return triton.InferRequestedOutput(name, class_count=classes, **({"binary_data": binary} if IS_HTTP else {}))


def request(model, inputs, outputs=None, version="", id="", **more):
    """`more` are arguments of tritonclient's own: timeout, priority, parameters, compression, …"""
    return {
        "model_name": model,
        "model_version": version,
        "inputs": [tensor(**one) for one in inputs],
        "outputs": None if outputs is None else [wanted(**one) for one in outputs],
        "request_id": id,
        **more,
    }


def answer(result):
    document = result.get_response(**plain)
    return {
        "model": document["model_name"],
        "version": document["model_version"],
        "id": document.get("id"),
        "parameters": document.get("parameters", {}),
        "outputs": {
            output["name"]: {"datatype": output["datatype"], **shown(result.as_numpy(output["name"]))}
            for output in document.get("outputs", [])
        },
    }


def outcome(result, error):
    return {"error": describe(error)} if error else answer(result)


def infer_async(requests):
    if IS_HTTP:
        handles = [client.async_infer(**request(**one)) for one in requests]
        return [answer(handle.get_result()) for handle in handles]
    told = queue.Queue()
    for place, one in enumerate(requests):
        tell = partial(lambda at, result, error: told.put((at, result, error)), place)
        client.async_infer(callback=tell, **request(**one))
    answers = sorted((told.get() for _ in requests), key=lambda one: one[0])
    return [outcome(result, error) for _, result, error in answers]


def infer_stream(requests, stream=None):
    told = queue.Queue()
    client.start_stream(callback=lambda result, error: told.put((result, error)), **(stream or {}))
    for one in requests:
        client.async_stream_infer(**request(**one))
    answers = [outcome(*told.get()) for _ in requests]
    client.stop_stream()
    return answers


def load(model, config=None, files=None):
    content = None if files is None else {name: bytes.fromhex(text) for name, text in files.items()}
    client.load_model(model, config=config, files=content)


running = {}


def start_load(name, **asked):
    running[name] = Load(PROTOCOL, ADDRESS, **asked)


serve(
    {
        "health": lambda: {"live": client.is_server_live(), "ready": client.is_server_ready()},
        "modelReady": lambda model, version="": client.is_model_ready(model, version),
        "server": lambda: client.get_server_metadata(**plain),
        "metadata": lambda model, version="": client.get_model_metadata(model, version, **plain),
        "config": lambda model, version="": client.get_model_config(model, version, **plain),
        "statistics": lambda model="", version="": client.get_inference_statistics(model, version, **plain),
        "index": lambda: client.get_model_repository_index(**plain),
        "infer": lambda **asked: answer(client.infer(**request(**asked))),
        "inferAsync": infer_async,
        "inferStream": infer_stream,
        "load": load,
        "unload": lambda model: client.unload_model(model),
        "startLoad": start_load,
        "stopLoad": lambda name: running.pop(name).stop(),
        "progress": lambda name: running[name].progress(),
    }
)
