import json
import time

from signalbox_trainer.events import EventWriter
from signalbox_trainer.fitting.write_progress import folder_bytes, reporting_size


def progress(path):
    return [event for line in path.read_text().splitlines() if (event := json.loads(line))["type"] == "progress"]


def test_the_bytes_of_a_model_are_reported_while_it_is_written(tmp_path):
    model = tmp_path / "model"
    with EventWriter(tmp_path / "events") as events, reporting_size(model, events, seconds_between=0.01):
        model.mkdir()
        for name in ("a", "b"):
            (model / name).write_bytes(b"x" * 1000)
            until = time.monotonic() + 10
            while len(progress(tmp_path / "events")) < (1 if name == "a" else 2) and time.monotonic() < until:
                time.sleep(0.01)
    assert [
        (event["done"], event["total"], event["unit"], event["stage"]) for event in progress(tmp_path / "events")
    ] == [
        (1000, None, "bytes", "save"),
        (2000, None, "bytes", "save"),
    ]


def test_a_folder_that_does_not_exist_has_no_bytes(tmp_path):
    assert folder_bytes(tmp_path / "none") == 0
