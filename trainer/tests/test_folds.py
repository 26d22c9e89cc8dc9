import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signalbox_trainer.assessing.folds import Fold, FoldRows, deal_groups, make_folds
from signalbox_trainer.specs.tasks import FoldSpec

NONE = np.iinfo(np.int64).min


def spec(strategy, **changes):
    fields = {
        "strategy": strategy,
        "group": ["g"] if "group" in strategy else [],
        "time": "t" if "time" in strategy else None,
        "embargo_ms": 0,
        "key": ["id"],
        "strata": [],
        "salt": "salt",
        "max": 5,
    }
    return FoldSpec(**{**fields, **changes})


@st.composite
def views(draw):
    n = draw(st.integers(1, 80))
    numbers = st.lists(st.integers(0, 12), min_size=n, max_size=n)
    times = np.array(draw(numbers), dtype=np.int64) * 1_000_000
    if draw(st.booleans()):
        times[draw(st.integers(0, n - 1))] = NONE
    return FoldRows(
        keys=np.array([f"k{i}" for i in range(n)], dtype=object),
        groups=np.array([f"g{i}" for i in draw(numbers)], dtype=object),
        times=times,
        strata=np.array([f"s{i % 3}" for i in draw(numbers)], dtype=object),
    )


STRATEGIES = st.sampled_from(["group", "time", "group_time", "key"])


@given(views(), STRATEGIES, st.integers(0, 4000), st.integers(1, 6))
def test_no_row_is_on_both_sides_and_none_is_held_out_twice(rows, strategy, embargo_ms, most):
    folds = make_folds(rows, spec(strategy, embargo_ms=embargo_ms, max=most))
    assert len(folds) <= most
    held_out = [row for fold in folds for row in fold.test]
    assert len(held_out) == len(set(held_out))
    for fold in folds:
        assert not set(fold.train) & set(fold.test)
        assert list(fold.train) == sorted(fold.train)


@given(views(), st.sampled_from(["group", "group_time"]), st.integers(0, 4000))
def test_no_group_is_on_both_sides(rows, strategy, embargo_ms):
    for fold in make_folds(rows, spec(strategy, embargo_ms=embargo_ms)):
        assert not set(rows.groups[fold.train]) & set(rows.groups[fold.test])


@given(views(), st.sampled_from(["time", "group_time"]), st.integers(0, 4000))
def test_training_rows_are_older_than_the_test_by_at_least_the_embargo(rows, strategy, embargo_ms):
    for fold in make_folds(rows, spec(strategy, embargo_ms=embargo_ms)):
        if len(fold.train) and len(fold.test):
            start = rows.times[fold.test].min()
            assert rows.times[fold.train].max() <= start - embargo_ms * 1000
            assert rows.times[fold.train].max() < start
            assert NONE not in rows.times[np.concatenate([fold.train, fold.test])]


@given(views(), STRATEGIES)
def test_the_same_rows_give_the_same_folds(rows, strategy):
    first, second = (make_folds(rows, spec(strategy)) for _ in range(2))
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one.train, other.train)
        np.testing.assert_array_equal(one.test, other.test)


@given(views(), st.sampled_from(["group", "key"]))
def test_every_row_is_held_out_once(rows, strategy):
    folds = make_folds(rows, spec(strategy))
    if folds:
        assert sorted(row for fold in folds for row in fold.test) == list(range(len(rows.keys)))


@given(views(), st.permutations(range(80)))
def test_the_order_of_the_rows_does_not_change_a_groups_fold(rows, order):
    order = [i for i in order if i < len(rows.keys)]
    fold_of = deal_groups(rows.groups, 3, "salt")
    np.testing.assert_array_equal(deal_groups(rows.groups[order], 3, "salt"), fold_of[order])


def test_there_are_as_many_folds_as_groups_if_fewer_than_five():
    rows = FoldRows(keys=np.arange(30).astype(str), groups=np.array(["a", "b", "c"] * 10, dtype=object))
    assert [len(fold.test) for fold in make_folds(rows, spec("group"))] == [10, 10, 10]
    assert make_folds(FoldRows(keys=rows.keys, groups=np.full(30, "a")), spec("group")) == []


@given(views())
def test_folds_differ_by_no_more_rows_than_the_largest_group_has(rows):
    counts = np.bincount(deal_groups(rows.groups, 3, "salt"), minlength=3)
    assert counts.max() - counts.min() <= max(np.unique(rows.groups.astype(str), return_counts=True)[1])


def test_time_folds_train_on_a_growing_past():
    rows = FoldRows(keys=np.arange(60).astype(str), times=np.arange(60, dtype=np.int64) * 1_000_000)
    folds = make_folds(rows, spec("time", embargo_ms=2000))
    assert [len(fold.train) for fold in folds] == [9, 19, 29, 39, 49]
    assert [fold.test[0] for fold in folds] == [10, 20, 30, 40, 50]


def test_strata_are_spread_evenly():
    strata = np.array(["rare" if i < 10 else "common" for i in range(100)], dtype=object)
    folds = make_folds(FoldRows(keys=np.arange(100).astype(str), strata=strata), spec("key", strata=["s"]))
    assert [int((strata[fold.test] == "rare").sum()) for fold in folds] == [2] * 5


@pytest.mark.parametrize("strategy", ["time", "group_time"])
def test_one_point_in_time_has_no_folds(strategy):
    rows = FoldRows(keys=np.arange(9).astype(str), groups=np.arange(9).astype(str), times=np.zeros(9, dtype=np.int64))
    assert make_folds(rows, spec(strategy)) == []


def test_rows_with_equal_keys_stay_together_and_the_others_where_they_were():
    keys = np.asarray([f"k{i}" for i in range(100)], dtype=object)
    strata = np.asarray(["a", "b"] * 50, dtype=object)
    alone = make_folds(FoldRows(keys=keys, strata=strata), spec("key", strata=["s"]))
    copies = np.asarray([*keys, *keys[:30], *keys[:10]], dtype=object)
    other = np.asarray([*strata, *strata[1:31], *strata[:10]], dtype=object)
    folds = make_folds(FoldRows(keys=copies, strata=other), spec("key", strata=["s"]))
    assert [set(fold.test[fold.test < 100]) for fold in folds] == [set(fold.test) for fold in alone]
    for fold in folds:
        assert not set(copies[fold.train]) & set(copies[fold.test])


def test_another_salt_gives_another_division():
    rows = FoldRows(keys=np.arange(200).astype(str))
    first, second = (make_folds(rows, spec("key", salt=salt))[0] for salt in ("a", "b"))
    assert isinstance(first, Fold)
    assert set(first.test) != set(second.test)
