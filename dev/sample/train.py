"""Trains the sample models and writes them, with their metrics, recorded answers and replayable rows.

    python dev/sample/train.py

Every figure in metrics.json is measured on the ONNX file as it is served, not on the scikit-learn object before it.
"""

import json
import platform
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType, Int64TensorType
from sklearn.base import BaseEstimator, clone
from sklearn.ensemble import GradientBoostingRegressor, RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.metrics import accuracy_score, f1_score, log_loss, mean_absolute_error, r2_score, root_mean_squared_error
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tables import KINDS, Table, flights_table, kind_table, weather_days, weather_table

HERE = Path(__file__).parent
MODELS = HERE / "models"
SEED = 20150101
OPSETS = {"": 18, "ai.onnx.ml": 3}
WEATHER_SPLIT, WEATHER_BACKTEST, FLIGHTS_SPLIT = "2015-01-01", "2014-01-01", "2001-06-01"
FLIGHTS_TO_TRAIN_ON = 200_000


@dataclass(frozen=True)
class Version:
    """One version to train: which file, by what algorithm, from which table, to which outputs."""

    file: str
    algorithm: str
    estimator: BaseEstimator
    table: Table
    outputs: list[tuple[str, type]]
    split: str
    backtest: str | None = None
    at_most: int | None = None
    classes: list[str] = field(default_factory=list)


def versions() -> list[Version]:
    days = weather_days()
    weather, kind, flights = weather_table(days), kind_table(days), flights_table()
    temperature = [("temp_max", FloatTensorType)]
    minutes = [("delay", FloatTensorType)]
    classifier = [("label", Int64TensorType), ("probabilities", FloatTensorType)]
    forest = RandomForestRegressor(50, max_depth=6, min_samples_leaf=8, max_features=0.5, random_state=SEED)
    boosting = GradientBoostingRegressor(n_estimators=120, learning_rate=0.04, subsample=0.6, random_state=SEED)
    kinds = RandomForestClassifier(50, max_depth=5, min_samples_leaf=6, random_state=SEED)
    ridge = make_pipeline(StandardScaler(), Ridge(alpha=1.0))
    # Huber: a handful of flights is a day late, and squaring such errors would give them the whole model.
    robust = GradientBoostingRegressor(
        loss="huber", alpha=0.97, n_estimators=60, max_depth=4, min_samples_leaf=50, subsample=0.5, random_state=SEED
    )
    year = {"split": WEATHER_SPLIT, "backtest": WEATHER_BACKTEST}
    month = {"split": FLIGHTS_SPLIT, "at_most": FLIGHTS_TO_TRAIN_ON}
    return [
        Version("weather-v1", "linear regression", LinearRegression(), weather, temperature, **year),
        Version("weather-v2", "random forest, 50 trees, depth 6", forest, weather, temperature, **year),
        Version("weather-v3", "gradient boosting, 120 trees, depth 3", boosting, weather, temperature, **year),
        Version("weather-kind-v1", "random forest, 50 trees, depth 5", kinds, kind, classifier, classes=KINDS, **year),
        Version("delay-v1", "ridge regression", ridge, flights, minutes, **month),
        Version("delay-v2", "gradient boosting, 60 trees, depth 4", robust, flights, minutes, **month),
    ]


def thinned(table: Table, at_most: int | None) -> Table:
    if at_most is None or len(table.target) <= at_most:
        return table
    chosen = np.random.default_rng(SEED).choice(len(table.target), at_most, replace=False)
    return table.rows(np.sort(chosen))


def to_onnx(version: Version, estimator: BaseEstimator) -> bytes:
    """One input `features` [batch, n], and `batch` first in every output."""
    names = version.table.names
    proto = convert_sklearn(
        estimator,
        name=version.file,
        initial_types=[("features", FloatTensorType([None, len(names)]))],
        final_types=[(name, kind([None])) for name, kind in version.outputs],
        options={id(estimator): {"zipmap": False}} if version.classes else None,
        target_opset=OPSETS,
    )
    # The converter lowers the opsets to what it used and lists them in the order of a hash table; both are fixed here,
    # so that the same training gives the same bytes. The operators used are the same in these opsets.
    del proto.opset_import[:]
    proto.opset_import.extend(onnx.helper.make_opsetid(domain, number) for domain, number in OPSETS.items())
    name_dimensions(proto, version)
    describe(proto, version)
    onnx.checker.check_model(proto)
    return proto.SerializeToString(deterministic=True)


