"""The usual Python service: FastAPI on uvicorn with uvloop and httptools, one worker, one run for each request."""

import socket
import sys

import numpy
import onnxruntime
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
options.inter_op_num_threads = 1
session = onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
names = [output.name for output in session.get_outputs()]


class InferInput(BaseModel):
    name: str
    shape: list[int]
    datatype: str
    data: list[float]


class InferBody(BaseModel):
    inputs: list[InferInput]


app = FastAPI()


@app.post("/v2/models/weather/infer")
async def infer(body: InferBody):
    feeds = {one.name: numpy.asarray(one.data, dtype=numpy.float32).reshape(one.shape) for one in body.inputs}
    answers = session.run(names, feeds)
    outputs = [
        {"name": name, "datatype": "FP32", "shape": list(answer.shape), "data": answer.ravel().tolist()}
        for name, answer in zip(names, answers)
    ]
    return {"model_name": "weather", "model_version": "1", "outputs": outputs}


listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(1024)
print(f"listening {listener.getsockname()[1]}", flush=True)
config = uvicorn.Config(app, loop="uvloop", http="httptools", log_level="warning", access_log=False)
uvicorn.Server(config).run(sockets=[listener])
