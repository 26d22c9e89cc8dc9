import json
import os
import subprocess
import sys
import time

import pytest
from support import COLUMNS, TRAINER, make_table, write_table


@pytest.fixture
def worker(tmp_path):
    spec = tmp_path / "worker.json"
    spec.write_text(json.dumps({"schema": 1, "threads": 1}))
    environment = {**os.environ, "PYTHONPATH": str(TRAINER), "PYTHONHASHSEED": "0"}
    process = subprocess.Popen(
        [sys.executable, "-m", "signalbox_trainer", "assess-worker", str(spec)],
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield process
    process.kill()
    process.communicate()


def task(table, folder, **changes):
    return {
        "id": "t1",
        "kind": "fold",
        "out": str(folder / "t1.json"),
        "signature": "abc",
        "view": {"path": str(table), "segment": None, "target": "y", "task": "regression", "positive_class": None},
        "contract": {"version": 1, "columns": COLUMNS},
        "feature": {"version": 1, "numeric": [{"columns": ["wind speed"]}]},
        "folds": {"strategy": "key", "group": [], "time": None, "key": ["id"], "strata": [], "salt": "s", "max": 5},
        "project_dir": str(folder),
        "family": {"name": "ridge", "type": "ridge", "params": {}, "seed": 1},
        "fold": 0,
        **changes,
    }


def ask(worker, document):
    worker.stdin.write((document if isinstance(document, str) else json.dumps(document)) + "\n")
    worker.stdin.flush()
    return json.loads(worker.stdout.readline())


def test_a_worker_answers_every_line_with_one_and_ends_with_its_input(worker, tmp_path):
    table = write_table(make_table(100), tmp_path / "t.parquet")
    assert json.loads(worker.stdout.readline()) == {"ready": True, "pid": worker.pid}
    first = ask(worker, task(table, tmp_path))
    assert (first["id"], first["ok"]) == ("t1", True)
    assert json.loads((tmp_path / "t1.json").read_text()) == first["result"]
    assert first["result"]["score"] > 0.5

    broken = ask(worker, "{not json")
    assert (broken["id"], broken["ok"], broken["error"]["code"]) == (None, False, "training/worker-failed")
    missing = ask(worker, task(tmp_path / "absent.parquet", tmp_path, id="t2"))
    assert (missing["id"], missing["ok"], missing["error"]["code"]) == ("t2", False, "files/not-found")
    again = ask(worker, task(table, tmp_path, id="t3", out=str(tmp_path / "t3.json")))
    assert again["ok"]
    assert again["result"]["score"] == first["result"]["score"]

    out, _ = worker.communicate(timeout=60)
    assert (worker.returncode, out) == (0, "")


def test_what_a_model_prints_does_not_reach_the_answers(worker, tmp_path):
    (tmp_path / "loud_models.py").write_text(
        "import os\nfrom sklearn.linear_model import Ridge\n"
        "def make(params, seed, task):\n    print('hello'); os.write(1, b'from C\\n')\n    return Ridge()\n"
    )
    table = write_table(make_table(100), tmp_path / "t.parquet")
    worker.stdout.readline()
    document = task(table, tmp_path)
    document["family"]["type"] = "python:loud_models:make"
    assert ask(worker, document)["ok"]
    out, errors = worker.communicate(timeout=60)
    assert out == ""
    assert "hello" in errors
    assert "from C" in errors


def test_tasks_waiting_in_the_pipe_are_done_before_the_worker_ends(worker, tmp_path):
    table = write_table(make_table(100), tmp_path / "t.parquet")
    names = [f"t{number}" for number in range(3)]
    asked = [json.dumps(task(table, tmp_path, id=name, out=str(tmp_path / f"{name}.json"))) for name in names]
    out, _ = worker.communicate("\n".join(asked) + "\n", timeout=120)
    assert [json.loads(line).get("id") for line in out.splitlines()[1:]] == names
    assert worker.returncode == 0


def test_a_worker_that_is_killed_leaves_no_half_result(worker, tmp_path):
    (tmp_path / "slow_models.py").write_text(
        "import pathlib, time\nfrom sklearn.linear_model import Ridge\n"
        "class Slow(Ridge):\n"
        "    def fit(self, X, y):\n        pathlib.Path('fitting').touch()\n        time.sleep(60)\n"
        "def make(params, seed, task):\n    return Slow()\n"
    )
    table = write_table(make_table(100), tmp_path / "t.parquet")
    document = task(table, tmp_path)
    document["family"]["type"] = "python:slow_models:make"
    worker.stdin.write(json.dumps(document) + "\n")
    worker.stdin.flush()
    until = time.monotonic() + 120
    while not (tmp_path / "fitting").exists() and time.monotonic() < until:
        time.sleep(0.05)
    worker.kill()
    worker.wait(timeout=30)
    assert (tmp_path / "fitting").exists()
    assert not list(tmp_path.glob("*t1*"))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux signals the death of a parent")
def test_a_worker_ends_with_the_process_that_started_it(tmp_path):
    (tmp_path / "worker.json").write_text(json.dumps({"schema": 1, "threads": 1}))
    # The pipe's other end stays open here, so that the end of input can't end the worker.
    reading, writing = os.pipe()
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import subprocess, sys, time\n"
            "subprocess.Popen([sys.executable, '-m', 'signalbox_trainer', 'assess-worker', 'worker.json'])\n"
            "time.sleep(600)",
        ],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(TRAINER)},
        stdin=reading,
        stdout=subprocess.PIPE,
        text=True,
    )
    pid = json.loads(parent.stdout.readline())["pid"]
    parent.kill()
    parent.wait(timeout=30)
    # Its standard output ends with the worker, the last process to hold it open.
    assert parent.stdout.read() == ""
    os.close(reading)
    os.close(writing)
    parent.stdout.close()
    assert pid != parent.pid


def test_a_worker_does_not_load_mlflow():
    script = "import sys, signalbox_trainer.assessing.worker; sys.exit('mlflow' in sys.modules)"
    environment = {**os.environ, "PYTHONPATH": str(TRAINER)}
    assert subprocess.run([sys.executable, "-c", script], env=environment, check=False).returncode == 0
