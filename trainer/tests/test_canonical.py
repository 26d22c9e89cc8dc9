import io
import json
import zipfile

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from signalbox_trainer.artifacts.array_padding import without_padding
from signalbox_trainer.artifacts.canonical import canonical_skops
from signalbox_trainer.artifacts.digests import digest_of


def _archive(path, ids, *, value="1.5", shared=True, reverse=False):
    first, second = ids
    schema = {
        "__class__": "dict",
        "__loader__": "DictNode",
        "__id__": first,
        "content": {
            "a": {"__loader__": "NdArrayNode", "__id__": second, "file": f"{second}.npy"},
            "b": {"__loader__": "NdArrayNode", "__id__": second if shared else second + 1, "file": f"{second}.npy"},
            "c": {"__loader__": "JsonNode", "__id__": first + 1, "content": value},
            "_stop_words_id": {"__loader__": "JsonNode", "__id__": first + 2, "content": str(first)},
        },
    }
    entries = [("schema.json", json.dumps(schema)), (f"{second}.npy", "numbers")]
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in reversed(entries) if reverse else entries:
            archive.writestr(zipfile.ZipInfo(name, (1990 + first % 50, 1, 1, 0, 0, 0)), content)
    return canonical_skops(path)


@given(st.integers(1, 2**48), st.integers(2**49, 2**62), st.booleans())
def test_addresses_dates_and_the_order_of_entries_change_nothing(tmp_path_factory, first, second, reverse):
    folder = tmp_path_factory.mktemp("skops")
    assert _archive(folder / "a", (1, 2**50)) == _archive(folder / "b", (first, second), reverse=reverse)


def test_another_number_or_another_sharing_of_objects_gives_another_digest(tmp_path):
    base = _archive(tmp_path / "a", (1, 2**50))
    assert _archive(tmp_path / "b", (1, 2**50), value="1.6") != base
    assert _archive(tmp_path / "c", (1, 2**50), shared=False) != base


def test_the_digest_of_files_is_that_of_their_sorted_lines():
    import hashlib

    lines = b"aa  z\nbb  MLmodel\n"
    assert digest_of({"MLmodel": "bb", "z": "aa"}) == hashlib.sha256(lines).hexdigest()


def _npy(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def test_the_padding_of_a_record_does_not_count():
    kind = np.dtype({"names": ["a", "b"], "formats": ["<i8", "u1"], "offsets": [0, 8], "itemsize": 16})
    clean, dirty = np.zeros(3, dtype=kind), np.full(48, 7, dtype=np.uint8).view(kind)
    for table in (clean, dirty):
        table["a"], table["b"] = [1, 2, 3], [4, 5, 6]
    assert _npy(clean) != _npy(dirty)
    assert without_padding(_npy(dirty)) == without_padding(_npy(clean)) == _npy(clean)


def test_an_array_of_numbers_is_unchanged():
    content = _npy(np.arange(5.0))
    assert without_padding(content) == content
