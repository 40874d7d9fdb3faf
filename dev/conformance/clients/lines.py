"""Answers JSON lines: reads {"do": action, …} from the input and prints {"value": …} or {"error": …}."""

import json
import sys


def serve(actions):
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            answer = {"value": actions[asked.pop("do")](**asked)}
        except Exception as error:
            answer = {"error": describe(error)}
        print(json.dumps(answer), flush=True)


def describe(error):
    """An InferenceServerException has a message and a status; other errors have what they print."""
    said = getattr(error, "message", None)
    status = getattr(error, "status", None)
    return {
        "type": type(error).__name__,
        "message": str(said() if callable(said) else error),
        "status": None if status is None else str(status() if callable(status) else status),
    }
