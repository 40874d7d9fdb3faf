"""Trains with PyTorch under an unmodified MLflow: `torch_client.py TRACKING_URI`."""

import os
import sys
import tempfile
import warnings

os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = "1"
warnings.filterwarnings("ignore")

import lightning
import mlflow
import numpy as np
import torch
from mlflow import MlflowClient
from mlflow.models import infer_signature
from torch.utils.data import DataLoader, TensorDataset

from lines import serve

mlflow.set_tracking_uri(sys.argv[1])
client = MlflowClient()


def table():
    """y = 3a - 2b + 1, with a little noise."""
    chance = torch.Generator().manual_seed(7)
    x = torch.rand((512, 2), generator=chance)
    noise = 0.01 * torch.randn((512, 1), generator=chance)
    return x, x @ torch.tensor([[3.0], [-2.0]]) + 1 + noise


def network():
    torch.manual_seed(7)
    return torch.nn.Sequential(torch.nn.Linear(2, 16), torch.nn.ReLU(), torch.nn.Linear(16, 1))


class Regression(lightning.LightningModule):
    def __init__(self):
        super().__init__()
        self.network = network()

    def forward(self, x):
        return self.network(x)

    def training_step(self, batch, _index):
        x, y = batch
        loss = torch.nn.functional.mse_loss(self(x), y)
        self.log("train_loss", loss, on_step=False, on_epoch=True)
        return loss

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=0.01)


def autolog(experiment, epochs):
    """What MLflow logs by itself while Lightning trains."""
    mlflow.set_experiment(experiment)
    mlflow.pytorch.autolog(log_every_n_epoch=1)
    with tempfile.TemporaryDirectory() as folder, mlflow.start_run() as run:
        trainer = lightning.Trainer(
            max_epochs=epochs, accelerator="cpu", default_root_dir=folder, logger=False, enable_progress_bar=False
        )
        trainer.fit(Regression(), DataLoader(TensorDataset(*table()), batch_size=64))
    mlflow.pytorch.autolog(disable=True)
    kept = client.get_run(run.info.run_id)
    losses = [point.value for point in client.get_metric_history(run.info.run_id, "train_loss")]
    return {
        "status": kept.info.status,
        "points": len(losses),
        "falls": losses[-1] < losses[0] / 2,
        "optimizer": kept.data.params.get("optimizer_name"),
    }


def register(experiment, name, steps):
    """A training loop of one's own, a model that is registered, and the same answers by every way to name it."""
    mlflow.set_experiment(experiment)
    x, y = table()
    model = network()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    with mlflow.start_run() as run:
        for step in range(steps):
            optimizer.zero_grad()
            loss = torch.nn.functional.mse_loss(model(x), y)
            loss.backward()
            optimizer.step()
            mlflow.log_metric("loss", loss.item(), step=step, synchronous=False)
        mlflow.flush_async_logging()
        model.eval()
        with torch.no_grad():
            expected = model(x).numpy()
        info = mlflow.pytorch.log_model(
            model, name="model", signature=infer_signature(x.numpy(), expected), registered_model_name=name
        )
    client.set_registered_model_alias(name, "champion", 1)
    uris = [f"models:/{name}/1", f"models:/{name}@champion", info.model_uri, f"runs:/{run.info.run_id}/model"]
    equal = []
    for uri in uris:
        with torch.no_grad():
            own = mlflow.pytorch.load_model(uri)(x).numpy()
        equal.append(bool(np.array_equal(own, expected)))
        equal.append(bool(np.allclose(mlflow.pyfunc.load_model(uri).predict(x.numpy()), expected, atol=1e-6)))
    history = client.get_metric_history(run.info.run_id, "loss")
    return {"equal": equal, "points": len(history), "falls": history[-1].value < history[0].value / 2}


serve({"autolog": autolog, "register": register})
