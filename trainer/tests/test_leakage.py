import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signalbox_trainer.assessing.leakage import Probe, r_squared, single_features
from signalbox_trainer.assessing.sample_size import effective_sample_size, intraclass_correlation

N = 2000


@pytest.fixture
def rng():
    return np.random.default_rng(4)


def found(probes, y, task, is_first=None):
    half = np.arange(len(y)) % 2 == 0 if is_first is None else is_first
    return {(one["feature"], one["kind"]): one for one in single_features(probes, y, half, task)}


def numeric(name, values):
    return Probe(name, np.asarray(values, dtype=np.float64), is_categorical=False)


def categorical(name, values):
    return Probe(name, np.asarray(values, dtype=np.int64), is_categorical=True)


def test_a_column_that_contains_the_answer_scores_one(rng):
    y = (rng.random(N) < 0.3).astype(float)
    probes = [numeric("answer", y * 5 - 1), numeric("noise", rng.normal(size=N)), categorical("name of it", 1 - y)]
    scores = {feature: one["score"] for (feature, _), one in found(probes, y, "binary").items()}
    assert scores["answer"] == scores["name of it"] == 1
    assert scores["noise"] == pytest.approx(0.5, abs=0.06)


def test_a_value_that_falls_as_the_target_rises_counts_as_much(rng):
    y = (rng.random(N) < 0.5).astype(float)
    assert found([numeric("x", -y)], y, "binary")[("x", "value")]["score"] == 1


def test_a_value_that_is_informative_in_the_middle_is_found(rng):
    x = rng.normal(size=N)
    y = (np.abs(x) < 0.5).astype(float)
    one = found([numeric("x", x)], y, "binary")[("x", "value")]
    assert one["detail"]["raw"] < 0.6
    assert one["score"] == one["detail"]["binned"] > 0.95


def test_a_regressions_score_is_the_variance_that_bins_explain(rng):
    y = rng.normal(size=N)
    one = found([numeric("x", y**3), numeric("noise", rng.normal(size=N))], y, "regression")
    assert one[("x", "value")]["score"] > 0.97
    assert one[("noise", "value")]["score"] < 0.02


def test_an_identifier_predicts_nothing(rng):
    y = (rng.random(N) < 0.5).astype(float)
    probes = [categorical("row", np.arange(N)), numeric("number", rng.permutation(N))]
    one = found(probes, y, "binary")
    assert one[("row", "value")]["score"] == pytest.approx(0.5)
    assert one[("number", "value")]["score"] == pytest.approx(0.5, abs=0.06)


def test_an_identifier_of_groups_predicts_nothing_across_groups(rng):
    groups = rng.integers(0, 40, N)
    y = (rng.random(40)[groups] < 0.5).astype(float)
    one = found([categorical("group", groups)], y, "binary", is_first=groups % 2 == 0)
    assert one[("group", "value")]["score"] == 0.5


def test_a_column_whose_missing_values_give_the_answer_is_found(rng):
    y = (rng.random(N) < 0.1).astype(float)
    arrived = np.where(y == 1, np.nan, rng.normal(size=N))
    detail = found([numeric("arr_time", arrived)], y, "binary")[("arr_time", "missing")]["detail"]
    assert (detail["class"], detail["precision"], detail["recall"]) == ("positive", 1, 1)
    assert detail["missing_rows"] == int(y.sum())
    assert detail["base_rate"] == pytest.approx(y.mean())


def test_the_class_that_is_frequent_among_missing_rows_is_reported(rng):
    y = (rng.random(N) < 0.02).astype(float)
    missing = (y == 1) | (rng.random(N) < 0.05)
    one = found([categorical("gate", np.where(missing, -1, 3))], y, "binary")[("gate", "missing")]
    assert one["detail"]["class"] == "positive"
    assert one["detail"]["recall"] == 1
    assert one["score"] == one["detail"]["precision"] > 0.2


def test_missing_rows_of_a_regression_are_scored_by_the_means_of_both_sides(rng):
    missing = rng.random(N) < 0.4
    y = np.where(missing, 0.0, 10.0) + rng.normal(size=N) * 0.1
    one = found([numeric("x", np.where(missing, np.nan, 1.0))], y, "regression")[("x", "missing")]
    assert one["score"] > 0.99
    assert one["detail"]["mean_present"] == pytest.approx(10, abs=0.1)


def test_too_few_rows_give_no_score():
    y = np.array([0.0, 1.0] * 15)
    assert found([numeric("x", y)], y, "binary") == {}
    few = np.array([np.nan] * 19 + [1.0] * (N - 19))
    assert ("x", "missing") not in found([numeric("x", few)], np.resize(y, N), "binary")


def test_r2_of_a_constant_target_is_undefined():
    assert r_squared(np.ones(3), np.ones(3)) is None


def test_rows_of_equal_groups_are_worth_as_many_as_there_are_groups():
    groups = np.repeat([f"g{i}" for i in range(20)], 10)
    y = np.repeat(np.arange(20.0), 10)
    assert effective_sample_size(y, groups) == pytest.approx(20)
    assert effective_sample_size(y, None) == 200
    assert effective_sample_size(y, np.full(200, "one")) is None
    assert effective_sample_size(y, np.arange(200).astype(str)) == 200


def test_the_correlation_within_groups_is_that_of_the_analysis_of_variance():
    y = np.array([1.0, 2, 3, 4, 5, 9])
    icc, m0 = intraclass_correlation(y, np.array([0, 0, 1, 1, 2, 2]))
    # By hand: means 1.5, 3.5 and 7 about 4; within (0.5 + 0.5 + 8) / 3 = 3.
    between = 2 * (2.5**2 + 0.5**2 + 3**2) / 2
    assert (icc, m0) == (pytest.approx((between - 3) / (between + 3)), pytest.approx(2))


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(-50, 50)), min_size=2, max_size=60))
def test_clustered_rows_are_never_worth_more_than_they_are(rows):
    groups = np.array([str(group) for group, _ in rows])
    worth = effective_sample_size(np.array([float(value) for _, value in rows]), groups)
    assert worth is None or 0 < worth <= len(rows) + 1e-9
