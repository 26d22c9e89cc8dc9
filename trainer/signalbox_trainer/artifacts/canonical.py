"""The canonical form of a saved model: the part that is equal when the same fit is repeated.

skops names arrays and objects by memory address, bytes by random UUID, and dates every entry; MLflow adds a time and
ids. The canonical form numbers ids in order of first appearance, names entries by that number and hashes them without
dates. It removes from `MLmodel` whatever identifies this one save, and sizes, which depend on how many digits an
address has. It also clears the padding of a tree's nodes.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

from signalbox_trainer.artifacts.array_padding import without_padding
from signalbox_trainer.artifacts.digests import digest_of, list_files

SKOPS_FILE = "model.skops"
MLMODEL_FILE = "MLmodel"
_ONE_SAVE_ONLY = ("utc_time_created", "model_uuid", "model_id", "run_id", "artifact_path", "model_size_bytes")
_SCHEMA = "schema.json"
# Memory addresses that scikit-learn itself stores in an attribute: the vectorisers remember the last stop words.
_ADDRESSES = ("_stop_words_id",)


class _Renumbering:
    """Numbers ids and file names in order of first appearance."""

    def __init__(self) -> None:
        self._ids: dict[int, int] = {}
        self.files: dict[str, str] = {}

    def _file(self, name: str) -> str:
        return self.files.setdefault(name, f"{len(self.files)}{Path(name).suffix}")

    def value(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self.value(item) for item in value]
        return self.node(value) if isinstance(value, dict) else value

    def node(self, node: dict[str, Any]) -> dict[str, Any]:
        """Removes the ids of scalars: whether equal ones share an object is up to the interpreter."""
        is_scalar = node.get("__loader__") == "JsonNode"
        renumbered: dict[str, Any] = {}
        for key, value in node.items():
            if key in _ADDRESSES:
                continue
            if key == "__id__" and isinstance(value, int):
                if not is_scalar:
                    renumbered[key] = self._ids.setdefault(value, len(self._ids))
            elif key == "file" and isinstance(value, str) and "__loader__" in node:
                renumbered[key] = self._file(value)
            elif key == "content" and node.get("__loader__") == "SetNode":
                renumbered[key] = self.value(sorted(value, key=_without_ids))
            else:
                renumbered[key] = self.value(value)
        return renumbered


def _without_ids(node: Any) -> str:
    def strip(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: strip(item) for key, item in value.items() if key not in ("__id__", "file")}
        return [strip(item) for item in value] if isinstance(value, list) else value

    return json.dumps(strip(node), sort_keys=True)


def _canonical_entry(name: str, content: bytes) -> bytes:
    is_array = name.endswith(".npy") and content.startswith(b"\x93NUMPY")
    return without_padding(content) if is_array else content


def canonical_skops(path: Path) -> str:
    """sha256 over the sorted lines `<sha256>  <entry>\\n` of the renumbered entries of a skops file."""
    with zipfile.ZipFile(path) as archive:
        numbering = _Renumbering()
        schema = numbering.value(json.loads(archive.read(_SCHEMA)))
        text = json.dumps(schema, ensure_ascii=True, separators=(",", ":"))
        digests = {_SCHEMA: hashlib.sha256(text.encode()).hexdigest()}
        for original, name in numbering.files.items():
            digests[name] = hashlib.sha256(_canonical_entry(name, archive.read(original))).hexdigest()
    return digest_of(digests)


def canonical_mlmodel(path: Path) -> str:
    """sha256 of `MLmodel` as sorted JSON, without the keys that identify this one save."""
    import yaml

    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    kept = {key: value for key, value in document.items() if key not in _ONE_SAVE_ONLY}
    return hashlib.sha256(json.dumps(kept, sort_keys=True, default=str).encode()).hexdigest()


def canonical_digest(model_dir: Path) -> str:
    """`model_digest` over the canonical form of a model folder's files."""
    digests = {file.path: file.sha256 for file in list_files(model_dir)}
    if SKOPS_FILE in digests:
        digests[SKOPS_FILE] = canonical_skops(model_dir / SKOPS_FILE)
    digests[MLMODEL_FILE] = canonical_mlmodel(model_dir / MLMODEL_FILE)
    return digest_of(digests)
