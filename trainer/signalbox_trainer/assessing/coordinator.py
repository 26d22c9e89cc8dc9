"""The program `assess`: an assessment where it runs. It hands tasks to workers and their answers back.

Tasks are JSON lines on standard input, answers lines on standard output. A worker is a process of its own
(`assess-worker`): it starts with its first task and, should it die over one, again with the next.
"""

from __future__ import annotations

import json
import queue
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

WORKER_FAILED = "training/worker-failed"
_HINT = "If memory ran out: fewer workers (--jobs 1), or executors.local.memory_gib in signalbox.yaml."
_TAIL_CHARACTERS = 4_000

Answer = Callable[[bytes], None]


def _document(line: bytes) -> dict[str, Any]:
    """A line's fields; none where it is no JSON object."""
    try:
        document = json.loads(line)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def describe_end(code: int) -> str:
    """ "SIGKILL", or "code 3"."""
    if code >= 0:
        return f"code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


class _Process:
    """A worker's process and the end of what it complained of."""

    def __init__(self, command: list[str]) -> None:
        self._popen = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self._complaint = ""
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        assert self._popen.stderr is not None
        for line in self._popen.stderr:
            text = line.decode(errors="replace")
            sys.stderr.write(text)
            sys.stderr.flush()
            self._complaint = f"{self._complaint}{text}"[-_TAIL_CHARACTERS:]

    def ask(self, task: bytes) -> bytes | None:
        """The line that answers a task; None where the process died over it."""
        assert self._popen.stdin is not None and self._popen.stdout is not None
        asked = _document(task).get("id")
        try:
            self._popen.stdin.write(task)
            self._popen.stdin.flush()
        except OSError:
            return None
        for line in self._popen.stdout:
            reply = _document(line)
            if "ok" in reply and reply.get("id") == asked:
                return line
        return None

    def why(self) -> str:
        """How it ended and what it said last."""
        code = self._popen.wait()
        self._listener.join(1.0)
        said = self._complaint.strip().splitlines()
        return f"ended with {describe_end(code)}: {said[-1] if said else ''}"

    def is_over(self) -> bool:
        return self._popen.poll() is not None

    def end(self) -> None:
        """Kills it: what it answered is in whole files, and taking down its libraries takes a tenth of a second."""
        self._popen.kill()
        self._popen.wait()


class _Worker:
    """One of the workers: a thread that asks a process one task after the other."""

    def __init__(self, number: int, command: list[str], answer: Answer, on_free: Callable[[_Worker], None]) -> None:
        self._number = number
        self._command = command
        self._answer = answer
        self._on_free = on_free
        self._tasks: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        # The kernel ends a worker with the thread that started it: this one lives until its last process has ended.
        self._thread = threading.Thread(target=self._work)
        self._thread.start()

    def give(self, task: bytes | None) -> None:
        """Hands over a task; None ends the worker once it has done what it was given."""
        self._tasks.put(task)

    def join(self) -> None:
        self._thread.join()

    def _work(self) -> None:
        process: _Process | None = None
        while (task := self._tasks.get()) is not None:
            try:
                process = process or _Process(self._command)
                reply = process.ask(task) or self._failure(task, process.why())
            except OSError as error:
                reply = self._failure(task, f"can't be started: {error}")
            if process is not None and process.is_over():
                process = None
            self._answer(reply)
            self._on_free(self)
        if process is not None:
            process.end()

    def _failure(self, task: bytes, why: str) -> bytes:
        message = f"Worker {self._number} of the assessment {why}"
        error = {"code": WORKER_FAILED, "message": message, "hint": _HINT}
        return json.dumps({"id": _document(task).get("id"), "ok": False, "error": error}).encode() + b"\n"


class Coordinator:
    """Gives each task to the first worker that is free; those that came first are done first."""

    def __init__(self, workers: int, command: list[str], answer: Answer) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[bytes] = deque()
        self._all = [_Worker(number, command, self._locked(answer), self._freed) for number in range(1, workers + 1)]
        self._free = list(self._all)
        self._is_ending = False

    @staticmethod
    def _locked(answer: Answer) -> Answer:
        lock = threading.Lock()

        def one_at_a_time(line: bytes) -> None:
            with lock:
                answer(line)

        return one_at_a_time

    def take(self, task: bytes) -> None:
        with self._lock:
            if self._free:
                self._free.pop(0).give(task)
            else:
                self._waiting.append(task)

    def end(self) -> None:
        """Returns once every task was answered and no worker lives."""
        with self._lock:
            self._is_ending = True
            for worker in self._free:
                worker.give(None)
        for worker in self._all:
            worker.join()

    def _freed(self, worker: _Worker) -> None:
        with self._lock:
            if self._waiting:
                worker.give(self._waiting.popleft())
            elif self._is_ending:
                worker.give(None)
            else:
                # One whose process is there comes before one that would have to start it.
                self._free.insert(0, worker)


def coordinate(lines: Iterable[bytes], answer: Answer, *, workers: int, command: list[str]) -> None:
    """Answers every line, in the order in which workers are done, until there are no more."""
    coordinator = Coordinator(workers, command, answer)
    try:
        for line in lines:
            if line.strip():
                coordinator.take(line if line.endswith(b"\n") else line + b"\n")
    finally:
        coordinator.end()


def run_assess(spec_path: str, workers: int) -> None:
    """Serves standard input until its end."""
    output = sys.stdout.buffer

    def answer(line: bytes) -> None:
        output.write(line)
        output.flush()

    command = [sys.executable, "-m", "signalbox_trainer", "assess-worker", spec_path]
    coordinate(iter(sys.stdin.buffer.readline, b""), answer, workers=workers, command=command)
