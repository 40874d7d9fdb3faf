"""Drives an unmodified MLflow: `mlflow_client.py TRACKING_URI`. Works with clients 2.x and 3.x."""

import math
import os
import sys
import tempfile
import warnings

os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = "1"
os.environ["MLFLOW_ENABLE_ASYNC_TRACE_LOGGING"] = "false"
warnings.filterwarnings("ignore")

import mlflow
import numpy as np
from mlflow import MlflowClient

from lines import serve

IS_3 = int(mlflow.__version__.split(".")[0]) >= 3
mlflow.set_tracking_uri(sys.argv[1])
client = MlflowClient()

ANSWERS = sys.stdout


def iris():
    from sklearn.datasets import load_iris

    return load_iris(return_X_y=True, as_frame=True)


def log(experiment):
    """What most scripts do: params, metrics, tags, texts, a nested run."""
    mlflow.set_experiment(experiment)
    with mlflow.start_run(run_name="outer", tags={"team": "weather"}, description="the first") as outer:
        mlflow.log_param("lr", 0.1)
        mlflow.log_params({"depth": 3, "unicode": "größer ☂"})
        for step in range(5):
            mlflow.log_metric("loss", 1 / (step + 1), step=step)
        mlflow.log_metrics({"nan": math.nan, "auc": 0.9})
        mlflow.set_tag("stage", "draft")
        mlflow.log_text("hello", "notes/hello.txt")
        mlflow.log_dict({"a": [1, 2]}, "notes/a.json")
        with mlflow.start_run(run_name="inner", nested=True) as inner:
            mlflow.log_metric("auc", 0.8)
    run = client.get_run(outer.info.run_id)
    history = client.get_metric_history(run.info.run_id, "loss")
    with tempfile.TemporaryDirectory() as folder:
        path = mlflow.artifacts.download_artifacts(
            run_id=run.info.run_id, artifact_path="notes/hello.txt", dst_path=folder
        )
        text = open(path).read()
    return {
        "run": run.info.run_id,
        "name": run.info.run_name,
        "status": run.info.status,
        "params": run.data.params,
        "metrics": {key: str(value) for key, value in run.data.metrics.items()},
        "team": run.data.tags["team"],
        "history": [[one.step, one.value] for one in history],
        "files": sorted(one.path for one in client.list_artifacts(run.info.run_id, "notes")),
        "text": text,
        "parent": client.get_run(inner.info.run_id).data.tags["mlflow.parentRunId"],
    }


def search(experiment):
    mlflow.set_experiment(experiment)
    ids = {}
    for depth in (1, 2, 3):
        with mlflow.start_run(run_name=f"depth-{depth}") as run:
            mlflow.log_param("depth", depth)
            mlflow.log_metric("auc", depth / 10)
            ids[depth] = run.info.run_id
    by_id = {run_id: depth for depth, run_id in ids.items()}
    number = mlflow.get_experiment_by_name(experiment).experiment_id

    def found(filter, **more):
        runs = client.search_runs([number], filter, **more)
        return [by_id[run.info.run_id] for run in runs]

    pages = client.search_runs([number], max_results=2, order_by=["metrics.auc ASC"])
    rest = client.search_runs([number], max_results=2, order_by=["metrics.auc ASC"], page_token=pages.token)
    frame = mlflow.search_runs(experiment_names=[experiment], filter_string="metrics.auc > 0.15")
    client.delete_run(ids[3])
    deleted = client.search_runs([number], run_view_type=mlflow.entities.ViewType.DELETED_ONLY)
    client.restore_run(ids[3])
    return {
        "greater": found("metrics.auc > 0.15", order_by=["metrics.auc DESC"]),
        "both": found("params.depth = '2' and attributes.status = 'FINISHED'"),
        "like": found("run_name LIKE 'depth-%' and tags.mlflow.runName != 'depth-1'", order_by=["metrics.auc"]),
        "pages": [[by_id[run.info.run_id] for run in page] for page in (pages, rest)],
        "frame": len(frame),
        "deleted": len(deleted),
        "experiments": [one.name for one in client.search_experiments(filter_string=f"name = '{experiment}'")],
    }


def autolog_sklearn(experiment):
    from sklearn.ensemble import RandomForestClassifier

    mlflow.set_experiment(experiment)
    mlflow.sklearn.autolog()
    x, y = iris()
    with mlflow.start_run() as run:
        RandomForestClassifier(n_estimators=5, max_depth=2, random_state=0).fit(x, y)
    mlflow.sklearn.autolog(disable=True)
    run = client.get_run(run.info.run_id)
    return {
        "depth": run.data.params["max_depth"],
        "metrics": sorted(run.data.metrics),
        "datasets": [one.dataset.name for one in run.inputs.dataset_inputs],
        "models": len(run.outputs.model_outputs) if IS_3 else 1,
    }


