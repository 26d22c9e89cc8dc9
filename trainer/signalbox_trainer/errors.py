"""Errors with the shape and the codes of the workbench."""

from __future__ import annotations

import difflib
import traceback
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

OUT_OF_MEMORY = "jobs/out-of-memory"
_BAD_ALLOCATION = ("bad_alloc", "bad allocation", "unable to allocate", "cannot allocate memory", "out of memory")


Step = Mapping[str, Any]
"""A next step for the user: `operation`, `input` and `why`, as the workbench declares its operations."""


class TrainerError(Exception):
    """An expected failure: a code of the workbench, what is wrong and where, a hint, and the next steps."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        hint: str | None = None,
        next_steps: Sequence[Step] = (),
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.next_steps = next_steps
        self.details = details


def nearest(name: str, allowed: Iterable[str]) -> str | None:
    """The allowed name closest to `name`, or None if none is close."""
    found = difflib.get_close_matches(name, list(allowed), n=1, cutoff=0.5)
    return found[0] if found else None


def _is_out_of_memory(error: BaseException) -> bool:
    text = str(error).lower()
    return isinstance(error, MemoryError) or any(phrase in text for phrase in _BAD_ALLOCATION)


def encode(error: BaseException, fallback_code: str) -> dict[str, Any]:
    """Encodes any exception as an error of the workbench: code, message, hint?, next?, details?, cause?."""
    if isinstance(error, TrainerError):
        encoded: dict[str, Any] = {"code": error.code, "message": error.message}
        if error.hint is not None:
            encoded["hint"] = error.hint
        if error.next_steps:
            encoded["next"] = [dict(step) for step in error.next_steps]
        if error.details is not None:
            encoded["details"] = dict(error.details)
    elif _is_out_of_memory(error):
        encoded = {
            "code": OUT_OF_MEMORY,
            "message": f"This machine doesn't have enough memory: {error or 'allocation failed'}.",
            "hint": "Use fewer rows or columns, a sparser encoding, or a machine with more memory.",
        }
    else:
        encoded = {"code": fallback_code, "message": f"{type(error).__name__}: {error}"}
    cause = error.__cause__ if isinstance(error, TrainerError) else error
    if cause is not None:
        stack = "".join(traceback.format_exception(cause))
        encoded["cause"] = {"message": f"{type(cause).__name__}: {cause}", "stack": stack[-4000:]}
    return encoded
