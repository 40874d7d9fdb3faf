"""Fills a server with what an import must bring along; says the ids on one line of JSON."""

import json
import sys

import mlflow
from mlflow.entities import AssessmentSource, SpanEvent
from mlflow.genai.datasets import create_dataset


class Echo(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return model_input


@mlflow.trace
def inner(x):
    return x * 2


@mlflow.trace(attributes={"big": 12345678901234567, "list": [1, "a", None]})
def outer(x):
    with mlflow.start_span("middle") as span:
        span.set_inputs({"x": x})
        span.add_event(SpanEvent("seen", attributes={"k": "v"}))
    return inner(x)


@mlflow.trace
def fails():
    raise ValueError("no")


mlflow.set_tracking_uri(sys.argv[1])
experiment = mlflow.set_experiment("things").experiment_id
with mlflow.start_run(run_name="trained") as run:
    mlflow.log_metric("loss", 0.5, step=3)
    made = mlflow.pyfunc.log_model(
        name="model", python_model=Echo(), registered_model_name="things", pip_requirements=[], params={"depth": "3"}
    )
    mlflow.log_metric("acc", 0.9, step=1, model_id=made.model_id)
    mlflow.log_text("hello", "notes/hello.txt")
outside = mlflow.create_external_model(name="outside", tags={"a": "b"}, model_type="agent")
outer(2)
try:
    fails()
except ValueError:
    pass
mlflow.flush_trace_async_logging()
traces = mlflow.search_traces(return_type="list")
for trace in traces:
    source = AssessmentSource("HUMAN", "ada")
    mlflow.log_feedback(trace_id=trace.info.trace_id, name="good", value=True, rationale="why", source=source)
    mlflow.log_expectation(trace_id=trace.info.trace_id, name="answer", value={"a": 1}, source=source)
questions = create_dataset(name="questions", experiment_id=experiment, tags={"t": "1"})
questions.merge_records([{"inputs": {"q": "a"}, "expectations": {"r": "b"}}, {"inputs": {"q": "c"}}])
questions.merge_records(traces)
print(json.dumps({"run": run.info.run_id, "models": [made.model_id, outside.model_id]}))