def autolog_lightgbm(experiment):
    import lightgbm

    mlflow.set_experiment(experiment)
    mlflow.lightgbm.autolog()
    x, y = iris()
    data = lightgbm.Dataset(x, label=y)
    with mlflow.start_run() as run:
        lightgbm.train(
            {"objective": "multiclass", "num_class": 3, "verbose": -1, "num_threads": 1},
            data,
            num_boost_round=20,
            valid_sets=[data],
            valid_names=["train"],
        )
    mlflow.lightgbm.autolog(disable=True)
    history = client.get_metric_history(run.info.run_id, "train-multi_logloss")
    return {"rounds": len(history), "falls": history[0].value > history[-1].value}


def register(experiment, name):
    """log_model with registration, and the same predictions by every way to name it."""
    from mlflow.models import infer_signature
    from sklearn.linear_model import LogisticRegression

    mlflow.set_experiment(experiment)
    x, y = iris()
    model = LogisticRegression(max_iter=500).fit(x, y)
    named = {"name": "model"} if IS_3 else {"artifact_path": "model"}
    with mlflow.start_run() as run:
        info = mlflow.sklearn.log_model(
            model,
            **named,
            signature=infer_signature(x, model.predict(x)),
            input_example=x.head(2),
            registered_model_name=name,
        )
    client.set_registered_model_alias(name, "champion", 1)
    expected = model.predict(x).tolist()
    uris = [f"models:/{name}/1", f"models:/{name}@champion", f"models:/{name}/latest", info.model_uri]
    uris.append(f"runs:/{run.info.run_id}/model")
    equal = [mlflow.pyfunc.load_model(uri).predict(x).tolist() == expected for uri in uris]
    second = mlflow.register_model(f"runs:/{run.info.run_id}/model", name)
    client.update_model_version(name, "1", description="the first")
    client.set_model_version_tag(name, "1", "checked", "yes")
    client.transition_model_version_stage(name, "1", "Production")
    version = client.get_model_version(name, "1")
    return {
        "equal": equal,
        "second": str(second.version),
        "alias": str(client.get_model_version_by_alias(name, "champion").version),
        "stage": version.current_stage,
        "description": version.description,
        "tags": version.tags,
        "run": version.run_id == run.info.run_id,
        "versions": sorted(int(one.version) for one in client.search_model_versions(f"name = '{name}'")),
        "models": [one.name for one in client.search_registered_models(f"name = '{name}'")],
        "latest": [str(one.version) for one in client.get_latest_versions(name, stages=["Production"])],
    }


def onnx_model(experiment, name):
    """An ONNX model, which can be deployed where it was registered."""
    from mlflow.models import infer_signature
    from skl2onnx import to_onnx
    from sklearn.linear_model import LinearRegression

    mlflow.set_experiment(experiment)
    x = np.array([[1, 2], [3, 5], [4, 4], [0, 1]], dtype=np.float32)
    y = x.sum(axis=1)
    fitted = LinearRegression().fit(x, y)
    model = to_onnx(fitted, x[:1])
    named = {"name": "model"} if IS_3 else {"artifact_path": "model"}
    with mlflow.start_run():
        mlflow.onnx.log_model(model, **named, signature=infer_signature(x, y), registered_model_name=name)
    return {"input": model.graph.input[0].name}


def asynchronous(experiment):
    mlflow.set_experiment(experiment)
    with mlflow.start_run() as run:
        for step in range(200):
            mlflow.log_metric("loss", step, step=step, synchronous=False)
        mlflow.log_params({f"p{one}": one for one in range(50)}, synchronous=False)
        mlflow.flush_async_logging()
    run = client.get_run(run.info.run_id)
    return {
        "values": len(client.get_metric_history(run.info.run_id, "loss")),
        "last": run.data.metrics["loss"],
        "params": len(run.data.params),
    }


def large_file(experiment, megabytes):
    mlflow.set_experiment(experiment)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "large.bin")
        block = os.urandom(1 << 20)
        with open(path, "wb") as file:
            for _ in range(megabytes):
                file.write(block)
        with mlflow.start_run() as run:
            mlflow.log_artifact(path)
        back = mlflow.artifacts.download_artifacts(
            run_id=run.info.run_id, artifact_path="large.bin", dst_path=os.path.join(folder, "back")
        )
        size = os.path.getsize(back)
        with open(back, "rb") as file:
            same = all(file.read(1 << 20) == block for _ in range(megabytes))
    return {"size": size, "same": same}


