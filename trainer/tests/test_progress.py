import itertools
import json

import numpy as np
import pytest
from support import FAST

from signalbox_trainer.events import EventWriter
from signalbox_trainer.fitting.progress import FitProgress, reporting
from signalbox_trainer.models.estimators import build_estimator
from signalbox_trainer.models.model_definition import ModelDefinition
from signalbox_trainer.models.model_types import MODEL_TYPES

REPORTING = [name for name, entry in MODEL_TYPES.items() if entry.progress != "phases"]


def read(path, kind=None):
    found = [json.loads(line) for line in path.read_text().splitlines()]
    return [event for event in found if kind in (None, event["type"])]


@pytest.mark.parametrize("name", REPORTING)
def test_a_fit_with_progress_equals_the_fit_without(tmp_path, capfd, name):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(80, 3)), rng.normal(size=80)
    schema = ModelDefinition(name, FAST.get(name, {}), 1)
    silent, heard = (build_estimator(schema, task="regression", seed=1, threads=1, project_dir=tmp_path) for _ in "ab")
    silent.fit(X, y)
    capfd.readouterr()
    with EventWriter(tmp_path / "events") as events, reporting(MODEL_TYPES[name], heard, events) as arguments:
        heard.fit(X, y, **arguments)
    assert capfd.readouterr().out == ""
    np.testing.assert_array_equal(silent.predict(X), heard.predict(X))
    assert silent.get_params() == heard.get_params()
    assert read(tmp_path / "events", "progress")[-1]["done"] == 5


def test_progress_is_limited_to_four_events_a_second_and_always_reports_the_end(tmp_path):
    ticks = itertools.count(step=0.01)
    with EventWriter(tmp_path / "events") as events:
        progress = FitProgress(events, 100, "trees", lambda: next(ticks))
        for done in range(1, 101):
            progress.step(done, loss=1.0 / done)
    found = read(tmp_path / "events", "progress")
    assert len(found) <= 6
    assert found[-1]["done"] == 100


def test_an_early_end_becomes_the_total(tmp_path):
    entry = MODEL_TYPES["gradient_boosting"]
    schema = ModelDefinition("gradient_boosting", {"n_estimators": 500, "n_iter_no_change": 1}, 1)
    rng = np.random.default_rng(0)
    model = build_estimator(schema, task="regression", seed=1, threads=1, project_dir=tmp_path)
    with EventWriter(tmp_path / "events") as events, reporting(entry, model, events) as arguments:
        model.fit(rng.normal(size=(80, 3)), rng.normal(size=80), **arguments)
    last = read(tmp_path / "events", "progress")[-1]
    assert last["done"] == last["total"] == model.n_estimators_


def test_events_of_two_writers_never_mix_within_a_line(tmp_path):
    with EventWriter(tmp_path / "events", clock=lambda: 1.5) as one, EventWriter(tmp_path / "events") as two:
        for step in range(50):
            one.metric("größe", step, step)
            two.metric("b", float("nan"), step)
            two.warning("x" * 5000)
    lines = read(tmp_path / "events")
    assert len(lines) == 100
    assert lines[0] == {"type": "metric", "time": 1500, "key": "größe", "value": 0, "step": 0}
