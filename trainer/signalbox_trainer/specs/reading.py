"""Reads JSON values strictly: an unexpected value is a TrainerError that names its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from signalbox_trainer.errors import TrainerError

INVALID_SPEC = "training/failed"

T = TypeVar("T")
Scalar = str | int | float | bool
# A value and its place in the document, as "spec.sets[0].name".
Reader = Callable[[object, str], T]


def refuse(value: object, where: str, expected: str) -> NoReturn:
    """Raises training/failed: the value at `where` isn't the expected one."""
    raise TrainerError(INVALID_SPEC, f"{where} isn't {expected}: {value!r}.")


class Fields:
    """A JSON object whose values are read by name; other keys are ignored."""

    def __init__(self, value: object, where: str) -> None:
        if not isinstance(value, dict):
            refuse(value, where, "an object")
        self._values: Mapping[str, object] = value
        self._where = where

    def __call__(self, key: str, read: Reader[T]) -> T:
        return read(self._values.get(key), f"{self._where}.{key}")


def anything(value: object, where: str) -> Any:  # noqa: ARG001 (a reader like the others)
    """Any value, unchanged."""
    return value


def text(value: object, where: str) -> str:
    """A string; the workbench checks its length and pattern."""
    return value if isinstance(value, str) else refuse(value, where, "a string")


def path(value: object, where: str) -> Path:
    """The path of a file or folder."""
    return Path(text(value, where))


def flag(value: object, where: str) -> bool:
    """True or false."""
    return value if isinstance(value, bool) else refuse(value, where, "true or false")


def scalar(value: object, where: str) -> Scalar:
    """A string, a number, true or false."""
    return value if isinstance(value, (str, int, float)) else refuse(value, where, "a string, number, true or false")


def _within(value: float, where: str, at_least: float | None, at_most: float | None) -> None:
    if at_least is not None and value < at_least:
        refuse(value, where, f"at least {at_least}")
    if at_most is not None and value > at_most:
        refuse(value, where, f"at most {at_most}")


def whole(at_least: int | None = None, at_most: int | None = None) -> Reader[int]:
    """A whole number within bounds."""

    def read(value: object, where: str) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            refuse(value, where, "a whole number")
        _within(value, where, at_least, at_most)
        return value

    return read


def number(at_least: float | None = None, at_most: float | None = None) -> Reader[float]:
    """A number within bounds; a whole number stays an int."""

    def read(value: object, where: str) -> float:
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            refuse(value, where, "a number")
        _within(value, where, at_least, at_most)
        return value

    return read


def one_of(*allowed: T) -> Reader[T]:
    """One of some values."""

    def read(value: object, where: str) -> T:
        for one in allowed:
            if type(value) is type(one) and value == one:
                return one
        if len(allowed) == 1:
            refuse(value, where, str(allowed[0]))
        names = ", ".join(str(one) for one in allowed)
        raise TrainerError(INVALID_SPEC, f"{where} isn't one of {names}: {value!r}.")

    return read


def optional(read: Reader[T]) -> Callable[[object, str], T | None]:
    """None if the value is null or missing."""
    return lambda value, where: None if value is None else read(value, where)


def otherwise(read: Reader[T], default: object) -> Reader[T]:
    """The value read from `default` if the value is null or missing."""
    return lambda value, where: read(default if value is None else value, where)


def list_of(read: Reader[T], at_least: int = 0) -> Reader[list[T]]:
    """A list of values of one kind."""

    def read_all(value: object, where: str) -> list[T]:
        if not isinstance(value, list):
            refuse(value, where, "a list")
        if len(value) < at_least:
            found = f"has {len(value)} entries" if value else "is empty"
            raise TrainerError(INVALID_SPEC, f"{where} {found}: it needs at least {at_least}.")
        return [read(item, f"{where}[{index}]") for index, item in enumerate(value)]

    return read_all


def pair_of(read: Reader[T]) -> Reader[tuple[T, T]]:
    """A list of exactly two values."""

    def read_both(value: object, where: str) -> tuple[T, T]:
        if not isinstance(value, list) or len(value) != 2:
            refuse(value, where, "a list of two")
        return read(value[0], f"{where}[0]"), read(value[1], f"{where}[1]")

    return read_both


def mapping_of(read: Reader[T]) -> Reader[dict[str, T]]:
    """An object of values of one kind by name."""

    def read_all(value: object, where: str) -> dict[str, T]:
        if not isinstance(value, dict):
            refuse(value, where, "an object")
        return {name: read(item, f"{where}.{name}") for name, item in value.items()}

    return read_all


U = TypeVar("U")


def either(kind: type, read: Reader[T], rest: Reader[U]) -> Callable[[object, str], T | U]:
    """A JSON object (`dict`) or string (`str`) read by `read`, anything else by `rest`."""
    return lambda value, where: read(value, where) if isinstance(value, kind) else rest(value, where)


def by_key(key: str, readers: Mapping[str, Reader[T]]) -> Reader[T]:
    """An object whose value of `key` decides how it is read."""

    def read(value: object, where: str) -> T:
        kind: str = Fields(value, where)(key, one_of(*readers))
        return readers[kind](value, where)

    return read
