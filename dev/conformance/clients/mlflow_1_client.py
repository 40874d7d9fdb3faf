"""Drives an unmodified MLflow 1.x, the small one without models: `mlflow_1_client.py TRACKING_URI`."""

import math
import os
import sys
import tempfile

os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = "1"

import mlflow
from mlflow.entities import ViewType
from mlflow.tracking import MlflowClient

from lines import serve

mlflow.set_tracking_uri(sys.argv[1])
client = MlflowClient()


def log(experiment):
    mlflow.set_experiment(experiment)
    with mlflow.start_run(run_name="outer", tags={"team": "weather"}) as outer:
        mlflow.log_params({"depth": 3, "unicode": "größer ☂"})
        for step in range(5):
            mlflow.log_metric("loss", 1 / (step + 1), step=step)
        mlflow.log_metrics({"nan": math.nan, "auc": 0.9})
        mlflow.log_text("hello", "notes/hello.txt")
        with mlflow.start_run(run_name="inner", nested=True) as inner:
            mlflow.log_metric("auc", 0.8)
    run = client.get_run(outer.info.run_id)
    with tempfile.TemporaryDirectory() as folder:
        with open(client.download_artifacts(run.info.run_id, "notes/hello.txt", folder)) as file:
            text = file.read()
    return {
        "run": run.info.run_id,
        "name": run.data.tags["mlflow.runName"],
        "status": run.info.status,
        "params": run.data.params,
        "metrics": {key: str(value) for key, value in run.data.metrics.items()},
        "history": len(client.get_metric_history(run.info.run_id, "loss")),
        "files": [one.path for one in client.list_artifacts(run.info.run_id, "notes")],
        "text": text,
        "parent": client.get_run(inner.info.run_id).data.tags["mlflow.parentRunId"],
    }


def search(experiment):
    number = client.create_experiment(experiment)
    ids = {}
    for depth in (1, 2, 3):
        run = client.create_run(number)
        client.log_param(run.info.run_id, "depth", depth)
        client.log_metric(run.info.run_id, "auc", depth / 10)
        client.set_terminated(run.info.run_id)
        ids[run.info.run_id] = depth
    last = max(ids, key=ids.get)

    def depths(runs):
        return [ids[run.info.run_id] for run in runs]

    first = client.search_runs([number], max_results=2, order_by=["metrics.auc ASC"])
    second = client.search_runs([number], max_results=2, order_by=["metrics.auc ASC"], page_token=first.token)
    client.delete_run(last)
    deleted = client.search_runs([number], run_view_type=ViewType.DELETED_ONLY)
    client.restore_run(last)
    return {
        "both": depths(client.search_runs([number], "params.depth = '2' and metrics.auc > 0.15")),
        "pages": [depths(first), depths(second)],
        "deleted": depths(deleted),
        "infos": len(client.list_run_infos(number)),
        "listed": experiment in [one.name for one in client.list_experiments()],
        "searched": [one.name for one in client.search_experiments(filter_string=f"name = '{experiment}'")],
    }


def register(experiment, name):
    number = client.create_experiment(experiment)
    run = client.create_run(number)
    client.log_text(run.info.run_id, "flavors: {}", "model/MLmodel")
    client.create_registered_model(name, tags={"team": "weather"})
    for _ in range(2):
        client.create_model_version(name, f"{run.info.artifact_uri}/model", run.info.run_id)
    client.transition_model_version_stage(name, "1", "Production")
    client.update_model_version(name, "1", "the first")
    client.set_model_version_tag(name, "1", "checked", "yes")
    version = client.get_model_version(name, "1")
    return {
        "version": [version.version, version.current_stage, version.description, version.tags],
        "listed": [one.name for one in client.list_registered_models()],
        "latest": sorted(f"{one.version} {one.current_stage}" for one in client.get_latest_versions(name)),
        "searched": sorted(one.version for one in client.search_model_versions(f"name = '{name}'")),
        "uri": client.get_model_version_download_uri(name, "1") == f"{run.info.artifact_uri}/model",
    }


serve({act.__name__: act for act in (log, search, register)})
