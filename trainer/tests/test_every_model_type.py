import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from support import (
    TRAINER,
    evaluate_spec,
    events,
    make_table,
    run,
    start_python,
    train_spec,
    training_result,
    write_table,
)

from signalbox_trainer.artifacts.trust import read_mlmodel
from signalbox_trainer.models.model_types import MODEL_TYPES, trusted_types

CASES = [(name, task) for name, entry in MODEL_TYPES.items() for task in entry.tasks()]


@pytest.fixture(scope="module")
def fits(tmp_path_factory, small_table):
    """Every type trained twice, in two processes at the same time."""
    folders = [tmp_path_factory.mktemp("first"), tmp_path_factory.mktemp("second")]
    script = str(TRAINER / "tests" / "fit_every_type.py")
    started = [start_python([script, str(small_table), str(f)], cwd=f, with_trainer=True) for f in folders]
    for process in started:
        _, stderr = process.communicate(timeout=300)
        assert process.returncode == 0, stderr[-2000:]
    return folders


@pytest.fixture(scope="module")
def stock_predictions(fits, tmp_path_factory):
    folder = tmp_path_factory.mktemp("stock")
    table = write_table(make_table(200, seed=1), folder / "test_reference.parquet")
    models = [str(fits[0] / f"{name}-{task}" / "model") for name, task in CASES]
    script = str(TRAINER / "tests" / "predict_as_stock_client.py")
    process = start_python([script, str(table), *models], cwd=folder, with_trainer=False)
    stdout, stderr = process.communicate(timeout=300)
    assert process.returncode == 0, stderr[-3000:]
    return table, json.loads(stdout)


@pytest.mark.parametrize(("name", "task"), CASES)
def test_the_same_fit_in_another_process_has_the_same_canonical_digest(fits, name, task):
    first, second = (json.loads((folder / f"{name}-{task}" / "training.json").read_text()) for folder in fits)
    assert first["canonical_note"] is None
    assert first["canonical_digest"] == second["canonical_digest"]
    assert first["model_digest"] != second["model_digest"]
    assert first["metrics"] == second["metrics"]


@pytest.mark.parametrize(("name", "task"), CASES)
def test_a_stock_client_predicts_the_same_numbers_from_the_raw_file(fits, stock_predictions, tmp_path, name, task):
    table, predicted = stock_predictions
    trained = json.loads((fits[0] / f"{name}-{task}" / "train.json").read_text())
    spec = evaluate_spec(trained, table, tmp_path)
    assert run("evaluate", spec) == 0
    ours = pq.read_table(tmp_path / "reference.parquet")
    ids = pq.read_table(table, columns=["id"]).column("id").to_pylist()
    stock = dict(zip(ids, predicted[spec["model_dir"]], strict=True))
    column = "prediction" if task == "regression" else "predicted"
    expected = [stock[key] for key in ours.column("id").to_pylist()]
    assert ours.column(column).to_pylist() == (pytest.approx(expected, rel=1e-9) if task == "regression" else expected)


@pytest.mark.parametrize(("name", "task"), CASES)
def test_the_model_needs_no_more_trust_than_its_type_grants(fits, name, task):
    flavour = read_mlmodel(fits[0] / f"{name}-{task}" / "model")["flavors"]["sklearn"]
    assert flavour["serialization_format"] == "skops"
    assert flavour["skops_trusted_types"] == trusted_types(MODEL_TYPES[name])


def test_a_saved_model_names_no_path_or_registry(fits):
    for folder in fits[0].glob("*/model"):
        for path in folder.rglob("*"):
            content = path.read_bytes() if path.is_file() else b""
            assert str(fits[0]).encode() not in content
            assert str(TRAINER).encode() not in content
            assert b"://" not in content


@pytest.mark.parametrize(
    "name", ["gradient_boosting", "hist_gradient_boosting", "random_forest", "mlp", "lightgbm", "xgboost"]
)
def test_fitting_reports_progress_up_to_its_last_step(fits, name):
    spec = json.loads((fits[0] / f"{name}-regression" / "train.json").read_text())
    # Writing the model reports its own progress, where it takes long enough.
    last = [event for event in events(spec, "progress") if event["stage"] == "train"][-1]
    assert (last["done"], last["total"]) == (5, 5)


def test_two_evaluations_write_the_same_bytes(fits, small_table, tmp_path):
    trained = json.loads((fits[0] / "random_forest-multiclass" / "train.json").read_text())
    written = []
    for name in ("a", "b"):
        spec = evaluate_spec(trained, small_table, tmp_path / name)
        assert run("evaluate", spec) == 0
        written.append((tmp_path / name / "reference.parquet").read_bytes())
    assert written[0] == written[1]


def test_a_projects_own_model_travels_with_its_module(small_table, tmp_path):
    (tmp_path / "own_models.py").write_text(
        "from sklearn.base import BaseEstimator, RegressorMixin\n"
        "import numpy as np\n"
        "class Mean(RegressorMixin, BaseEstimator):\n"
        "    def __init__(self, shift=0.0):\n        self.shift = shift\n"
        "    def fit(self, X, y):\n        self.mean_ = float(np.mean(y))\n        return self\n"
        "    def predict(self, X):\n        return np.full(X.shape[0], self.mean_ + self.shift)\n"
        "def make(params, seed, task):\n    return Mean(**params)\n"
    )
    model = {"version": 1, "model": {"type": "python:own_models:make", "params": {"shift": 1.0}}, "seed": 1}
    spec = train_spec(small_table, tmp_path, model=model["model"]["type"])
    spec["model"] = model
    assert run("train", spec) == 0
    assert training_result(spec)["params"]["model.shift"] == "1.0"
    script = str(TRAINER / "tests" / "predict_as_stock_client.py")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    process = start_python([script, str(small_table), str(tmp_path / "model")], cwd=elsewhere, with_trainer=False)
    stdout, stderr = process.communicate(timeout=120)
    assert process.returncode == 0, stderr[-2000:]
    assert len(json.loads(stdout)[str(tmp_path / "model")]) == 400
    assert run("evaluate", evaluate_spec(spec, small_table, tmp_path / "scored")) == 0
    assert Path(tmp_path / "model" / "code" / "own_models.py").is_file()
