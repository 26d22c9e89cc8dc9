"""Reports how much of a model is written: a large one takes minutes, and the libraries that write it report nothing."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path

from signalbox_trainer.events import EventWriter

SECONDS_BETWEEN = 0.5


def folder_bytes(folder: Path) -> int:
    """The sum of the sizes of the files below a folder, which may change meanwhile; 0 if it doesn't exist."""
    total = 0
    for root, _folders, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                total += (Path(root) / name).lstat().st_size
    return total


@contextlib.contextmanager
def reporting_size(folder: Path, events: EventWriter, seconds_between: float = SECONDS_BETWEEN) -> Iterator[None]:
    """While open, emits `progress` with the bytes below `folder` whenever there are more of them."""
    is_over = threading.Event()

    def watch() -> None:
        reported = 0
        while not is_over.wait(seconds_between):
            size = folder_bytes(folder)
            if size > reported:
                reported = size
                events.progress(size, None, "bytes", "save")

    watching = threading.Thread(target=watch, name="report-size", daemon=True)
    watching.start()
    try:
        yield
    finally:
        is_over.set()
        watching.join()
