"""The program `assess`: tasks shared among workers, whatever becomes of these."""

from __future__ import annotations

import json
import sys
import threading

from signalbox_trainer.assessing.coordinator import coordinate, describe_end

# A worker that says who it is; it prints what is no answer, and dies over a task that tells it to.
FAKE = """
import json, os, signal, sys, time
print(json.dumps({"ready": True, "pid": os.getpid()}), flush=True)
for line in sys.stdin:
    task = json.loads(line)
    print("a library's word", flush=True)
    if task.get("die"):
        print("no memory left", file=sys.stderr, flush=True)
        os.kill(os.getpid(), signal.SIGKILL) if task["die"] == "KILL" else sys.exit(3)
    time.sleep(task.get("seconds", 0))
    print(json.dumps({"id": task["id"], "ok": True, "result": os.getpid()}), flush=True)
"""


def answers_to(tasks, *, workers=1, command=None):
    answers = []
    lines = [json.dumps({"id": str(number), **task}).encode() for number, task in enumerate(tasks)]
    coordinate(
        [*lines[:1], b"\n", *lines[1:]],
        answers.append,
        workers=workers,
        command=command or [sys.executable, "-c", FAKE],
    )
    return {answer["id"]: answer for answer in map(json.loads, answers)}


def test_one_worker_answers_all_tasks_with_one_process_and_no_thread_stays():
    before = threading.active_count()
    found = answers_to([{}, {}, {}])
    assert sorted(found) == ["0", "1", "2"]
    assert len({answer["result"] for answer in found.values()}) == 1
    assert threading.active_count() == before


def test_workers_share_the_tasks_and_start_no_more_processes_than_there_is_work_for():
    two = answers_to([{"seconds": 0.5}, {"seconds": 0.5}, {}, {}], workers=2)
    assert len({answer["result"] for answer in two.values()}) == 2
    assert len({answer["result"] for answer in answers_to([{}], workers=4).values()}) == 1


def test_a_worker_that_dies_fails_its_task_alone_and_says_how_it_ended():
    found = answers_to([{}, {"die": "KILL"}, {}, {"die": "exit"}, {}])
    assert [found[str(number)]["ok"] for number in range(5)] == [True, False, True, False, True]
    assert found["1"]["error"]["code"] == "training/worker-failed"
    assert found["1"]["error"]["message"] == "Worker 1 of the assessment ended with SIGKILL: no memory left"
    assert found["3"]["error"]["message"] == "Worker 1 of the assessment ended with code 3: no memory left"
    assert "--jobs 1" in found["1"]["error"]["hint"]
    assert found["0"]["result"] != found["2"]["result"]


def test_a_worker_that_cannot_be_started_fails_every_task():
    found = answers_to([{}, {}], command=["/nowhere/python"])
    assert {answer["error"]["code"] for answer in found.values()} == {"training/worker-failed"}
    assert "can't be started" in found["0"]["error"]["message"]


def test_ends_are_named_as_people_know_them():
    assert [describe_end(code) for code in (-9, 1, -1000)] == ["SIGKILL", "code 1", "signal 1000"]
