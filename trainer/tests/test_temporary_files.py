"""What killed writers leave beside a file."""

from __future__ import annotations

import os
import subprocess
import sys

from signalbox_trainer.artifacts.digests import write_json


def test_a_writer_removes_what_a_killed_one_of_the_same_file_left(tmp_path):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left = tmp_path / f".fold [1].json.{ended.pid}.tmp"
    running = tmp_path / f".fold [1].json.{os.getppid()}.tmp"
    other = tmp_path / f".fold 2.json.{ended.pid}.tmp"
    for file in (left, running, other):
        file.write_text("half")
    write_json(tmp_path / "fold [1].json", {"a": 1})
    assert sorted(it.name for it in tmp_path.iterdir()) == sorted([running.name, other.name, "fold [1].json"])
