import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support import events, failure, make_table, run, train_spec, training_result, write_table

from signalbox_trainer.artifacts.digests import digest_of, sha256_of


@pytest.fixture
def spec(small_table, tmp_path):
    return train_spec(small_table, tmp_path)


@pytest.fixture
def fitting(tmp_path):
    """A specification whose train table was first changed by a function."""

    def make(change, **options):
        table = change(make_table(60))
        return train_spec(write_table(table, tmp_path / "changed.parquet"), tmp_path / "out", **options)

    return make


def test_training_writes_a_model_and_a_result_that_names_its_files(spec):
    assert run("train", spec) == 0
    result = training_result(spec)
    model = Path(spec["output_dir"]) / "model"
    assert {file["path"] for file in result["files"]} >= {"MLmodel", "model.skops", "requirements.txt"}
    assert all(sha256_of(model / file["path"]) == file["sha256"] for file in result["files"])
    assert result["model_digest"] == digest_of({file["path"]: file["sha256"] for file in result["files"]})
    assert (result["model_type"], result["trained_rows"]) == ("ridge", 400)
    assert result["features"][:3] == ["wind speed", "distance", "seats"]
    assert result["peak_memory_bytes"] > 10**7
    assert result["params"]["feature.numeric_1.scale"] == "standard"
    assert result["params"]["model.alpha"] == "1.0"
    assert all(isinstance(value, str) for value in result["params"].values())


def test_requirements_pin_the_installed_versions(spec):
    import sklearn

    run("train", spec)
    pins = (Path(spec["output_dir"]) / "model" / "requirements.txt").read_text().splitlines()
    assert "mlflow==3.17.2" in pins
    assert f"scikit-learn=={sklearn.__version__}" in pins
    assert all("==" in pin for pin in pins)


def test_events_have_phases_params_metrics_and_the_result_in_order_of_time(spec):
    run("train", spec)
    assert [event["name"] for event in events(spec, "phase")] == ["load", "fit", "score", "save", "digest"]
    assert {event["key"] for event in events(spec, "metric")} >= {"train_rmse", "train_mae", "train_r2"}
    assert {event["key"] for event in events(spec, "param")} >= {"model_type", "seed", "sklearn_version"}
    times = [json.loads(line)["time"] for line in Path(spec["events_path"]).read_text().splitlines()]
    assert times == sorted(times)
    assert events(spec, "result")[0]["model_digest"] == training_result(spec)["model_digest"]


def test_a_second_attempt_replaces_the_output_of_the_first(spec):
    left = Path(spec["output_dir"]) / "model" / "left over"
    left.parent.mkdir()
    left.write_text("half")
    assert run("train", spec) == 0
    assert not left.exists()


def test_the_example_is_json_that_any_language_can_read(spec):
    run("train", spec)
    text = (Path(spec["output_dir"]) / "model" / "input_example.json").read_text()
    json.loads(text, parse_constant=lambda constant: pytest.fail(constant))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.assign(y=np.where(t.index == 3, np.nan, t.y)), "null or NaN in 1 of 60"),
        (lambda t: t.assign(y=np.where(t.index == 3, np.inf, t.y)), "infinite in 1 of 60"),
        (lambda t: t.assign(y=2.0), "constant in the train set (2)"),
        (lambda t: t.assign(**{"wind speed": np.nan}), "no imputer: wind speed"),
        (lambda t: t.assign(**{"wind speed": -np.inf}), "infinite values: wind speed"),
        (lambda t: t.drop(columns=["größe"]), "Columns missing from changed.parquet: größe"),
        (lambda t: t.assign(distance="far"), "'distance' doesn't hold values of type int"),
    ],
)
def test_a_table_that_cannot_be_fitted_on_is_refused_with_the_reason(fitting, change, message):
    error = failure("train", fitting(change))
    assert error["code"] == "training/schema-mismatch"
    assert message in error["message"]
    assert error["hint"]


def test_an_empty_train_set_is_refused(fitting):
    assert failure("train", fitting(lambda t: t.head(0)))["code"] == "splits/empty-side"


def test_a_truncated_table_is_refused(fitting):
    spec = fitting(lambda t: t)
    path = Path(spec["train_path"])
    path.write_bytes(path.read_bytes()[:-100])
    assert failure("train", spec)["code"] == "files/io"


def test_a_binary_target_with_three_classes_is_refused(fitting):
    error = failure("train", fitting(lambda t: t.assign(late=t.band), task="binary"))
    assert "has 3 in the train set" in error["message"]


def test_an_unknown_positive_class_is_refused(fitting):
    error = failure("train", fitting(lambda t: t, model="logistic_regression", task="binary", positive_class="maybe"))
    assert "positive class 'maybe'" in error["message"]


def test_out_of_memory_has_its_own_error(spec, monkeypatch):
    def no_memory(*_):
        raise MemoryError("Unable to allocate 3 GiB")

    monkeypatch.setattr("signalbox_trainer.fitting.training.load_train", no_memory)
    assert failure("train", spec)["code"] == "jobs/out-of-memory"


def test_a_dense_matrix_that_cannot_fit_is_refused_before_it_is_made(spec, monkeypatch):
    monkeypatch.setattr("signalbox_trainer.fitting.training.available_bytes", lambda: 1000)
    spec["model"]["model"]["type"] = "hist_gradient_boosting"
    error = failure("train", spec)
    assert error["code"] == "training/not-enough-memory"
    assert "GiB" in error["message"]


def test_high_cardinality_text_stays_sparse_for_a_linear_model(fitting):
    spec = fitting(lambda t: t.assign(dest=[f"row {i}" for i in range(len(t))]))
    spec["feature"]["categorical"] = [{"columns": ["dest", "carrier"], "encode": "onehot"}]
    assert run("train", spec) == 0


@pytest.mark.parametrize("labels", [[0, 1], [True, False], [2.0, 5.0]])
def test_labels_of_every_type_can_be_predicted(tmp_path, labels):
    table = make_table(60)
    table["late"] = np.where(table.y > 0, labels[1], labels[0])
    kind = {int: "int", bool: "bool", float: "float"}[type(labels[0])]
    spec = train_spec(write_table(table, tmp_path / "t.parquet"), tmp_path, model="xgboost", task="binary")
    spec["contract"]["columns"]["late"]["type"] = kind
    assert run("train", spec) == 0


def test_warnings_of_the_fit_are_events(fitting):
    spec = fitting(lambda t: t, model="mlp")
    assert run("train", spec) == 0
    assert any("ConvergenceWarning" in event["message"] for event in events(spec, "warning"))


def test_a_dotted_feature_of_a_struct_column_is_trained_on(tmp_path):
    table = make_table(60).assign(weather=[{"temp": float(i)} for i in range(60)])
    spec = train_spec(write_table(table, tmp_path / "t.parquet"), tmp_path)
    spec["contract"]["columns"]["weather.temp"] = {"type": "float", "non_nullable": True}
    spec["feature"] = {"version": 1, "numeric": [{"columns": ["weather.temp"]}]}
    assert run("train", spec) == 0
    assert pd.read_parquet(spec["train_path"]).columns[-1] == "weather"
