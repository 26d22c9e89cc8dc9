import pytest
from support import COLUMNS, FEATURE, failure, train_spec

from signalbox_trainer.errors import TrainerError, encode
from signalbox_trainer.features.rules import check_features
from signalbox_trainer.models.custom_model import code_root, make_custom
from signalbox_trainer.models.estimators import build_estimator
from signalbox_trainer.models.inspection import inspect_models
from signalbox_trainer.models.model_definition import ModelDefinition
from signalbox_trainer.models.model_types import MODEL_TYPES
from signalbox_trainer.specs.schemas import read_contract, read_feature_schema

CONTRACT = read_contract({"columns": COLUMNS}, "contract").columns


def refused(feature, target="y"):
    with pytest.raises(TrainerError) as caught:
        check_features(read_feature_schema({"version": 1, **feature}, "feature"), CONTRACT, target)
    return caught.value


@pytest.mark.parametrize(
    ("feature", "code", "words"),
    [
        ({"numeric": []}, "training/schema-mismatch", "names no column"),
        ({"numeric": [{"columns": ["y"]}]}, "training/schema-mismatch", "target 'y' is used as a feature"),
        ({"numeric": [{"columns": ["distanse"]}]}, "training/schema-mismatch", "distanse"),
        ({"numeric": [{"columns": ["seats"]}]}, "training/schema-mismatch", "without an imputer"),
        ({"numeric": [{"columns": ["carrier"]}]}, "training/schema-mismatch", "type string can't be a numeric"),
        ({"datetime": [{"columns": ["distance"], "parts": ["hour"]}]}, "training/schema-mismatch", "type int"),
        ({"numeric": [{"columns": ["arr_time"], "impute": "mean"}]}, "splits/leakage", "arr_time"),
    ],
)
def test_a_feature_schema_that_does_not_fit_the_contract_is_refused(feature, code, words):
    error = refused(feature)
    assert error.code == code
    assert words in error.message
    assert error.hint


def test_the_nearest_column_is_proposed():
    assert refused({"numeric": [{"columns": ["distanse"]}]}).hint == "Did you mean 'distance'?"


def test_the_whole_sample_schema_is_accepted():
    check_features(read_feature_schema(FEATURE, "feature"), CONTRACT, "y")


def build(tmp_path, kind, params, *, task="regression", seed=1):
    return build_estimator(ModelDefinition(kind, params, seed), task=task, seed=1, threads=1, project_dir=tmp_path)


@pytest.mark.parametrize(
    ("kind", "params", "code", "hint"),
    [
        ("random_forrest", {}, "training/unknown-model", "'random_forest'"),
        ("ridge", {"alhpa": 1}, "training/invalid-params", "'alpha'"),
        ("ridge", {"alpha": -1}, "training/invalid-params", "Correct"),
        ("random_forest", {"random_state": 3}, "training/invalid-params", "`seed`"),
        ("random_forest", {"n_jobs": 3}, "training/invalid-params", "executors.local.threads"),
        ("lightgbm", {"num_leafs": 3}, "training/invalid-params", "'num_leaves'"),
        ("xgboost", {"max_dept": 3}, "training/invalid-params", "'max_depth'"),
        ("logistic_regression", {}, "training/invalid-params", "another model type"),
        ("python:nowhere_at_all:make", {}, "training/unknown-model", "nowhere_at_all.py"),
        ("python:json:loads", {}, "training/unknown-model", "no installed package"),
        ("python:broken", {}, "training/unknown-model", "python:models.net:make"),
    ],
)
def test_a_model_schema_that_cannot_be_built_says_what_to_change(tmp_path, kind, params, code, hint):
    with pytest.raises(TrainerError) as caught:
        build(tmp_path, kind, params)
    assert caught.value.code == code
    assert hint in (caught.value.hint or "")


def test_a_seed_is_required_where_the_estimator_draws_random_numbers(tmp_path):
    with pytest.raises(TrainerError, match="has no seed"):
        build(tmp_path, "random_forest", {}, seed=None)
    with pytest.raises(TrainerError, match="has no seed"):
        build(tmp_path, "ridge", {"solver": "saga"}, seed=None)
    build(tmp_path, "ridge", {}, seed=None)


def test_the_error_for_a_missing_library_names_the_command_that_adds_it(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "lightgbm", None)
    with pytest.raises(TrainerError) as caught:
        build(tmp_path, "lightgbm", {})
    assert caught.value.code == "environment/group-missing"
    assert [(it["operation"], it["input"]) for it in caught.value.next_steps] == [
        ("environment.add", {"group": "lightgbm"})
    ]
    assert encode(caught.value, "training/failed")["next"] == list(caught.value.next_steps)


def test_a_factory_that_fails_or_returns_something_else_is_named(tmp_path):
    (tmp_path / "bad_factories.py").write_text(
        "def boom(*_):\n    raise ValueError('no')\ndef text(*_):\n    return 'x'\n"
    )
    for name in ("boom", "text"):
        with pytest.raises(TrainerError) as caught:
            build(tmp_path, f"python:bad_factories:{name}", {})
        assert caught.value.code == "training/import-failed"


def test_inspection_describes_every_type_with_its_parameters():
    types = inspect_models(None)["types"]
    assert set(types) == set(MODEL_TYPES)
    assert types["ridge"]["params"]["alpha"] == {"default": 1.0, "tasks": ["regression"]}
    assert types["ridge"]["needs_seed"] is False
    assert types["ridge"]["seed_when"] == {"solver": ["sag", "saga"]}
    assert "random_state" not in types["random_forest"]["params"]
    assert types["xgboost"]["group"] == "xgboost"


def test_inspection_checks_one_model_as_training_would(tmp_path):
    model = {"version": 1, "model": {"type": "mlp", "params": {}}, "seed": 1}
    spec = {"schema": 1, "model": model, "task": "binary", "project_dir": str(tmp_path)}
    assert inspect_models(spec)["checked"] == "mlp"


def test_a_specification_with_a_missing_field_names_it(small_table, tmp_path):
    spec = train_spec(small_table, tmp_path)
    del spec["target"]
    assert "spec.target" in failure("train", spec)["message"]


def test_own_modules_are_found_through_links_where_they_lie(tmp_path):
    """A job's folder of the project has links to its modules; they still read what is beside them in the project."""
    project = tmp_path / "project"
    (project / "nets").mkdir(parents=True)
    (project / "nets" / "__init__.py").write_text("")
    source = "from pathlib import Path\nfrom sklearn.linear_model import Ridge\n"
    source += "def make(params, seed, task):\n"
    source += "    return Ridge(float((Path(__file__).parents[1] / 'alpha').read_text()))\n"
    (project / "nets" / "small.py").write_text(source)
    (project / "alpha").write_text("0.25")
    linked = tmp_path / "job" / "inputs" / "project"
    linked.mkdir(parents=True)
    (linked / "nets").symlink_to("../../../project/nets")
    made = make_custom("python:nets.small:make", {}, seed=1, task="regression", project_dir=linked)
    assert made.alpha == 0.25
    assert code_root("nets.small", linked) == project / "nets"
