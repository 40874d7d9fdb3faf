"""Triton's own client against a Stead deployment. Deploy the sample model first:

    npx stead model push weather dev/sample/models/weather-v1.onnx
    npx stead deploy forecast --model weather --version 1
    pip install "tritonclient[http,grpc]"
    python examples/triton-client.py [HTTP_ADDRESS [GRPC_ADDRESS]]
"""

import sys

import numpy as np
import tritonclient.grpc
import tritonclient.http

http_address, grpc_address = (sys.argv[1:] + ["127.0.0.1:7080", "127.0.0.1:7081"][len(sys.argv) - 1 :])[:2]
today = np.array([[5.6, -3.2, 0, 1.2, 3.3, 5.7, 0.034, 0.999]], dtype=np.float32)

for triton, address in ((tritonclient.http, http_address), (tritonclient.grpc, grpc_address)):
    client = triton.InferenceServerClient(address)
    features = triton.InferInput("features", list(today.shape), "FP32")
    features.set_data_from_numpy(today)
    result = client.infer("forecast", [features], request_id="tomorrow")
    # A dict over HTTP, a message over gRPC.
    answer = result.get_response()
    version = answer["model_version"] if isinstance(answer, dict) else answer.model_version
    print(f"{triton.__name__}: version {version} says {result.as_numpy('temp_max')[0, 0]:.1f} °C")
