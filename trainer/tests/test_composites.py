import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import yaml
from sklearn.base import is_classifier, is_regressor
from support import (
    TRAINER,
    evaluate_spec,
    events,
    failure,
    make_table,
    run,
    start_python,
    train_spec,
    training_result,
    write_table,
)

from signalbox_trainer.artifacts.digests import list_files, model_digest
from signalbox_trainer.artifacts.trust import load_trusted, read_mlmodel

PARTS = {"regression": ("ridge", "decision_tree"), "binary": ("logistic_regression", "decision_tree")}
NARROW = {"version": 1, "numeric": [{"columns": ["distance"]}]}


def member(spec):
    result = training_result(spec)
    return {
        "model_dir": str(Path(spec["output_dir"]) / "model"),
        "model_type": result["model_type"],
        "expected_digest": result["model_digest"],
    }


def model_schema(name, params):
    return {"version": 1, "model": {"type": name, "params": params}, "seed": 7}


@pytest.fixture(scope="module")
def parts(small_table, tmp_path_factory):
    """Two fitted models per task; the second reads fewer columns."""
    found = {}
    for task, names in PARTS.items():
        for name in names:
            out = tmp_path_factory.mktemp(f"{name}-{task}")
            spec = train_spec(small_table, out, name, task)
            spec["model"] = model_schema(name, {})
            if name == "decision_tree":
                spec["model"]["model"]["params"] = {"max_depth": 4}
                spec["feature"] = {"version": 1, "numeric": [{"columns": ["wind speed", "distance"]}]}
            assert run("train", spec) == 0
            found[(task, name)] = spec
    return found


def held_out(table, path, task):
    """Predictions as an assessment writes them: not perfect, and none for the first rows."""
    frame = pd.read_parquet(table)
    rng = np.random.default_rng(3)
    noise = rng.normal(size=len(frame)) * 0.8
    prediction = frame.y + noise if task == "regression" else 1 / (1 + np.exp(-(frame.y + noise)))
    prediction = prediction.where(frame.index >= 10)
    pd.DataFrame({"prediction": prediction}).to_parquet(path)
    return path


def stacked_spec(parts, table, out, task, **changes):
    out.mkdir(parents=True, exist_ok=True)
    first, second = PARTS[task]
    oof = held_out(table, out / "oof.parquet", task)
    stacking = {**member(parts[(task, first)]), "oof_path": str(oof)}
    spec = train_spec(table, out, task=task, feature=NARROW, stacking=stacking, **changes)
    return {**spec, "model": model_schema(second, {"max_depth": 3})}


def ensemble_spec(parts, table, out, task, predictions=None, **changes):
    out.mkdir(parents=True, exist_ok=True)
    frame = pd.read_parquet(table)
    target = frame.y if task == "regression" else (frame.late == "yes").astype(float)
    rng = np.random.default_rng(5)
    if predictions is None:
        wide = 0.5 if task == "regression" else 0.2
        found = [target + rng.normal(size=len(frame)) * wide * size for size in (1.0, 2.0)]
        predictions = found if task == "regression" else [p.clip(0.01, 0.99) for p in found]
    oof = pd.DataFrame({"target": target, "p0": predictions[0], "p1": predictions[1]})
    oof.to_parquet(out / "oof.parquet")
    members = [member(parts[(task, name)]) for name in PARTS[task]]
    block = {"members": members, "oof_path": str(out / "oof.parquet")}
    spec = train_spec(table, out, task=task, ensemble=block, **changes)
    del spec["model"], spec["feature"]
    return spec


SPECS = {"stacked": stacked_spec, "ensemble": ensemble_spec}
CASES = [(kind, task) for kind in SPECS for task in PARTS]


@pytest.fixture(scope="module")
def composites(parts, small_table, tmp_path_factory):
    found = {}
    for kind, task in CASES:
        found[(kind, task)] = SPECS[kind](parts, small_table, tmp_path_factory.mktemp(kind), task)
        assert run("train", found[(kind, task)]) == 0
    return found


def scored(spec, table, out, **changes):
    named = {**spec, "model": {"model": {"type": training_result(spec)["model_type"]}}}
    asked = evaluate_spec(named, table, out, **changes)
    assert run("evaluate", asked) == 0
    return pq.read_table(out / "reference.parquet"), asked


def loaded(spec):
    asked = member(spec)
    return load_trusted(
        Path(asked["model_dir"]),
        asked["model_type"],
        expected=asked["expected_digest"],
        is_explicitly_trusted=False,
    )


def test_a_composite_is_named_after_its_parts(composites):
    names = {case: training_result(spec)["model_type"] for case, spec in composites.items()}
    assert names == {
        ("stacked", "regression"): "stacked(ridge,decision_tree)",
        ("stacked", "binary"): "stacked(logistic_regression,decision_tree)",
        ("ensemble", "regression"): "ensemble(ridge,decision_tree)",
        ("ensemble", "binary"): "ensemble(logistic_regression,decision_tree)",
    }
    for spec in composites.values():
        assert training_result(spec)["params"]["model_type"] == training_result(spec)["model_type"]


