"""Reading JSON documents strictly: every access names the field it wanted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from signalbox_trainer.errors import TrainerError

INVALID_SPEC = "training/failed"


class Fields:
    """One JSON object with typed access; a missing or mistyped field is a TrainerError that names its path."""

    def __init__(self, values: Any, where: str) -> None:
        if not isinstance(values, dict):
            raise TrainerError(INVALID_SPEC, f"{where} is not an object.")
        self.values: Mapping[str, Any] = values
        self.where = where

    def _expect(self, key: str, kind: type | tuple[type, ...], what: str) -> Any:
        value = self.values.get(key)
        is_bool_for_number = isinstance(value, bool) and kind is not bool
        if not isinstance(value, kind) or is_bool_for_number:
            raise TrainerError(INVALID_SPEC, f"{self.where}.{key} is not {what}: {value!r}.")
        return value

    def has(self, key: str) -> bool:
        return self.values.get(key) is not None

    def text(self, key: str) -> str:
        found = self._expect(key, str, "a text")
        return str(found)

    def whole(self, key: str) -> int:
        return int(self._expect(key, int, "a whole number"))

    def flag(self, key: str, default: bool) -> bool:
        return bool(self._expect(key, bool, "true or false")) if self.has(key) else default

    def texts(self, key: str) -> list[str]:
        return [str(item) for item in self._expect(key, list, "a list")]

    def record(self, key: str) -> Fields:
        return Fields(self._expect(key, dict, "an object"), f"{self.where}.{key}")

    def records(self, key: str) -> list[Fields]:
        if not self.has(key):
            return []
        items = self._expect(key, list, "a list")
        return [Fields(item, f"{self.where}.{key}[{i}]") for i, item in enumerate(items)]


def read_fields(path: Path) -> Fields:
    """The JSON document of a file as `Fields`; schema 1 is the only one known."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TrainerError(INVALID_SPEC, f"The job's specification {path} can't be read: {error}") from error
    fields = Fields(document, "spec")
    if fields.values.get("schema") != 1:
        raise TrainerError(INVALID_SPEC, f"The specification's schema is {fields.values.get('schema')!r}, not 1.")
    return fields
