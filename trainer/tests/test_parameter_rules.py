import pytest

from signalbox_trainer.models.estimators import build_estimator, estimator_class, whole_floats
from signalbox_trainer.models.model_definition import ModelDefinition
from signalbox_trainer.models.model_types import MODEL_TYPES
from signalbox_trainer.models.parameter_rules import parameter_rules


def test_a_rule_is_what_the_estimator_declares():
    rules = parameter_rules(MODEL_TYPES["random_forest"])
    assert rules["regression"]["n_estimators"] == "int[1,)"
    assert rules["regression"]["max_features"] == "int[1,) | float(0,1] | 'log2' | 'sqrt' | null"
    assert rules["regression"]["n_jobs"] == "reserved"
    assert "class_weight" not in rules["regression"]
    assert rules["classes"]["class_weight"].startswith("'balanced'")


def test_a_whole_number_becomes_a_float_where_only_a_float_is_taken(tmp_path):
    boosting = estimator_class(MODEL_TYPES["hist_gradient_boosting"], "regression")
    assert repr(whole_floats(boosting, {"max_features": 1, "max_iter": 3})) == "{'max_features': 1.0, 'max_iter': 3}"
    forest = estimator_class(MODEL_TYPES["random_forest"], "regression")
    assert (
        repr(whole_floats(forest, {"max_features": 1, "bootstrap": True})) == "{'max_features': 1, 'bootstrap': True}"
    )
    model = ModelDefinition("hist_gradient_boosting", {"max_features": 1}, 1)
    assert build_estimator(model, task="regression", seed=1, threads=1, project_dir=tmp_path).max_features == 1.0


@pytest.mark.parametrize("name", ["lightgbm", "xgboost"])
def test_a_library_without_constraints_is_described_by_its_annotations(name):
    pytest.importorskip(name)
    rules = parameter_rules(MODEL_TYPES[name])["regression"]
    assert rules["max_depth"].startswith("int")
    assert rules["learning_rate"].startswith("number")