@pytest.mark.parametrize(("kind", "task"), CASES)
def test_a_stock_client_predicts_what_evaluating_does(composites, tmp_path, kind, task):
    spec = composites[(kind, task)]
    table = write_table(make_table(100, seed=1), tmp_path / "test.parquet")
    model = str(Path(spec["output_dir"]) / "model")
    script = str(TRAINER / "tests" / "predict_as_stock_client.py")
    process = start_python([script, str(table), model], cwd=tmp_path, with_trainer=False)
    stdout, stderr = process.communicate(timeout=300)
    assert process.returncode == 0, stderr[-3000:]
    ours, _ = scored(spec, table, tmp_path / "out")
    stock = dict(zip(make_table(100, seed=1).id, json.loads(stdout)[model], strict=True))
    expected = [stock[key] for key in ours.column("id").to_pylist()]
    column = "prediction" if task == "regression" else "predicted"
    assert ours.column(column).to_pylist() == (pytest.approx(expected, rel=1e-9) if task == "regression" else expected)


@pytest.mark.parametrize(("kind", "task"), CASES)
def test_the_same_parts_combined_again_have_the_same_canonical_digest(
    composites, parts, small_table, tmp_path, kind, task
):
    again = SPECS[kind](parts, small_table, tmp_path, task)
    assert run("train", again) == 0
    first, second = training_result(composites[(kind, task)]), training_result(again)
    assert first["canonical_digest"] == second["canonical_digest"]
    assert first["metrics"] == second["metrics"]


@pytest.mark.parametrize(("kind", "task"), CASES)
def test_a_composite_is_a_scikit_learn_estimator_of_its_parts_kind(composites, kind, task):
    model = loaded(composites[(kind, task)])
    table = make_table(30, seed=2)
    assert (is_classifier(model), is_regressor(model)) == (task == "binary", task == "regression")
    assert hasattr(model, "predict_proba") == hasattr(model, "classes_") == (task == "binary")
    if task == "binary":
        probabilities = model.predict_proba(table)
        np.testing.assert_allclose(probabilities.sum(axis=1), 1)
        np.testing.assert_array_equal(model.predict(table), model.classes_[probabilities.argmax(axis=1)])


def test_a_stacked_model_feeds_its_first_models_prediction_to_the_second(composites):
    table = make_table(30, seed=2)
    for task in PARTS:
        model = loaded(composites[("stacked", task)])
        found = model.first.predict_proba(table)[:, 1] if task == "binary" else model.first.predict(table)
        np.testing.assert_array_equal(
            model.predict(table), model.second.predict(table.assign(stage_1_prediction=found))
        )


def test_the_first_model_has_the_positive_class_of_the_specification(parts, small_table, tmp_path):
    spec = stacked_spec(parts, small_table, tmp_path, "binary", positive_class="no")
    assert run("train", spec) == 0
    assert loaded(spec).positive == 0


def test_rows_without_a_held_out_prediction_are_excluded_from_the_fit(composites):
    result = training_result(composites[("stacked", "regression")])
    assert result["trained_rows"] == 390
    assert "stage_1_prediction" not in result["features"]
    assert result["features"][0] == "distance"
    assert "carrier" in result["features"]
    assert result["params"]["stacking_0_model_type"] == "ridge"


@pytest.mark.parametrize("task", list(PARTS))
def test_the_better_member_weighs_more_and_the_weights_are_logged(composites, task):
    spec = composites[("ensemble", task)]
    params = training_result(spec)["params"]
    weights = [float(params[f"ensemble_weight_{number}"]) for number in range(2)]
    assert sum(weights) == pytest.approx(1)
    assert weights[0] > weights[1] >= 0
    assert {"ensemble_weight_0", "ensemble_weight_1"} <= {event["key"] for event in events(spec, "param")}
    assert loaded(spec).weights == weights


@pytest.mark.parametrize("kind", list(SPECS))
def test_the_logged_metrics_are_those_of_the_composite_on_its_train_rows(composites, small_table, tmp_path, kind):
    spec = composites[(kind, "regression")]
    table = write_table(pd.read_parquet(small_table).iloc[10 if kind == "stacked" else 0 :], tmp_path / "t.parquet")
    ours, _ = scored(spec, table, tmp_path / "out")
    rmse = np.sqrt(np.mean(ours.column("squared_error").to_numpy()))
    assert training_result(spec)["metrics"]["train_rmse"] == pytest.approx(rmse)


@pytest.mark.parametrize(("kind", "task"), CASES)
def test_checking_a_composite_predicts_its_example(composites, capsys, tmp_path, kind, task):
    fields = {"schema": 1, **member(composites[(kind, task)]), "events_path": str(tmp_path / "events.jsonl")}
    assert run("check-model", fields) == 0
    answer = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (answer["loaded"], answer["has_signature"], len(answer["predictions"])) == (True, True, 5)


