import json

import pandas as pd
import pytest
from support import failure, make_table, run, train_spec, training_result, write_table

from signalbox_trainer.evaluating.latency import ROUNDS, WARM_UP_CALLS, sample_rows, time_in_turns


class Clock:
    """Nanoseconds that pass only while a model is called."""

    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        return self.now


def models_of(clock: Clock, milliseconds: list[float]):
    called: list[int] = []

    def make(m: int):
        def call(_row: pd.DataFrame) -> None:
            called.append(m)
            clock.now += int(milliseconds[m] * 1e6)

        return call

    return [make(m) for m in range(len(milliseconds))], called


def test_models_are_timed_in_turns_and_the_first_one_changes():
    clock = Clock()
    calls, called = models_of(clock, [2.0, 5.0])
    rows = [pd.DataFrame({"x": [k]}) for k in range(10)]
    taken = time_in_turns(calls, [rows, rows], clock=clock)
    assert taken.shape == (2, 10 * ROUNDS)
    assert set(taken[0]) == {2.0}
    assert set(taken[1]) == {5.0}
    assert called[2 * WARM_UP_CALLS :][:6] == [0, 1, 1, 0, 0, 1]


def test_no_round_begins_after_the_budget():
    clock = Clock()
    calls, _ = models_of(clock, [100.0])
    rows = [pd.DataFrame({"x": [k]}) for k in range(10)]
    assert time_in_turns(calls, [rows], budget=0.5, clock=clock).shape == (1, 10)
    assert time_in_turns(calls, [rows], budget=1.5, clock=clock).shape == (1, 20)


def test_rows_are_evenly_spaced(tmp_path):
    path = write_table(pd.DataFrame({"x": range(1000), "y": range(1000)}), tmp_path / "t.parquet")
    rows = sample_rows(path, ["x"], rows=5)
    assert [list(row.columns) for row in rows] == [["x"]] * 5
    assert [int(row["x"].iloc[0]) for row in rows] == [0, 249, 499, 749, 999]
    few = write_table(pd.DataFrame({"x": [1, 2]}), tmp_path / "few.parquet")
    assert len(sample_rows(few, ["x"])) == 2


@pytest.fixture(scope="module")
def trained(small_table, tmp_path_factory):
    specs = [
        train_spec(small_table, tmp_path_factory.mktemp(model), model, "binary")
        for model in ("logistic_regression", "random_forest")
    ]
    for spec in specs:
        assert run("train", spec) == 0
    return specs


def latency_spec(trained, table, out, **changes):
    out.mkdir(parents=True, exist_ok=True)
    models = [
        {
            "name": name,
            "model_dir": f"{spec['output_dir']}/model",
            "model_type": spec["model"]["model"]["type"],
            "expected_digest": training_result(spec)["model_digest"],
        }
        for name, spec in zip(("candidate", "production"), trained, strict=True)
    ]
    return {
        "schema": 1,
        "run_id": "run",
        "task": "binary",
        "table": str(table),
        "models": models,
        "threads": 1,
        "output_dir": str(out),
        "events_path": str(out / "events.jsonl"),
        **changes,
    }


def test_two_saved_models_have_their_quantiles(trained, small_table, tmp_path):
    spec = latency_spec(trained, small_table, tmp_path)
    assert run("latency", spec) == 0
    found = json.loads((tmp_path / "latency.json").read_text())["models"]
    assert [one["name"] for one in found] == ["candidate", "production"]
    assert found[0]["calls"] == found[1]["calls"] >= 100
    assert all(0 < one["p50_ms"] <= one["p95_ms"] for one in found)


def test_a_model_with_another_digest_is_not_loaded(trained, small_table, tmp_path):
    spec = latency_spec(trained, small_table, tmp_path)
    spec["models"][1]["expected_digest"] = "0" * 64
    assert failure("latency", spec)["code"] == "evaluation/model-changed"


def test_an_empty_table_and_no_models_are_refused(trained, tmp_path):
    empty = write_table(make_table(0), tmp_path / "empty.parquet")
    assert failure("latency", latency_spec(trained, empty, tmp_path / "a"))["code"] == "splits/empty-side"
    none = latency_spec(trained, empty, tmp_path / "b", models=[])
    assert "models is empty" in failure("latency", none)["message"]
