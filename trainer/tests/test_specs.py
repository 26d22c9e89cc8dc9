"""The generated readers: they read what the workbench writes, and refuse anything else with its place."""

from __future__ import annotations

import copy
import json
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest
from support import TRAINER

from signalbox_trainer.errors import TrainerError
from signalbox_trainer.specs.jobs import TrainSpec, read_evaluate_spec, read_job, read_latency_spec, read_train_spec
from signalbox_trainer.specs.questions import read_check_spec
from signalbox_trainer.specs.schemas import CategoricalBlock, Column, DatetimeBlock, NumericBlock, TextBlock
from signalbox_trainer.specs.tasks import FoldTask, PrepareTask, SelectTask, read_assess_task, read_worker_spec

RECORDED = TRAINER.parent / "fixtures" / "trainer-specs"
READERS = {
    "train": read_train_spec,
    "train-stacking": read_train_spec,
    "train-ensemble": read_train_spec,
    "evaluate": read_evaluate_spec,
    "prepare": read_assess_task,
    "fold": read_assess_task,
    "select": read_assess_task,
}
EVERY_BLOCK = {
    "version": 1,
    "numeric": [{"columns": ["a"], "impute": {"constant": 0}, "clip": {"max": 9}, "scale": "robust"}],
    "categorical": [
        {"columns": ["b"], "encode": "ordinal", "order": {"b": ["x", 1, True]}, "impute": "most_frequent"},
        {"columns": ["c"], "encode": "target", "folds": 4, "smooth": 2.5},
    ],
    "text": [{"column": "d", "vectorize": "tfidf", "ngrams": [1, 3], "impute": {"constant": ""}}],
    "datetime": [{"columns": ["e"], "parts": ["hour"], "cyclic": True}],
}


def recorded(name):
    return json.loads((RECORDED / f"{name}.json").read_text(encoding="utf-8"))


def at(document, place):
    """The mapping or list that contains the value at a place, and the value's key in it."""
    *path, last = place
    for step in path:
        document = document[step]
    return document, last


def refused(name, place, value):
    document = recorded(name)
    holder, key = at(document, place)
    if value is ...:
        del holder[key]
    else:
        holder[key] = value
    with pytest.raises(TrainerError) as caught:
        READERS[name](document, "spec")
    assert caught.value.code == "training/failed"
    return caught.value.message


@pytest.mark.parametrize("name", list(READERS))
def test_what_the_workbench_wrote_is_read(name):
    READERS[name](recorded(name), "spec")


def test_every_recorded_specification_is_tried():
    assert {path.stem for path in RECORDED.iterdir()} == set(READERS)


def test_a_specification_is_read_with_its_types_and_defaults():
    spec = read_train_spec(recorded("train"), "spec")
    assert isinstance(spec.train_path, Path)
    assert spec.stacking is None
    assert spec.contract.columns["minutes"] == Column("float", non_nullable=True, known="before")
    assert read_job(recorded("train"), "spec").events_path == spec.events_path
    stacked = read_train_spec(recorded("train-stacking"), "spec").stacking
    assert stacked is not None
    assert stacked.expected_digest == "0" * 64
    tasks = [read_assess_task(recorded(kind), "task") for kind in ("prepare", "fold", "select")]
    assert [type(task) for task in tasks] == [PrepareTask, FoldTask, SelectTask]
    assert tasks[1].family.params == {"alpha": 0.5}


def test_every_kind_of_block_is_read():
    feature = read_train_spec({**recorded("train"), "feature": EVERY_BLOCK}, "spec").feature
    [numeric], [ordinal, target], [text], [datetime] = (
        feature.numeric,
        feature.categorical,
        feature.text,
        feature.datetime,
    )
    kinds = (NumericBlock, CategoricalBlock, CategoricalBlock, TextBlock, DatetimeBlock)
    assert tuple(map(type, (numeric, ordinal, target, text, datetime))) == kinds
    # A whole number stays a whole number: it is logged as it was written.
    assert (repr(numeric.impute.constant), numeric.clip.min, numeric.clip.max) == ("0", None, 9)
    assert (ordinal.order, ordinal.impute, ordinal.smooth) == ({"b": ["x", 1, True]}, "most_frequent", None)
    assert (target.folds, target.smooth, text.ngrams, text.impute.constant) == (4, 2.5, (1, 3), "")


def test_keys_that_the_trainer_does_not_know_are_ignored():
    document = recorded("train")
    document["colour"] = "blue"
    document["contract"]["columns"]["minutes"]["colour"] = "blue"
    assert read_train_spec(document, "spec") == read_train_spec(recorded("train"), "spec")


