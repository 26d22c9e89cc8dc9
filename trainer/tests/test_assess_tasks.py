import copy
import json

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from support import COLUMNS, FEATURE, make_table, write_table

from signalbox_trainer.assessing.tasks import run_task
from signalbox_trainer.assessing.views import ViewCache, read_view
from signalbox_trainer.errors import TrainerError
from signalbox_trainer.fitting.train_metrics import roc_auc
from signalbox_trainer.specs.tasks import read_assess_task
from signalbox_trainer.tables.parquet import read_chunks, read_table

TARGETS = {"regression": "y", "binary": "late"}
FAMILIES = {
    "ridge": {},
    "logistic_regression": {},
    "random_forest": {"n_estimators": 10},
    "hist_gradient_boosting": {"max_iter": 10},
}
SOME = {
    "version": 1,
    "numeric": [{"columns": ["wind speed", "distance"], "scale": "standard"}, {"columns": ["seats"], "impute": "mean"}],
    "categorical": [{"columns": ["carrier", "größe"], "encode": "onehot", "impute": "most_frequent"}],
}
VOLATILE = ("fit_seconds", "predict_seconds", "seconds", "peak_memory_bytes", "id")


@pytest.fixture(scope="module")
def pooled(tmp_path_factory):
    return write_table(make_table(600).sort_values("id"), tmp_path_factory.mktemp("pooled") / "train.parquet")


@pytest.fixture
def task(pooled, tmp_path):
    def make(kind, name="ridge", target="regression", **changes):
        document = {
            "id": kind,
            "kind": kind,
            "out": str(tmp_path / f"{kind}.json"),
            "signature": "s1",
            "view": {
                "path": str(pooled),
                "segment": None,
                "target": TARGETS[target],
                "task": target,
                "positive_class": "yes" if target == "binary" else None,
            },
            "contract": {"version": 1, "columns": copy.deepcopy(COLUMNS)},
            "feature": copy.deepcopy(SOME),
            "folds": {
                "strategy": "group",
                "group": ["dest"],
                "time": None,
                "embargo_ms": 0,
                "key": ["id"],
                "strata": [],
                "salt": "folds",
                "max": 5,
            },
            "project_dir": str(tmp_path),
        }
        if kind != "prepare":
            document["family"] = {"name": name, "type": name, "params": FAMILIES.get(name, {}), "seed": 42}
        if kind == "fold":
            document["fold"] = 0
            document["importance"] = {"method": "auto", "seed": 1, "max_rows": 2000}
        if kind == "select":
            document["selection"] = {"method": "importance", "top_n": 2, "seeds": [1, 2, 3]}
        return {**document, **changes}

    return make


def answer(document):
    return run_task(document, ViewCache(), 1)


def steady(result):
    return {key: value for key, value in result.items() if key not in VOLATILE}


def test_preparing_counts_rows_groups_and_folds(task):
    found = answer(task("prepare"))
    assert (found["rows"], found["groups"], found["folds"], sum(found["fold_rows"])) == (600, 20, 5, 600)
    assert found["note"] is None
    assert found["target_std"] > 1
    assert 0 < found["effective_sample_size"] <= 600
    assert {one["feature"] for one in found["single_features"]} == {
        "wind speed",
        "distance",
        "seats",
        "carrier",
        "größe",
    }
    assert found["signature"] == "s1"


def test_preparing_two_classes_gives_the_share_of_the_positive_class(task, pooled):
    found = answer(task("prepare", target="binary"))
    assert found["positive_rate"] == pytest.approx((pd.read_parquet(pooled).late == "yes").mean())


def test_the_answer_equals_the_file_and_no_other_file_remains(task, tmp_path):
    document = task("fold")
    found = answer(document)
    assert json.loads((tmp_path / "fold.json").read_text()) == found
    assert {path.name for path in tmp_path.iterdir()} == {"fold.json", "fold.parquet"}


def test_a_single_feature_that_gives_the_answer_is_reported(task, tmp_path):
    frame = make_table(600).assign(seats=lambda t: t.y, note=lambda t: t.note.where(t.late == "no", None))
    changed = write_table(frame, tmp_path / "leaky.parquet")
    document = task("prepare", target="binary")
    document["view"]["path"] = str(changed)
    document["contract"]["columns"]["seats"]["type"] = "float"
    document["feature"]["text"] = copy.deepcopy(FEATURE["text"])
    found = {(one["feature"], one["kind"]): one for one in answer(document)["single_features"]}
    assert found[("seats", "value")]["score"] == 1
    assert found[("note", "missing")]["detail"]["recall"] == 1
    assert found[("distance", "value")]["score"] < 0.7


