"""Reads the file that a program gets as its argument."""

from __future__ import annotations

import json
from pathlib import Path

from signalbox_trainer.errors import TrainerError
from signalbox_trainer.specs.reading import INVALID_SPEC


def read_document(path: Path) -> object:
    """Reads the JSON document in a file. Raises training/failed if there is none."""
    try:
        document: object = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TrainerError(INVALID_SPEC, f"The job's specification {path} can't be read: {error}") from error
    return document
