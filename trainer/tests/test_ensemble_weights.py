import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from signalbox_trainer.errors import TrainerError
from signalbox_trainer.fitting.ensemble_weights import best_weights, log_loss, squared_error
from signalbox_trainer.models.composite_types import split_composite
from signalbox_trainer.models.estimators import find_type
from signalbox_trainer.models.model_types import trusted_types


def rows(members):
    values = st.integers(-1000, 1000).map(lambda n: n / 10)
    return arrays.arrays(np.float64, (8, members + 1), elements=values)


@given(rows(2))
def test_two_weights_are_those_of_the_closed_form(table):
    target, p0, p1 = table.T
    gap = p0 - p1
    expected = 0.5 if not gap.any() else float(np.clip(((target - p1) @ gap) / (gap @ gap), 0, 1))
    weights = best_weights(target, table[:, 1:], squared_error)
    reached = squared_error(target, table[:, 1:] @ np.array(weights))
    best = squared_error(target, expected * p0 + (1 - expected) * p1)
    assert reached <= best + 1e-9 * (1 + best)


@given(rows(4))
def test_weights_sum_to_one_and_are_no_worse_than_any_member(table):
    target, predictions = table[:, 0], table[:, 1:]
    weights = best_weights(target, predictions, squared_error)
    assert min(weights) >= -1e-15
    assert sum(weights) == pytest.approx(1)
    reached = squared_error(target, predictions @ np.array(weights))
    alone = min(squared_error(target, predictions[:, i]) for i in range(4))
    assert reached <= alone + 1e-6 * (1 + alone)


def test_members_that_predict_the_same_weigh_the_same():
    p = np.array([0.2, 0.9, 0.4])
    assert best_weights(np.array([0.0, 1.0, 0.0]), np.column_stack([p, p]), log_loss) == [0.5, 0.5]


def test_a_member_that_is_never_right_gets_no_weight():
    target = np.array([0.0, 1.0] * 20)
    good = np.where(target == 1, 0.9, 0.1)
    assert best_weights(target, np.column_stack([1 - good, good]), log_loss) == [0.0, 1.0]


def test_a_composite_name_is_split_at_its_own_commas():
    nested = "ensemble(stacked(ridge,mlp),python:models.net:make,hist_gradient_boosting)"
    parts = ["stacked(ridge,mlp)", "python:models.net:make", "hist_gradient_boosting"]
    assert split_composite(nested) == ("ensemble", parts)
    assert [leaf.name for leaf in find_type(nested).leaves()] == ["ridge", "mlp", *parts[1:]]


@pytest.mark.parametrize("name", ["stacked(ridge)", "stacked(a,b,c)", "ensemble(ridge,,mlp)", "stacked(ridge,mlp))"])
def test_a_malformed_composite_name_is_not_a_model_type(name):
    with pytest.raises(TrainerError) as raised:
        find_type(name)
    assert raised.value.code == "training/unknown-model"


def test_a_composite_may_contain_what_its_parts_may():
    granted = set(trusted_types(find_type("stacked(xgboost,lightgbm)")))
    assert granted >= {*trusted_types(find_type("xgboost")), *trusted_types(find_type("lightgbm"))}
    assert "signalbox_transformers.composites.StackedModel" in granted
    assert "signalbox_transformers.composites.WeightedEnsemble" not in granted
