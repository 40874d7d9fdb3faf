"""Tensors as text: every element a string, so that no number loses digits between the two languages."""

import numpy as np
from tritonclient.utils import triton_to_np_dtype


def read(datatype, shape, values):
    if datatype == "BYTES":
        elements = np.array([value.encode("utf-8") for value in values], dtype=np.object_)
    elif datatype == "BOOL":
        elements = np.array([value == "true" for value in values], dtype=np.bool_)
    else:
        number = int if "INT" in datatype else float
        elements = np.array([number(value) for value in values], dtype=triton_to_np_dtype(datatype))
    return elements.reshape(shape)


def shown(array):
    return {"shape": list(array.shape), "values": [text(value) for value in array.ravel()]}


def text(value):
    if isinstance(value, bytes):
        return value.decode("utf-8")
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    return value if isinstance(value, str) else repr(float(value))