def in_parts(experiment, megabytes):
    """As large_file, where the client is told to bring and fetch files past the server in parts."""
    told = {
        "MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD": "true",
        "MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD": "true",
        "MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE": "1",
        "MLFLOW_MULTIPART_DOWNLOAD_MINIMUM_FILE_SIZE": "1",
        "MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE": str(5 << 20),
        "MLFLOW_MULTIPART_DOWNLOAD_CHUNK_SIZE": str(5 << 20),
    }
    os.environ.update(told)
    try:
        return large_file(experiment, megabytes)
    finally:
        for name in told:
            del os.environ[name]


def data(experiment):
    import pandas

    mlflow.set_experiment(experiment)
    frame = pandas.DataFrame({"x": [1, 2, 3], "y": [0.1, 0.2, 0.3]})
    dataset = mlflow.data.from_pandas(frame, name="table", targets="y")
    with mlflow.start_run() as run:
        mlflow.log_input(dataset, context="training")
    inputs = client.get_run(run.info.run_id).inputs.dataset_inputs
    number = mlflow.get_experiment_by_name(experiment).experiment_id
    found = client.search_runs([number], "dataset.name = 'table' and dataset.context = 'training'")
    return {"name": inputs[0].dataset.name, "tags": {t.key: t.value for t in inputs[0].tags}, "found": len(found)}


def tracing(experiment):
    mlflow.set_experiment(experiment)

    @mlflow.trace
    def inner(x):
        return x + 1

    @mlflow.trace(name="outer")
    def outer(x):
        return inner(x) * 2

    answer = outer(1)
    if hasattr(mlflow, "flush_trace_async_logging"):
        try:
            mlflow.flush_trace_async_logging()
        except Exception:
            pass
    number = mlflow.get_experiment_by_name(experiment).experiment_id
    traces = client.search_traces(experiment_ids=[number]) if not IS_3 else client.search_traces(locations=[number])
    trace = traces[0]
    told = {"answer": answer, "traces": len(traces), "spans": sorted(span.name for span in trace.data.spans)}
    if IS_3:
        trace_id = trace.info.trace_id
        mlflow.set_trace_tag(trace_id, "seen", "yes")
        mlflow.log_feedback(trace_id=trace_id, name="good", value=True)
        again = mlflow.get_trace(trace_id)
        told["tag"] = again.info.tags["seen"]
        told["feedback"] = [one.name for one in again.info.assessments]
    return told


def evaluation_data(experiment):
    from mlflow.genai import datasets

    number = mlflow.set_experiment(experiment).experiment_id
    made = datasets.create_dataset(name=f"questions of {experiment}", experiment_id=[number])
    made.merge_records([{"inputs": {"question": "what?"}, "expectations": {"answer": "that"}}])
    again = datasets.get_dataset(dataset_id=made.dataset_id)
    return {"name": again.name, "records": len(again.to_df())}


def prompts(name):
    register = mlflow.genai.register_prompt if IS_3 and hasattr(mlflow, "genai") else mlflow.register_prompt
    load = mlflow.genai.load_prompt if IS_3 and hasattr(mlflow, "genai") else mlflow.load_prompt
    register(name=name, template="Say {{word}}.", commit_message="first")
    register(name=name, template="Say {{word}} twice.")
    return {
        "first": load(f"prompts:/{name}/1").format(word="hi"),
        "models": [one.name for one in client.search_registered_models() if one.name == name],
    }


def mistakes():
    """What the client raises for mistakes, and that it does so at once."""
    told = {}

    def try_to(name, act):
        try:
            act()
            told[name] = None
        except mlflow.exceptions.MlflowException as error:
            told[name] = [error.error_code, str(error)]

    with mlflow.start_run() as run:
        mlflow.log_param("p", 1)
        try_to("param", lambda: client.log_param(run.info.run_id, "p", 2))
    try_to("run", lambda: client.get_run("f" * 32))
    try_to("experiment", lambda: client.get_experiment("99999"))
    try_to("filter", lambda: client.search_runs(["0"], "metrics.a ~ 1"))
    try_to("model", lambda: client.get_registered_model("nobody"))
    try_to("alias", lambda: client.get_model_version_by_alias("nobody", "none"))
    return told


def answering(act):
    """What libraries print must not come between the answers."""

    def answer(**asked):
        sys.stdout = sys.stderr
        try:
            return act(**asked)
        finally:
            sys.stdout = ANSWERS

    return answer


serve(
    {
        "version": lambda: mlflow.__version__,
        **{
            act.__name__: answering(act)
            for act in (
                log,
                search,
                autolog_sklearn,
                autolog_lightgbm,
                register,
                onnx_model,
                asynchronous,
                large_file,
                in_parts,
                data,
                tracing,
                evaluation_data,
                prompts,
                mistakes,
            )
        },
    }
)