@pytest.mark.parametrize(
    ("name", "target"),
    [("ridge", "regression"), ("hist_gradient_boosting", "regression"), ("random_forest", "binary")],
)
def test_a_fold_predicts_its_held_out_rows(task, pooled, tmp_path, name, target):
    found = answer(task("fold", name, target))
    table = pq.read_table(tmp_path / "fold.parquet").to_pandas()
    frame = pd.read_parquet(pooled)
    assert list(table.columns) == ["row", "source_row", "group", "target", "prediction"]
    assert (found["rows_test"], found["rows_train"]) == (len(table), 600 - len(table))
    assert table.group.tolist() == frame.dest[table.source_row].tolist()
    truth = frame.y if target == "regression" else (frame.late == "yes").astype(float)
    np.testing.assert_array_equal(table.target, truth[table.source_row])
    expected = (
        1 - ((table.target - table.prediction) ** 2).sum() / ((table.target - table.target.mean()) ** 2).sum()
        if target == "regression"
        else roc_auc(table.target.to_numpy() == 1, table.prediction.to_numpy())
    )
    assert found["score"] == pytest.approx(expected)
    assert found["score"] > 0.7
    assert found["peak_memory_bytes"] > 10**7
    assert found["importance_method"] == "permutation"
    assert max(found["importances"], key=found["importances"].get) == "wind speed"
    assert set(found["importances"]) == set(found["features"])


def test_folds_together_hold_out_every_row_once(task, tmp_path):
    rows = []
    for fold in range(5):
        answer(task("fold", fold=fold, out=str(tmp_path / f"{fold}.json")))
        rows += pq.read_table(tmp_path / f"{fold}.parquet").column("source_row").to_pylist()
    assert sorted(rows) == list(range(600))


@pytest.mark.parametrize("kind", ["prepare", "fold", "select"])
def test_the_same_task_gives_the_same_result_and_bytes(task, tmp_path, kind):
    written = []
    for run in ("a", "b"):
        found = answer(task(kind, "random_forest", "binary", out=str(tmp_path / run / "r.json")))
        path = tmp_path / run / "r.parquet"
        written.append((steady(found), path.read_bytes() if path.exists() else None))
    assert written[0] == written[1]


def test_a_segments_view_has_only_its_rows(task, pooled, tmp_path):
    document = task("fold")
    document["view"]["segment"] = {"column": "carrier", "value": "UA"}
    answer(document)
    table = pq.read_table(tmp_path / "fold.parquet").to_pandas()
    carriers = pd.read_parquet(pooled).carrier
    assert set(carriers[table.source_row]) == {"UA"}
    assert table.row.max() < (carriers == "UA").sum()


def test_segments_are_compared_as_strings_and_a_null_is_not_a_segment(task, tmp_path):
    frame = make_table(300).assign(seats=pd.array(([7, 8, None] * 100), dtype="Int64"))
    document = task("prepare")
    document["view"].update(path=str(write_table(frame, tmp_path / "t.parquet")))
    document["view"]["segment"] = {"column": "seats", "value": "7"}
    assert answer(document)["rows"] == 100
    document["view"]["segment"]["value"] = "None"
    with pytest.raises(TrainerError) as raised:
        answer(document)
    assert raised.value.code == "splits/empty-side"


def test_a_view_that_cannot_be_divided_gives_the_reason(task):
    document = task("prepare")
    document["folds"].update(group=["carrier"])
    document["view"]["segment"] = {"column": "carrier", "value": "UA"}
    found = answer(document)
    assert (found["folds"], found["fold_rows"]) == (0, [])
    assert "carrier has 1" in found["note"]
    assert found["effective_sample_size"] is None


def test_a_view_of_one_class_has_no_folds(task, tmp_path):
    document = task("prepare", target="binary")
    frame = make_table(100).assign(late="no")
    document["view"]["path"] = str(write_table(frame, tmp_path / "t.parquet"))
    found = answer(document)
    assert (found["folds"], found["note"], found["positive_rate"]) == (0, "The target has one class only.", 0)


