"""gRPC without a client library: what tritonclient never sends, and the standard services every gRPC server has."""

import sys

import grpc
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.json_format import MessageToDict, ParseDict
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from tritonclient.grpc import InferResult, service_pb2, service_pb2_grpc

from lines import serve
from tensors import shown

channel = grpc.insecure_channel(sys.argv[1])
inference = service_pb2_grpc.GRPCInferenceServiceStub(channel)
health = health_pb2_grpc.HealthStub(channel)
watches = {}


def document(message):
    return MessageToDict(message, preserving_proto_field_name=True)


def call(method, message):
    """Any call of the service: the message is in protobuf's JSON form."""
    kind = service_pb2.DESCRIPTOR.message_types_by_name[f"{method}Request"]
    request = ParseDict(message, getattr(service_pb2, kind.name)())
    try:
        answer, made = getattr(inference, method).with_call(request, timeout=60)
    except grpc.RpcError as error:
        return {"code": error.code().name, "details": error.details(), "trailers": dict(error.trailing_metadata())}
    return {"answer": document(answer), "headers": dict(made.initial_metadata())}


def echo(message):
    """Infers, and shows each output as text, by tritonclient's reading of raw tensors."""
    answer = inference.ModelInfer(ParseDict(message, service_pb2.ModelInferRequest()), timeout=60)
    result = InferResult(answer)
    return {output.name: shown(result.as_numpy(output.name))["values"] for output in answer.outputs}


def check(service):
    try:
        return document(health.Check(health_pb2.HealthCheckRequest(service=service)))["status"]
    except grpc.RpcError as error:
        return error.code().name


def watch(service):
    watches[service] = iter(health.Watch(health_pb2.HealthCheckRequest(service=service)))


def next_status(service):
    return document(next(watches[service]))["status"]


def reflect():
    database = ProtoReflectionDescriptorDatabase(channel)
    pool = DescriptorPool(database)
    names = sorted(database.get_services())
    described = [name for name in names if not name.startswith("grpc.reflection.")]
    return {
        "services": names,
        "methods": {name: [method.name for method in pool.FindServiceByName(name).methods] for name in described},
        "request": [field.name for field in pool.FindMessageTypeByName("inference.ModelInferRequest").fields],
    }


serve({"call": call, "echo": echo, "check": check, "watch": watch, "next": next_status, "reflect": reflect})
