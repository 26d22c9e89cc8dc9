"""The event file: what a job reports to the workbench while it runs, one JSON document per line."""

from __future__ import annotations

import json
import math
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

Clock = Callable[[], float]


class EventWriter:
    """Appends events to a file, each line in one write, so that lines never mix.

    `clock` returns seconds since the epoch; events have whole milliseconds. Thread-safe.
    """

    def __init__(self, path: Path, clock: Clock = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)

    def __enter__(self) -> EventWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._descriptor)

    def emit(self, kind: str, **fields: Any) -> None:
        event = {"type": kind, "time": int(self._clock() * 1000), **fields}
        line = json.dumps(event, ensure_ascii=False, allow_nan=False) + "\n"
        with self._lock:
            os.write(self._descriptor, line.encode())

    def phase(self, name: str) -> None:
        self.emit("phase", name=name)

    def param(self, key: str, value: str) -> None:
        self.emit("param", key=key, value=value)

    def metric(self, key: str, value: float, step: int = 0) -> None:
        """Skips a value that isn't finite: MLflow and JSON have no number for it."""
        if math.isfinite(value):
            self.emit("metric", key=key, value=value, step=step)

    def progress(self, done: int, total: int | None, unit: str, stage: str) -> None:
        self.emit("progress", done=done, total=total, unit=unit, stage=stage)

    def warning(self, message: str) -> None:
        self.emit("warning", message=message)