def test_a_fold_with_one_class_to_fit_on_is_skipped_and_noted(task, tmp_path):
    frame = make_table(200)
    frame["departs"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(np.arange(200), unit="h")
    frame["late"] = np.where(np.arange(200) < 50, "no", frame.late)
    document = task("prepare", target="binary")
    document["view"]["path"] = str(write_table(frame, tmp_path / "t.parquet"))
    document["folds"].update(strategy="time", group=[], time="departs")
    found = answer(document)
    assert found["folds"] == 4
    assert found["note"] == "1 of 5 folds has rows of one class only to fit on."


def test_times_of_another_zone_are_compared_in_utc(task, tmp_path):
    frame = make_table(60)
    utc = pd.Series(pd.date_range("2020-01-01", periods=60, freq="h", tz="UTC"))
    views = []
    for name, times in (("utc", utc.dt.tz_localize(None)), ("zoned", utc.dt.tz_convert("Asia/Tokyo"))):
        document = task("prepare")
        document["view"]["path"] = str(write_table(frame.assign(departs=times), tmp_path / f"{name}.parquet"))
        document["folds"].update(strategy="time", time="departs")
        views.append(read_view(read_assess_task(document, "task")))
    np.testing.assert_array_equal(views[0].rows.times, views[1].rows.times)


def test_whole_years_are_their_first_moments(task, tmp_path):
    frame = make_table(60)
    views = []
    years = pd.Series(2001 + np.arange(60) // 6)
    for name, kind, times in (
        ("years", "int", years.astype("Int64")),
        ("times", "timestamp", pd.to_datetime(years.astype(str) + "-01-01")),
    ):
        document = task("prepare")
        document["contract"]["columns"]["since"] = {"type": kind}
        document["view"]["path"] = str(write_table(frame.assign(since=times), tmp_path / f"{name}.parquet"))
        document["folds"].update(strategy="time", time="since", embargo_ms=366 * 86_400_000)
        views.append(read_view(read_assess_task(document, "task")))
    np.testing.assert_array_equal(views[0].rows.times, views[1].rows.times)
    assert [len(fold.train) for fold in views[0].folds] == [len(fold.train) for fold in views[1].folds]


def test_a_year_that_is_missing_has_no_time(task, tmp_path):
    frame = make_table(60).assign(since=pd.Series([pd.NA, *range(2001, 2060)], dtype="Int64"))
    document = task("prepare")
    document["contract"]["columns"]["since"] = {"type": "int"}
    document["view"]["path"] = str(write_table(frame, tmp_path / "t.parquet"))
    document["folds"].update(strategy="time", time="since")
    times = read_view(read_assess_task(document, "task")).rows.times
    assert (times[0], times[1]) == (np.iinfo(np.int64).min, pd.Timestamp("2001-01-01").value // 1000)


def test_a_fit_that_fails_is_a_result(task, tmp_path):
    for family, code in (
        ({"type": "ridge", "params": {"alfa": 1}}, "training/invalid-params"),
        ({"type": "mystery", "params": {}}, "training/unknown-model"),
        ({"type": "mlp", "params": {"learning_rate_init": 1e200}}, "training/failed"),
    ):
        document = task("fold")
        document["family"].update(family)
        found = answer(document)
        assert found["error"]["code"] == code
        assert json.loads((tmp_path / "fold.json").read_text()) == found
        assert not (tmp_path / "fold.parquet").exists()


def test_running_out_of_memory_is_a_result(task, monkeypatch):
    def no_memory(*_, **__):
        raise MemoryError("Unable to allocate 3 GiB")

    monkeypatch.setattr("signalbox_trainer.assessing.fold_task.fit_rows", no_memory)
    assert answer(task("fold"))["error"]["code"] == "jobs/out-of-memory"


def test_a_fold_that_does_not_exist_is_an_error_of_the_task(task):
    with pytest.raises(TrainerError, match="no fold 7: the view has 5"):
        answer(task("fold", fold=7))


@pytest.mark.parametrize(("name", "method"), [("ridge", "importance"), ("hist_gradient_boosting", "permutation")])
def test_selection_ranks_by_the_estimators_own_importances_or_by_permutation(task, name, method):
    found = answer(task("select", name))
    assert found["importance_method"] == method
    assert len(found["features"]) == 2
    assert found["features"][0] == "wind speed"
    assert set(found["importances"]) == {"wind speed", "distance", "seats", "carrier", "größe"}
    best = sorted(found["importances"].values(), reverse=True)[:2]
    assert [found["importances"][name] for name in found["features"]] == best


def test_encoded_columns_count_for_the_column_they_came_from(task):
    found = answer(task("select", "random_forest", selection={"method": "importance", "top_n": 9, "seeds": [1]}))
    assert sum(found["importances"].values()) == pytest.approx(1)
    document = task("select", "random_forest", feature=copy.deepcopy(FEATURE))
    every = answer({**document, "selection": {"method": "importance", "top_n": 9, "seeds": [1]}})
    assert sum(every["importances"].values()) == pytest.approx(1)
    assert every["features"][0] == "wind speed"


def test_a_fold_with_selection_uses_the_features_chosen_from_its_own_rows(task):
    selection = {"method": "importance", "top_n": 2, "seeds": [1, 2]}
    found = answer(task("fold", "random_forest", selection=selection))
    assert len(found["features"]) == 2
    assert found["features"][0] == "wind speed"
    assert set(found["importances"]) == set(found["features"])


def test_selection_within_a_fold_sees_nothing_of_the_held_out_rows(task, pooled, tmp_path):
    """`distance` gives the answer away in the held-out rows only: chosen from there it would be first."""
    selection = {"method": "importance", "top_n": 1, "seeds": [1]}
    first = answer(task("fold", "random_forest", selection=selection))
    held_out = pq.read_table(tmp_path / "fold.parquet").column("source_row").to_numpy()
    frame = pd.read_parquet(pooled)
    frame.loc[held_out, "distance"] = (frame.y[held_out] * 1000).astype(int)
    document = task("fold", "random_forest", selection=selection)
    document["view"]["path"] = str(write_table(frame, tmp_path / "changed.parquet"))
    assert answer(document)["features"] == first["features"] == ["wind speed"]


def test_a_features_importance_does_not_depend_on_its_position(task):
    found = answer(task("fold"))
    document = task("fold")
    document["feature"]["numeric"].reverse()
    document["feature"]["categorical"][0]["columns"].reverse()
    assert answer(document)["importances"] == pytest.approx(found["importances"], rel=1e-6)


def test_a_file_is_read_once_for_all_its_segments_and_again_when_it_was_replaced(task, pooled, tmp_path, monkeypatch):
    reads = []
    monkeypatch.setattr(
        "signalbox_trainer.assessing.views.read_table",
        lambda path, columns: reads.append(path) or pd.read_parquet(path, columns=columns),
    )
    path = tmp_path / "own.parquet"
    write_table(make_table(100), path)
    views = ViewCache(size=2)
    document = task("prepare")
    document["view"]["path"] = str(path)
    for expected, change in ((1, None), (1, None), (2, 120), (2, None)):
        if change is not None:
            write_table(make_table(change), path)
        run_task(document, views, 1)
        assert len(reads) == expected
    for value in ("UA", "AA", "B6"):
        document["view"]["segment"] = {"column": "carrier", "value": value}
        run_task(document, views, 1)
    document["view"]["segment"] = None
    run_task(document, views, 1)
    assert len(reads) == 2


def test_a_projects_own_model_is_assessed(task, tmp_path):
    (tmp_path / "assessed_models.py").write_text(
        "from sklearn.linear_model import Lasso\n"
        "def make(params, seed, task):\n    return Lasso(random_state=seed, **params)\n"
    )
    document = task("fold")
    document["family"].update(type="python:assessed_models:make", params={"alpha": 0.1})
    assert answer(document)["score"] > 0.5


def test_a_target_that_is_not_in_the_contract_has_the_files_type(task, pooled, tmp_path):
    frame = pd.read_parquet(pooled).assign(is_far=lambda t: t.y > 1)
    document = task("fold", "logistic_regression", "binary")
    document["view"].update(path=str(write_table(frame, tmp_path / "t.parquet")), target="is_far", positive_class=None)
    assert answer(document)["score"] > 0.8


def test_folders_named_key_value_add_no_column_and_change_none(tmp_path):
    folder = tmp_path / "carrier=zz" / "extra=1"
    folder.mkdir(parents=True)
    written = make_table(50)
    path = write_table(written, folder / "train.parquet")
    columns = list(written.columns)
    whole = read_table(path, columns)
    assert list(whole.columns) == columns
    assert whole["carrier"].tolist() == written["carrier"].tolist()
    chunks = pd.concat(list(read_chunks(path, columns, rows=20)), ignore_index=True)
    pd.testing.assert_frame_equal(chunks, whole)
    with pytest.raises(TrainerError, match="extra"):
        read_table(path, ["extra"])