@pytest.mark.parametrize(
    ("name", "place", "value", "message"),
    [
        ("train", ["target"], ..., "spec.target isn't a string: None."),
        ("train", ["target"], 5, "spec.target isn't a string: 5."),
        ("train", ["schema"], 2, "spec.schema isn't 1: 2."),
        ("train", ["schema"], True, "spec.schema isn't 1: True."),
        ("train", ["task"], "ranking", "spec.task isn't one of regression, binary, multiclass: 'ranking'."),
        ("train", ["threads"], 0, "spec.threads isn't at least 1: 0."),
        ("train", ["threads"], 1.5, "spec.threads isn't a whole number: 1.5."),
        ("train", ["seed"], True, "spec.seed isn't a whole number: True."),
        ("train", ["positive_class"], ["yes"], "spec.positive_class isn't a string, number, true or false: ['yes']."),
        ("train", ["contract"], "v1", "spec.contract isn't an object: 'v1'."),
        ("train", ["contract", "columns", "minutes", "type"], ..., "spec.contract.columns.minutes.type isn't one of"),
        ("train", ["contract", "columns", "minutes"], 1, "spec.contract.columns.minutes isn't an object: 1."),
        ("train", ["feature", "numeric"], {}, "spec.feature.numeric isn't a list: {}."),
        ("train", ["feature", "numeric", 0, "columns", 0], 7, "spec.feature.numeric[0].columns[0] isn't a string: 7."),
        ("train", ["feature", "numeric", 0, "columns"], [], "spec.feature.numeric[0].columns is empty: it needs at"),
        ("train", ["model", "model", "params"], [], "spec.model.model.params isn't an object: []."),
        ("train-stacking", ["stacking", "expected_digest"], None, "spec.stacking.expected_digest isn't a string: "),
        ("evaluate", ["sets"], [], "spec.sets is empty: it needs at least 1."),
        ("evaluate", ["sets", 0, "predictions_path"], 1, "spec.sets[0].predictions_path isn't a string: 1."),
        ("evaluate", ["explicit_trust"], "yes", "spec.explicit_trust isn't true or false: 'yes'."),
        ("fold", ["kind"], "guess", "spec.kind isn't one of prepare, fold, select: 'guess'."),
        ("fold", ["fold"], -1, "spec.fold isn't at least 0: -1."),
        ("fold", ["family"], ..., "spec.family isn't an object: None."),
        ("fold", ["folds", "strategy"], "luck", "spec.folds.strategy isn't one of group, time, group_time, key:"),
        ("fold", ["importance", "method"], "gain", "spec.importance.method isn't one of auto, permutation: 'gain'."),
        ("select", ["selection"], ..., "spec.selection isn't an object: None."),
        ("select", ["selection", "top_n"], 0, "spec.selection.top_n isn't at least 1: 0."),
        ("select", ["view", "segment", "value"], 3, "spec.view.segment.value isn't a string: 3."),
    ],
)
def test_a_bad_value_is_named_by_its_place(name, place, value, message):
    assert message in refused(name, place, value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"numeric": [{"columns": ["a"], "impute": "guess"}]}, "numeric[0].impute isn't one of mean, median"),
        ({"numeric": [{"columns": ["a"], "impute": {"constant": "0"}}]}, "numeric[0].impute.constant isn't a number"),
        ({"categorical": [{"columns": ["a"], "encode": "target", "folds": 21}]}, "folds isn't at most 20: 21."),
        ({"categorical": [{"columns": ["a"], "encode": "target", "smooth": "much"}]}, "smooth isn't auto: 'much'."),
        ({"text": [{"column": "a", "vectorize": "tfidf", "ngrams": [1]}]}, "text[0].ngrams isn't a list of two: [1]."),
        ({"datetime": [{"columns": ["a"], "parts": ["century"]}]}, "datetime[0].parts[0] isn't one of year, month"),
    ],
)
def test_a_bad_block_is_named_by_its_place(change, message):
    assert message in refused("train", ["feature"], {**EVERY_BLOCK, **change})


def test_an_ensemble_of_one_model_is_refused():
    members = recorded("train-ensemble")["ensemble"]["members"]
    message = refused("train-ensemble", ["ensemble", "members"], members[:1])
    assert message == "spec.ensemble.members has 1 entries: it needs at least 2."


@pytest.mark.parametrize("read", [read_train_spec, read_latency_spec, read_check_spec, read_worker_spec])
@pytest.mark.parametrize("document", [None, [], "train", 1])
def test_anything_but_an_object_is_refused(read, document):
    with pytest.raises(TrainerError, match="spec isn't an object"):
        read(document, "spec")


def places(value, document, here=()):
    """Every place of a document that the reader has a field for, nested ones included."""
    if is_dataclass(value) and document is not None:
        for field in fields(value):
            yield (*here, field.name)
            yield from places(getattr(value, field.name), document.get(field.name), (*here, field.name))


@pytest.mark.parametrize("name", list(READERS))
def test_every_value_that_is_read_is_checked(name):
    """Replaces each value by one that no field accepts."""
    document = recorded(name)
    for place in places(READERS[name](document, "spec"), document):
        changed = copy.deepcopy(document)
        holder, key = at(changed, place)
        if isinstance(holder, dict) and isinstance(holder.get(key), dict):
            holder[key] = 0.5
        else:
            holder[key] = {"no": "value"}
        with pytest.raises(TrainerError, match=".".join(str(step) for step in place)):
            READERS[name](changed, "spec")


def test_missing_keys_have_their_defaults():
    spec = recorded("train-ensemble")
    del spec["model"], spec["feature"], spec["positive_class"]
    found = read_train_spec(spec, "spec")
    assert isinstance(found, TrainSpec)
    assert (found.model, found.positive_class, found.feature.numeric) == (None, None, [])
    task = recorded("fold")
    del task["importance"], task["folds"]["embargo_ms"], task["selection"]
    read = read_assess_task(task, "task")
    assert (read.importance.max_rows, read.folds.embargo_ms, read.selection) == (2000, 0, None)
