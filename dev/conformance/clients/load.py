"""Closed loops of tritonclient, each with a connection of its own, against a deployment of `y = x + version`."""

import asyncio
import importlib
import queue
import threading

import numpy as np

ROWS = np.array([[1, 2]], dtype=np.float32)


class Load:
    """Every loop asks again as soon as it has its answer, until `stop`."""

    def __init__(self, protocol, address, model, loops):
        self.protocol, self.address, self.model = protocol, address, model
        self.triton = importlib.import_module(f"tritonclient.{protocol}")
        self.ends = threading.Event()
        self.lock = threading.Lock()
        self.answers, self.wrong, self.errors = {}, [], []
        self.threads = [threading.Thread(target=self.guarded, args=(getattr(self, way),), daemon=True) for way in loops]
        for thread in self.threads:
            thread.start()

    def guarded(self, loop):
        while not self.ends.is_set():
            try:
                loop()
            except Exception as error:
                with self.lock:
                    self.errors.append(f"{loop.__name__}: {error}")

    def inputs(self, triton):
        made = triton.InferInput("x", list(ROWS.shape), "FP32")
        made.set_data_from_numpy(ROWS)
        return [made]

    def take(self, way, result):
        document = result.get_response() if self.protocol == "http" else result.get_response(as_json=True)
        version = int(document["model_version"])
        with self.lock:
            counted = self.answers.setdefault(way, {})
            counted[version] = counted.get(version, 0) + 1
            if not np.array_equal(result.as_numpy("y"), ROWS + version):
                self.wrong.append({"way": way, "version": version, "y": result.as_numpy("y").tolist()})

    def plain(self):
        with self.triton.InferenceServerClient(self.address) as client:
            while not self.ends.is_set():
                self.take("plain", client.infer(self.model, self.inputs(self.triton)))

    def several(self):
        """Eight requests under way at once."""
        options = {"concurrency": 8} if self.protocol == "http" else {}
        with self.triton.InferenceServerClient(self.address, **options) as client:
            while not self.ends.is_set():
                if self.protocol == "http":
                    handles = [client.async_infer(self.model, self.inputs(self.triton)) for _ in range(8)]
                    for handle in handles:
                        self.take("several", handle.get_result())
                else:
                    told = queue.Queue()

                    def tell(result, error, told=told):
                        told.put((result, error))

                    for _ in range(8):
                        client.async_infer(self.model, self.inputs(self.triton), tell)
                    for _ in range(8):
                        self.take_or_raise("several", *told.get())

    def stream(self):
        """One gRPC stream for all requests: a swap must not end it."""
        told = queue.Queue()
        with self.triton.InferenceServerClient(self.address) as client:
            client.start_stream(callback=lambda result, error: told.put((result, error)))
            while not self.ends.is_set():
                client.async_stream_infer(self.model, self.inputs(self.triton))
                self.take_or_raise("stream", *told.get())
            client.stop_stream()

    def asyncio(self):
        triton = importlib.import_module(f"tritonclient.{self.protocol}.aio")

        async def loop():
            async with triton.InferenceServerClient(self.address) as client:
                while not self.ends.is_set():
                    self.take("asyncio", await client.infer(self.model, self.inputs(triton)))

        asyncio.run(loop())

    def take_or_raise(self, way, result, error):
        if error:
            raise error
        self.take(way, result)

    def progress(self):
        with self.lock:
            return {way: sum(versions.values()) for way, versions in self.answers.items()}

    def stop(self):
        self.ends.set()
        for thread in self.threads:
            thread.join()
        return {"answers": self.answers, "wrong": self.wrong, "errors": self.errors}