def name_dimensions(proto: onnx.ModelProto, version: Version) -> None:
    """States every shape in full: the converter leaves some outputs without one."""
    widths = {"features": len(version.table.names), "probabilities": len(version.classes), "label": None}
    for value in [*proto.graph.input, *proto.graph.output]:
        width = widths.get(value.name, 1)
        shape = value.type.tensor_type.shape
        del shape.dim[:]
        shape.dim.add().dim_param = "batch"
        if width is not None:
            shape.dim.add().dim_value = width


def describe(proto: onnx.ModelProto, version: Version) -> None:
    about = {"algorithm": version.algorithm, "features": ",".join(version.table.names)}
    if version.classes:
        about["classes"] = ",".join(version.classes)
    onnx.helper.set_model_props(proto, about)


def run(model: bytes, features: np.ndarray) -> dict[str, np.ndarray]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, {"features": features}), strict=True))


def check_conversion(estimator: BaseEstimator, model: bytes, test: Table) -> None:
    """Refuses an ONNX file that does not answer as the estimator did, for every row of the test period."""
    answer = run(model, test.features)
    if "probabilities" in answer:
        np.testing.assert_allclose(answer["probabilities"], estimator.predict_proba(test.features), atol=1e-4)
    else:
        (column,) = answer.values()
        np.testing.assert_allclose(column[:, 0], estimator.predict(test.features), atol=1e-2)


def rounded(figures: dict[str, float]) -> dict[str, float]:
    return {name: round(float(figure), 4) for name, figure in figures.items()}


def errors(truth: np.ndarray, answer: np.ndarray) -> dict[str, float]:
    mae, rmse = mean_absolute_error(truth, answer), root_mean_squared_error(truth, answer)
    return rounded({"mae": mae, "rmse": rmse, "r2": r2_score(truth, answer)})


def hits(truth: np.ndarray, label: np.ndarray) -> dict[str, float]:
    f1 = f1_score(truth, label, average="macro", labels=np.unique(truth), zero_division=0)
    return rounded({"accuracy": accuracy_score(truth, label), "macro_f1": f1})


