import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signalbox_transformers.calendar_parts import DatetimeParts
from signalbox_transformers.categories import BinaryDigits, Categories, OrdinalRanks
from signalbox_transformers.columns import Clip, ContractColumns, column_of, typed_column


@pytest.mark.parametrize(
    "raw",
    [
        pd.Series([1, None, 3], dtype="Int64"),
        pd.Series([1.0, np.nan, 3.0]),
        pd.Series([1, None, 3], dtype=object),
        pd.Series(["1", None, "3"]),
        pd.Series([1, None, 3], dtype="Int32"),
    ],
)
def test_an_int_column_is_the_same_whatever_dtype_it_arrives_in(raw):
    np.testing.assert_array_equal(typed_column(raw, "int"), [1.0, np.nan, 3.0])


@pytest.mark.parametrize(
    "raw",
    [
        pd.Series([True, None, False], dtype=object),
        pd.Series([True, None, False], dtype="boolean"),
        pd.Series([1.0, np.nan, 0.0]),
    ],
)
def test_a_bool_column_with_nulls_is_one_zero_and_nan(raw):
    np.testing.assert_array_equal(typed_column(raw, "bool"), [1.0, np.nan, 0.0])


def test_timestamps_become_utc_without_a_zone():
    zoned = pd.Series(pd.to_datetime(["2013-01-01T05:00:00+02:00"]))
    text = pd.Series(["2013-01-01T03:00:00Z"])
    expected = np.datetime64("2013-01-01T03:00:00", "us")
    assert np.asarray(typed_column(zoned, "timestamp"))[0] == expected
    assert np.asarray(typed_column(text, "timestamp"))[0] == expected


def test_a_dotted_path_reaches_into_a_struct_and_a_column_with_a_dot_in_its_name_comes_first():
    frame = pd.DataFrame({"a": [{"b": {"c": 1}}, None], "x.y": [5, 6]})
    assert column_of(frame, "a.b.c").tolist()[0] == 1
    assert column_of(frame, "x.y").tolist() == [5, 6]
    assert column_of(frame, "nowhere") is None


def test_order_and_extra_columns_of_the_table_do_not_matter():
    columns = ContractColumns(["b", "a"], ["float", "string"])
    frame = pd.DataFrame({"a": ["x"], "extra": [0], "b": [2]})
    assert list(columns.fit(frame).transform(frame).columns) == ["b", "a"]


def test_a_missing_column_and_a_value_of_another_type_are_named():
    columns = ContractColumns(["a", "b"], ["int", "int"])
    with pytest.raises(ValueError, match="missing from the table: b"):
        columns.transform(pd.DataFrame({"a": [1]}))
    with pytest.raises(ValueError, match="column 'a' doesn't hold values of type int"):
        columns.transform(pd.DataFrame({"a": ["many"], "b": [1]}))


@given(st.lists(st.floats(-1e9, 1e9), min_size=1), st.floats(-1e6, 0), st.floats(0, 1e6))
def test_clipped_numbers_are_within_the_bounds_and_others_are_unchanged(values, low, high):
    clipped = Clip(low, high).fit_transform(np.array([values]).T)[:, 0]
    assert all(low <= after <= high for after in clipped)
    assert all(after == before for before, after in zip(values, clipped, strict=True) if low <= before <= high)


@given(st.lists(st.integers(-(2**53), 2**53), min_size=1))
def test_an_int_category_has_the_same_string_as_int_and_as_float(values):
    whole = pd.DataFrame({"a": np.array(values, dtype=np.int64)})
    encode = Categories(["int"])
    np.testing.assert_array_equal(encode.fit_transform(whole), encode.fit_transform(whole.astype(np.float64)))


def test_most_frequent_fills_with_the_smallest_of_equally_frequent_strings():
    frame = pd.DataFrame({"a": ["b", "a", None]})
    assert Categories(["string"], "most_frequent").fit_transform(frame)[2, 0] == "a"
    empty = pd.DataFrame({"a": [None, None]}, dtype=object)
    assert Categories(["string"], "most_frequent").fit_transform(empty).tolist() == [[""], [""]]


@given(st.sets(st.text(min_size=1, max_size=4), min_size=1, max_size=40))
def test_binary_digits_distinguish_every_category_and_unknown_ones_are_zero(categories):
    column = np.array(sorted(categories), dtype=object)[:, None]
    encode = BinaryDigits().fit(column)
    digits = encode.transform(column)
    assert len({tuple(row) for row in digits}) == len(categories)
    assert digits.any(axis=1).all()
    assert not encode.transform(np.array([["never seen"], [np.nan]], dtype=object)).any()
    assert digits.shape[1] == len(encode.get_feature_names_out(["c"]))


def test_ordinal_ranks_follow_the_given_order_or_the_numbers():
    texts = np.array([["10", "hi"], ["9", "lo"], ["9", "new"]], dtype=object)
    ranks = OrdinalRanks(["int", "string"], [None, ["lo", "hi"]]).fit_transform(texts)
    assert ranks.tolist() == [[1, 1], [0, 0], [0, -1]]


@given(st.datetimes(min_value=pd.Timestamp("1900-01-01"), max_value=pd.Timestamp("2200-01-01")))
def test_cyclic_parts_are_on_the_unit_circle_and_agree_with_the_calendar(moment):
    frame = pd.DataFrame({"t": pd.Series([moment]).astype("datetime64[us]")})
    parts = DatetimeParts(["year", "month", "day", "hour", "minute", "weekday", "day_of_year"]).fit_transform(frame)[0]
    expected = [
        moment.year,
        moment.month,
        moment.day,
        moment.hour,
        moment.minute,
        moment.weekday(),
        moment.timetuple().tm_yday,
    ]
    assert parts.tolist() == expected
    _, sine, cosine = DatetimeParts(["hour"], cyclic=True).fit_transform(frame)[0]
    assert math.hypot(sine, cosine) == pytest.approx(1)


def test_epoch_days_count_from_1970_and_a_null_time_is_filled():
    frame = pd.DataFrame({"t": pd.to_datetime(pd.Series(["1970-01-02T12:00:00", None]), format="ISO8601")})
    fill = DatetimeParts(["epoch_days", "is_weekend"], fill=["constant", "1970-01-03"])
    assert fill.fit_transform(frame).tolist() == [[1.5, 0.0], [2.0, 1.0]]
    bare = DatetimeParts(["epoch_days", "is_weekend"]).fit_transform(frame)
    assert np.isnan(bare[1]).all()
