import json
import math
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import yaml
from support import evaluate_spec, events, failure, make_table, run, train_spec, training_result, write_table

from signalbox_trainer.artifacts.digests import list_files, model_digest, sha256_of
from signalbox_trainer.evaluating.predictions import key_column


@pytest.fixture(scope="module")
def trained(small_table, tmp_path_factory):
    specs = {}
    for task, model in {"regression": "ridge", "binary": "logistic_regression", "multiclass": "decision_tree"}.items():
        specs[task] = train_spec(small_table, tmp_path_factory.mktemp(task), model, task)
        assert run("train", specs[task]) == 0
    return specs


def scored(trained, task, table, out, **changes):
    spec = evaluate_spec(trained[task], table, out, **changes)
    assert run("evaluate", spec) == 0
    return pq.read_table(out / "reference.parquet"), json.loads((out / "evaluation.json").read_text())


def test_a_regression_has_predictions_and_losses_by_key(trained, small_table, tmp_path):
    table, result = scored(trained, "regression", small_table, tmp_path)
    assert table.column_names == ["id", "target", "prediction", "squared_error", "absolute_error"]
    assert table.column("id").to_pylist() == sorted(table.column("id").to_pylist())
    rmse = math.sqrt(np.mean(table.column("squared_error").to_numpy()))
    assert rmse == pytest.approx(training_result(trained["regression"])["metrics"]["train_rmse"])
    [reference] = result["sets"]
    assert reference["rows"] == 400
    assert reference["sha256"] == sha256_of(tmp_path / "reference.parquet")


def test_a_binary_model_has_the_probability_of_the_positive_class(trained, small_table, tmp_path):
    table, result = scored(trained, "binary", small_table, tmp_path / "a", positive_class="no")
    other, _ = scored(trained, "binary", small_table, tmp_path / "b")
    assert table.column_names == ["id", "target", "probability", "predicted", "log_loss", "is_error"]
    assert result["sets"][0]["classes"] == ["yes", "no"]
    assert json.loads(table.schema.metadata[b"signalbox.classes"]) == ["yes", "no"]
    np.testing.assert_allclose(table.column("probability"), 1 - other.column("probability").to_numpy())
    np.testing.assert_allclose(table.column("log_loss"), other.column("log_loss"))
    metrics = training_result(trained["binary"])["metrics"]
    assert np.mean(table.column("log_loss").to_numpy()) == pytest.approx(metrics["train_log_loss"])
    assert 1 - np.mean(table.column("is_error").to_numpy(zero_copy_only=False)) == pytest.approx(
        metrics["train_accuracy"]
    )


def test_a_multiclass_model_has_a_probability_per_class_in_class_order(trained, small_table, tmp_path):
    table, result = scored(trained, "multiclass", small_table, tmp_path)
    names = ["id", "target", "probability_0", "probability_1", "probability_2", "predicted", "log_loss", "is_error"]
    assert table.column_names == names
    assert result["sets"][0]["classes"] == ["low", "mid", "top"]
    total = sum(table.column(f"probability_{k}").to_numpy() for k in range(3))
    np.testing.assert_allclose(total, 1)


def test_a_class_that_training_never_saw_counts_as_an_error_and_is_named(trained, tmp_path):
    frame = make_table(50)
    frame.loc[frame["id"] == 7, "band"] = "extreme"
    path = write_table(frame, tmp_path / "unseen.parquet")
    table, result = scored(trained, "multiclass", path, tmp_path / "out")
    row = table.slice(7, 1).to_pylist()[0]
    assert (row["target"], row["is_error"]) == ("extreme", True)
    assert row["log_loss"] == pytest.approx(-math.log(1e-15))
    assert result["sets"][0]["unseen_classes"] == {"extreme": 1}
    assert "extreme" in events({"events_path": str(tmp_path / "out" / "events.jsonl")}, "warning")[0]["message"]


def test_unknown_categories_and_nulls_are_predicted(trained, tmp_path):
    frame = make_table(30).assign(carrier="new", dest="new", note=None, seats=None)
    table, _ = scored(trained, "regression", write_table(frame, tmp_path / "odd.parquet"), tmp_path / "out")
    assert np.isfinite(table.column("prediction").to_numpy()).all()


