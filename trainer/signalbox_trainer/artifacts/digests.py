"""Digests of a saved model, and atomic writing of files."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from glob import escape
from pathlib import Path
from typing import Any

_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class FileFact:
    """A file of a model; `path` is relative to the model's folder and POSIX."""

    path: str
    sha256: str
    size_bytes: int


def sha256_of(path: Path) -> str:
    """Hexadecimal sha256 of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def list_files(folder: Path) -> list[FileFact]:
    """Every file below a folder, sorted by path."""
    paths = sorted((path.relative_to(folder).as_posix(), path) for path in folder.rglob("*") if path.is_file())
    return [FileFact(name, sha256_of(path), path.stat().st_size) for name, path in paths]


def digest_of(digests: Mapping[str, str]) -> str:
    """sha256 over the lines `<sha256>  <path>\\n`, sorted by their UTF-8 bytes."""
    lines = sorted(f"{sha256}  {path}\n".encode() for path, sha256 in digests.items())
    return hashlib.sha256(b"".join(lines)).hexdigest()


def model_digest(files: list[FileFact]) -> str:
    """`digest_of` the files of a model folder."""
    return digest_of({file.path: file.sha256 for file in files})


def temporary_for(final: Path) -> Path:
    """Returns a temporary name next to a file, and removes those that killed writers of the same file left."""
    for left in final.parent.glob(f".{escape(final.name)}.*.tmp"):
        writer = left.name.split(".")[-2]
        if writer.isdigit() and not _is_running(int(writer)):
            left.unlink(missing_ok=True)
    return final.with_name(f".{final.name}.{os.getpid()}.tmp")


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def settle(temporary: Path, final: Path) -> None:
    """Renames a fully written temporary file to its final name, durably."""
    with temporary.open("rb") as file:
        os.fsync(file.fileno())
    os.replace(temporary, final)
    descriptor = os.open(final.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_json(path: Path, document: Mapping[str, Any]) -> None:
    """Writes a JSON document atomically."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_for(path)
    temporary.write_text(json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n", encoding="utf-8")
    settle(temporary, path)
