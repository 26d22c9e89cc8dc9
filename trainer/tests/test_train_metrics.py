import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as reference

from signalbox_trainer.fitting.train_metrics import class_metrics, regression_metrics


@given(st.integers(0, 10_000), st.integers(3, 60))
def test_regression_metrics_are_those_of_scikit_learn(seed, rows):
    rng = np.random.default_rng(seed)
    y, p = rng.gamma(2.0, size=rows) + 0.01, rng.gamma(2.0, size=rows)
    found = regression_metrics(y, p)
    assert found["rmse"] == pytest.approx(reference.root_mean_squared_error(y, p))
    assert found["r2"] == pytest.approx(reference.r2_score(y, p))
    assert found["rmsle"] == pytest.approx(reference.root_mean_squared_log_error(y, p))
    assert found["mape"] == pytest.approx(reference.mean_absolute_percentage_error(y, p))
    assert found["pinball"] == pytest.approx(reference.mean_pinball_loss(y, p))


@given(st.integers(0, 10_000), st.integers(4, 60))
def test_binary_metrics_are_those_of_scikit_learn_with_ties(seed, rows):
    rng = np.random.default_rng(seed)
    y = np.append(rng.integers(0, 2, rows), [0, 1])
    p = rng.integers(0, 11, rows + 2) / 10
    found = class_metrics(y, np.column_stack([1 - p, p]), 1)
    assert found["roc_auc"] == pytest.approx(reference.roc_auc_score(y, p))
    assert found["pr_auc"] == pytest.approx(reference.average_precision_score(y, p))
    assert found["brier"] == pytest.approx(np.mean((p - y) ** 2))
    assert found["f1"] == pytest.approx(reference.f1_score(y, p > 0.5, zero_division=0))
    clipped = np.clip(np.where(y == 1, p, 1 - p), 1e-15, 1 - 1e-15)
    assert found["log_loss"] == pytest.approx(-np.log(clipped).mean())


@given(st.integers(0, 10_000))
def test_multiclass_metrics_are_macro_means_of_one_against_the_rest(seed):
    rng = np.random.default_rng(seed)
    y = np.append(rng.integers(0, 3, 30), [0, 1, 2])
    p = rng.dirichlet(np.ones(3), 33)
    found = class_metrics(y, p, None)
    assert found["roc_auc"] == pytest.approx(reference.roc_auc_score(y, p, multi_class="ovr"))
    assert found["f1"] == pytest.approx(reference.f1_score(y, p.argmax(axis=1), average="macro"))
    assert found["accuracy"] == pytest.approx(np.mean(p.argmax(axis=1) == y))


def test_metrics_that_are_undefined_are_omitted():
    found = regression_metrics(np.array([-1.0, 0.0, 2.0]), np.zeros(3))
    assert "rmsle" not in found
    assert "mape" not in found