@pytest.mark.parametrize(
    ("name", "task", "code"),
    [
        ("stacked(ridge,mlp)", "regression", None),
        ("stacked(ridge,mlp)", "binary", "training/invalid-params"),
        ("ensemble(ridge,rigde)", "regression", "training/unknown-model"),
    ],
)
def test_a_composites_parts_are_checked_before_a_job_starts(tmp_path, capsys, name, task, code):
    model = {"version": 1, "model": {"type": name, "params": {}}}
    fields = {"schema": 1, "model": model, "task": task, "project_dir": str(tmp_path)}
    status = run("inspect", {**fields, "events_path": str(tmp_path / "events.jsonl")})
    out, err = capsys.readouterr()
    if code is None:
        assert (status, json.loads(out)["checked"]) == (0, name)
    else:
        assert (status, json.loads(err)["code"]) == (1, code)


def test_a_composite_cannot_be_trained_by_its_name(small_table, tmp_path):
    error = failure("train", train_spec(small_table, tmp_path, "stacked(ridge,mlp)"))
    assert error["code"] == "training/invalid-params"


def test_an_edited_list_of_trusted_types_is_refused(parts, small_table, tmp_path):
    spec = stacked_spec(parts, small_table, tmp_path, "regression")
    assert run("train", spec) == 0
    path = Path(spec["output_dir"]) / "model" / "MLmodel"
    document = yaml.safe_load(path.read_text())
    document["flavors"]["sklearn"]["skops_trusted_types"].append("sklearn.tree._tree.Forest")
    path.write_text(yaml.safe_dump(document))
    named = {**spec, "model": {"model": {"type": training_result(spec)["model_type"]}}}
    asked = evaluate_spec(named, small_table, tmp_path / "out")
    assert failure("evaluate", asked)["code"] == "evaluation/model-changed"
    asked = evaluate_spec(named, small_table, tmp_path / "again", expected_digest=model_digest(list_files(path.parent)))
    error = failure("evaluate", asked)
    assert (error["code"], error["details"]["types"]) == ("evaluation/model-untrusted", ["sklearn.tree._tree.Forest"])


def test_a_composite_needs_the_types_of_its_parts_and_no_more(composites):
    for (kind, _), spec in composites.items():
        flavour = read_mlmodel(Path(spec["output_dir"]) / "model")["flavors"]["sklearn"]
        own = [name for name in flavour["skops_trusted_types"] if ".composites." in name]
        assert own == [
            f"signalbox_transformers.composites.{'StackedModel' if kind == 'stacked' else 'WeightedEnsemble'}"
        ]


def test_an_ensemble_may_contain_a_stacked_model(composites, parts, small_table, tmp_path):
    spec = ensemble_spec(parts, small_table, tmp_path, "regression")
    spec["ensemble"]["members"][1] = member(composites[("stacked", "regression")])
    assert run("train", spec) == 0
    assert training_result(spec)["model_type"] == "ensemble(ridge,stacked(ridge,decision_tree))"
    ours, _ = scored(spec, small_table, tmp_path / "out")
    assert ours.num_rows == 400


def test_a_member_that_was_changed_is_refused(parts, small_table, tmp_path):
    spec = ensemble_spec(parts, small_table, tmp_path, "regression")
    spec["ensemble"]["members"][0]["expected_digest"] = "0" * 64
    assert failure("train", spec)["code"] == "evaluation/model-changed"


def test_a_member_fitted_with_other_transformers_is_refused(small_table, parts, tmp_path):
    old = train_spec(small_table, tmp_path / "old")
    assert run("train", old) == 0
    copied = tmp_path / "old" / "model" / "code" / "signalbox_transformers" / "columns.py"
    copied.write_text(copied.read_text() + "\n# as it was last year\n")
    spec = stacked_spec(parts, small_table, tmp_path / "new", "regression")
    digest = model_digest(list_files(tmp_path / "old" / "model"))
    spec["stacking"].update(model_dir=str(tmp_path / "old" / "model"), model_type="ridge", expected_digest=digest)
    error = failure("train", spec)
    assert error["code"] == "training/dependency-failed"
    assert "signalbox_transformers/columns.py" in error["message"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.head(20), "20 held-out predictions for 400 train rows"),
        (lambda t: t.assign(prediction=np.nan), "0 of 400 train rows"),
        (lambda t: t.assign(prediction=np.inf), "infinite"),
    ],
)
def test_held_out_predictions_that_do_not_fit_the_rows_are_refused(parts, small_table, tmp_path, change, message):
    spec = stacked_spec(parts, small_table, tmp_path, "regression")
    path = spec["stacking"]["oof_path"]
    change(pd.read_parquet(path)).to_parquet(path)
    error = failure("train", spec)
    assert error["code"] == "training/schema-mismatch"
    assert message in error["message"]