def gain(truth: np.ndarray, answer: np.ndarray, baseline: np.ndarray) -> dict[str, float]:
    """By how much the MAE is under the baseline's, with its 95 % interval (bootstrap over weeks)."""
    saved = np.abs(baseline - truth) - np.abs(answer - truth)
    dice, week = np.random.default_rng(SEED), np.arange(7)
    starts = dice.integers(0, len(saved) - 6, size=(4000, len(saved) // 7))
    means = saved[starts[:, :, None] + week].mean(axis=(1, 2))
    low, high = np.percentile(means, [2.5, 97.5])
    return rounded({"mae": saved.mean(), "low": low, "high": high})


def judge(version: Version, train: Table, test: Table, model: bytes) -> dict:
    answer = run(model, test.features)
    if version.classes:
        probable = rounded({"log_loss": log_loss(test.target, answer["probabilities"], labels=range(len(KINDS)))})
        today = np.argmax(np.stack([test.column(f"is_{kind}") for kind in KINDS]), axis=0)
        return {
            "metrics": hits(test.target, answer["label"]) | probable,
            "baselines": {
                "persistence": hits(test.target, today),
                "most_frequent": hits(test.target, np.full(len(test.target), np.bincount(train.target).argmax())),
            },
        }
    (column,) = answer.values()
    sure = {}
    if "temp_max" in answer:
        baselines = {"persistence": test.column("temp_max")}
        sure = {"gain_over_persistence": gain(test.target, column[:, 0], baselines["persistence"])}
    else:
        # The mean answers the same question as the models (the expected delay); the median is the constant that
        # has the smallest MAE of all, so it is the harder one to beat there.
        baselines = {"mean": np.full(len(test.target), train.target.mean())}
        baselines["median"] = np.full(len(test.target), np.median(train.target))
    return {
        "metrics": errors(test.target, column[:, 0]),
        "baselines": {name: errors(test.target, guess) for name, guess in baselines.items()},
        **sure,
    }


def period(table: Table) -> dict:
    return {"rows": len(table.target), "from": str(table.starts.iloc[0]), "to": str(table.starts.iloc[-1])}


def train_and_judge(version: Version, split: str, until: str | None) -> tuple[bytes, Table, dict]:
    train, test = version.table.split(split)
    if until is not None:
        test = test.rows(np.flatnonzero(test.known < until))
    train = thinned(train, version.at_most)
    estimator = clone(version.estimator).fit(train.features, train.target)
    model = to_onnx(version, estimator)
    check_conversion(estimator, model, test)
    return model, test, {"train": period(train), "test": period(test)} | judge(version, train, test, model)


def shortest(values: np.ndarray) -> list:
    """float32 values in the fewest decimal digits that read back as the same float32."""
    if values.dtype != np.float32:
        return values.tolist()
    short = [float(str(value)) for value in values.ravel()]
    assert np.array_equal(np.array(short, np.float32), values.ravel())
    return np.array(short).reshape(values.shape).tolist()


def tensor(values: np.ndarray) -> dict:
    datatype = {"float32": "FP32", "int64": "INT64"}[values.dtype.name]
    return {"datatype": datatype, "shape": list(values.shape), "data": shortest(values.ravel())}


def recorded(version: Version, model: bytes, test: Table) -> dict:
    rows = test.features[np.linspace(0, len(test.target) - 1, 5).astype(int)]
    answers = {name: tensor(values) for name, values in run(model, rows).items()}
    return {"file": f"{version.file}.onnx", "inputs": {"features": tensor(rows)}, "outputs": answers}


def traffic(test: Table, rows: np.ndarray) -> dict:
    """Rows of the test period in order, and what came true, so that a monitor has something to compare with."""
    chosen = test.rows(rows)
    return {
        "features": chosen.names,
        "at": [str(moment) for moment in chosen.starts],
        "rows": shortest(chosen.features),
        "actual": chosen.target.tolist(),
    }


def write(path: Path, content: dict, indent: int | None = None) -> None:
    separators = None if indent else (",", ":")
    path.write_text(json.dumps(content, indent=indent, separators=separators) + "\n")
    print(f"{path.relative_to(HERE)}  {path.stat().st_size:,} bytes")


def libraries() -> dict[str, str]:
    names = [line.split("==")[0] for line in (HERE / "requirements.txt").read_text().split()]
    return {"python": platform.python_version()} | {name: version(name) for name in names}


def main() -> None:
    MODELS.mkdir(exist_ok=True)
    figures, answers, replay = {}, {}, {}
    for each in versions():
        model, test, report = train_and_judge(each, each.split, None)
        (MODELS / f"{each.file}.onnx").write_bytes(model)
        names = {"features": each.table.names} | ({"classes": each.classes} if each.classes else {})
        figures[each.file] = {"algorithm": each.algorithm} | names | {"bytes": len(model)} | report
        if each.backtest is not None:
            figures[each.file]["backtest"] = train_and_judge(each, each.backtest, each.split)[2]
        answers[each.file] = recorded(each, model, test)
        name = each.file.rsplit("-", 1)[0]
        # Days follow one another; of half a million flights, every so many.
        spread = np.arange(200) if each.at_most is None else np.linspace(0, len(test.target) - 1, 200).astype(int)
        replay.setdefault(name, traffic(test, spread))
        print(each.file, report["metrics"], report["baselines"])
    about = {"seed": SEED, "opsets": OPSETS, "libraries": libraries()}
    write(MODELS / "metrics.json", about | {"models": figures}, indent=2)
    write(MODELS / "expected.json", answers)
    write(HERE / "replay.json", replay)


if __name__ == "__main__":
    main()
