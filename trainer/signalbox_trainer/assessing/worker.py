"""The program `assess-worker`: tasks as JSON lines on standard input, one answer per line on standard output.

Starting Python and importing scikit-learn takes longer than fitting most folds, so one process runs many tasks.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
from collections.abc import Iterable
from typing import IO, Any

from signalbox_trainer.assessing.tasks import run_task
from signalbox_trainer.assessing.views import ViewCache
from signalbox_trainer.errors import encode

_PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """Makes Linux kill this process when its parent ends; on other systems the end of input ends it."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def own_output() -> IO[str]:
    """Reserves standard output for answers: what libraries print, in C too, goes to standard error from now on."""
    sys.stdout.flush()
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def answer_line(line: bytes, views: ViewCache, threads: int) -> dict[str, Any]:
    """{"id", "ok", "result" | "error"}; `id` is null if the line has none."""
    task: Any = None
    try:
        task = json.loads(line)
        return {"id": task["id"], "ok": True, "result": run_task(task, views, threads)}
    except Exception as error:
        name = task.get("id") if isinstance(task, dict) else None
        return {"id": name, "ok": False, "error": encode(error, "training/worker-failed")}


def serve(lines: Iterable[bytes], answers: IO[str], threads: int) -> None:
    """Answers every line in order until the input ends."""

    def write(document: dict[str, Any]) -> None:
        answers.write(json.dumps(document, ensure_ascii=False, allow_nan=False) + "\n")
        answers.flush()

    views = ViewCache()
    write({"ready": True, "pid": os.getpid()})
    for line in lines:
        if line.strip():
            write(answer_line(line, views, threads))


def run_worker(threads: int) -> None:
    """Answers standard input until it ends."""
    die_with_parent()
    with own_output() as answers:
        serve(iter(sys.stdin.buffer.readline, b""), answers, threads)
