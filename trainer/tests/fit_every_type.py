"""Run as a separate process: trains every model type of every task into one folder each."""

import sys
from pathlib import Path

from support import run, train_spec

from signalbox_trainer.models.model_types import MODEL_TYPES

if __name__ == "__main__":
    table, out = Path(sys.argv[1]), Path(sys.argv[2])
    for name, entry in MODEL_TYPES.items():
        for task in entry.tasks():
            if run("train", train_spec(table, out / f"{name}-{task}", name, task)) != 0:
                sys.exit(f"{name} {task} failed")