def test_chunks_do_not_change_the_predictions(trained, small_table, tmp_path, monkeypatch):
    whole, _ = scored(trained, "regression", small_table, tmp_path / "whole")
    monkeypatch.setattr("signalbox_trainer.evaluating.evaluation.CHUNK_ROWS", 7)
    chunked, _ = scored(trained, "regression", small_table, tmp_path / "chunked")
    np.testing.assert_allclose(whole.column("prediction"), chunked.column("prediction"), rtol=1e-12)
    assert events({"events_path": str(tmp_path / "chunked" / "events.jsonl")}, "progress")[-1]["done"] == 400


def test_evaluation_does_not_change_the_model_folder(trained, small_table, tmp_path):
    scored(trained, "regression", small_table, tmp_path)
    model = Path(trained["regression"]["output_dir"]) / "model"
    assert model_digest(list_files(model)) == training_result(trained["regression"])["model_digest"]


@pytest.fixture
def copy(trained, small_table, tmp_path):
    """A separate model that a test can tamper with, and its specification."""
    spec = train_spec(small_table, tmp_path / "model")
    assert run("train", spec) == 0
    return Path(spec["output_dir"]) / "model", evaluate_spec(spec, small_table, tmp_path / "out")


def ask_for_trust(model, types, **flavour):
    path = model / "MLmodel"
    document = yaml.safe_load(path.read_text())
    document["flavors"]["sklearn"]["skops_trusted_types"] += types
    document["flavors"]["sklearn"].update(flavour)
    path.write_text(yaml.safe_dump(document))


def test_a_changed_model_is_not_loaded(copy):
    model, spec = copy
    with (model / "code" / "signalbox_transformers" / "columns.py").open("a") as file:
        file.write("\n")
    error = failure("evaluate", spec)
    assert error["code"] == "evaluation/model-changed"
    assert error["details"]["expected"] == spec["expected_digest"]


def test_a_model_cannot_grant_itself_trust(copy):
    model, spec = copy
    ask_for_trust(model, ["os.system"])
    spec["expected_digest"] = model_digest(list_files(model))
    error = failure("evaluate", spec)
    assert (error["code"], error["details"]["types"]) == ("evaluation/model-untrusted", ["os.system"])


def test_a_pickled_model_needs_explicit_trust(copy):
    model, spec = copy
    ask_for_trust(model, [], serialization_format="pickle")
    spec["expected_digest"] = model_digest(list_files(model))
    assert failure("evaluate", spec)["code"] == "evaluation/model-untrusted"


def test_a_model_of_unknown_origin_needs_explicit_trust(copy):
    _, spec = copy
    del spec["expected_digest"]
    assert failure("evaluate", spec)["code"] == "evaluation/model-untrusted"
    spec["explicit_trust"] = True
    assert run("evaluate", spec) == 0


def test_a_missing_column_of_a_test_is_named(copy, tmp_path):
    _, spec = copy
    path = write_table(make_table(20).drop(columns=["dest"]), tmp_path / "less.parquet")
    spec["sets"][0]["path"] = str(path)
    assert "dest" in failure("evaluate", spec)["message"]


def test_check_model_predicts_the_example(copy, capsys, tmp_path):
    model, spec = copy
    fields = {key: spec[key] for key in ("schema", "model_type", "model_dir", "expected_digest", "events_path")}
    assert run("check-model", fields) == 0
    answer = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (answer["loaded"], answer["has_signature"], answer["rows"], len(answer["predictions"])) == (True, True, 5, 5)
    (model / "MLmodel").write_text("broken")
    assert run("check-model", fields) == 1
    assert json.loads(capsys.readouterr().err)["code"] == "evaluation/model-changed"


def test_a_key_never_has_the_name_of_a_prediction():
    names = ["id", "Target", "key:target", "probability_3", "probability_x", "key:id"]
    stored = [key_column(name) for name in names]
    assert stored == ["id", "key:Target", "key:key:target", "key:probability_3", "probability_x", "key:id"]
