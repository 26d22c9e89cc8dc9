"""A small table of every column type, and specifications for it."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd

TRAINER = Path(__file__).resolve().parents[1]
TARGETS = {"regression": "y", "binary": "late", "multiclass": "band"}
COLUMNS = {
    "id": {"type": "int", "non_nullable": True},
    "wind speed": {"type": "float", "non_nullable": True},
    "distance": {"type": "int", "non_nullable": True},
    "seats": {"type": "int"},
    "größe": {"type": "string"},
    "carrier": {"type": "string", "non_nullable": True},
    "dest": {"type": "string", "non_nullable": True},
    "is_weekday": {"type": "bool"},
    "departs": {"type": "timestamp", "non_nullable": True},
    "note": {"type": "string"},
    "arr_time": {"type": "float", "known": "after"},
    "y": {"type": "float", "non_nullable": True},
    "late": {"type": "string", "non_nullable": True},
    "band": {"type": "string", "non_nullable": True},
}
FEATURE = {
    "version": 1,
    "numeric": [
        {"columns": ["wind speed", "distance"], "scale": "standard"},
        {"columns": ["seats"], "impute": "median", "clip": {"min": 10, "max": 300}},
    ],
    "categorical": [
        {"columns": ["carrier"], "encode": "onehot"},
        {
            "columns": ["größe"],
            "encode": "ordinal",
            "order": {"größe": ["klein", "mittel", "groß"]},
            "impute": "most_frequent",
        },
        {"columns": ["is_weekday"], "encode": "binary", "impute": {"constant": False}},
        {"columns": ["dest"], "encode": "target", "folds": 3},
    ],
    "text": [{"column": "note", "vectorize": "hashing", "max_features": 8, "impute": {"constant": ""}}],
    "datetime": [{"columns": ["departs"], "parts": ["hour", "weekday"], "cyclic": True}],
}
FAST = {
    "gradient_boosting": {"n_estimators": 5},
    "hist_gradient_boosting": {"max_iter": 5},
    "random_forest": {"n_estimators": 5},
    "extra_trees": {"n_estimators": 5},
    "mlp": {"max_iter": 5, "hidden_layer_sizes": [4]},
    "lightgbm": {"n_estimators": 5},
    "xgboost": {"n_estimators": 5},
}


def make_table(rows: int, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    wind = rng.normal(size=rows)
    seats = pd.array(rng.integers(20, 400, rows), dtype="Int64")
    seats[rng.random(rows) < 0.2] = pd.NA
    carrier = rng.choice(["UA", "AA", "B6"], rows)
    y = 3 * wind + (carrier == "UA") * 2 + rng.normal(size=rows) * 0.3
    return pd.DataFrame(
        {
            "id": rng.permutation(rows),
            "wind speed": wind,
            "distance": rng.integers(100, 3000, rows),
            "seats": seats,
            "größe": rng.choice(["klein", "mittel", "groß", None], rows),
            "carrier": carrier,
            "dest": rng.choice([f"D{i}" for i in range(20)], rows),
            "is_weekday": rng.choice([True, False, None], rows),
            "departs": pd.Timestamp("2013-01-01") + pd.to_timedelta(rng.integers(0, 10**6, rows), unit="s"),
            "note": rng.choice(["late crew", "fog at the gate", None], rows),
            "arr_time": y,
            "y": y,
            "late": np.where(y > 0, "yes", "no"),
            "band": np.select([y < -1, y < 1], ["low", "mid"], "top"),
        }
    )


def write_table(table: pd.DataFrame, path: Path) -> Path:
    table.to_parquet(path, index=False)
    return path


def train_spec(table: Path, out: Path, model: str = "ridge", task: str = "regression", **changes):
    out.mkdir(parents=True, exist_ok=True)
    spec = {
        "schema": 1,
        "run_id": "run",
        "project_dir": str(out),
        "train_path": str(table),
        "task": task,
        "target": TARGETS[task],
        "contract": {"version": 1, "primary_key": ["id"], "target": TARGETS[task], "columns": copy.deepcopy(COLUMNS)},
        "feature": copy.deepcopy(FEATURE),
        "model": {"version": 1, "model": {"type": model, "params": FAST.get(model, {})}, "seed": 7},
        "seed": 7,
        "threads": 2,
        "output_dir": str(out),
        "events_path": str(out / "events.jsonl"),
    }
    spec.update(changes)
    return spec


def evaluate_spec(trained: dict, table: Path, out: Path, **changes):
    digest = json.loads((Path(trained["output_dir"]) / "training.json").read_text())["model_digest"]
    out.mkdir(parents=True, exist_ok=True)
    spec = {
        "schema": 1,
        "run_id": "run",
        "model_dir": str(Path(trained["output_dir"]) / "model"),
        "model_type": trained["model"]["model"]["type"],
        "expected_digest": digest,
        "task": trained["task"],
        "target": trained["target"],
        "primary_key": ["id"],
        "contract": trained["contract"],
        "sets": [{"name": "reference", "path": str(table), "predictions_path": str(out / "reference.parquet")}],
        "threads": 1,
        "output_dir": str(out),
        "events_path": str(out / "events.jsonl"),
    }
    spec.update(changes)
    return spec


def run(command: str, spec: dict) -> int:
    """Runs one command in this process; thread variables of the environment are unchanged."""
    from signalbox_trainer.cli import main

    path = Path(spec["events_path"]).parent / f"{command}.json"
    path.write_text(json.dumps(spec))
    before = dict(os.environ)
    try:
        return main([command, str(path)])
    finally:
        os.environ.clear()
        os.environ.update(before)


def events(spec: dict, kind: str) -> list[dict]:
    lines = Path(spec["events_path"]).read_text().splitlines()
    return [event for event in map(json.loads, lines) if event["type"] == kind]


def failure(command: str, spec: dict) -> dict:
    assert run(command, spec) == 1
    [error] = events(spec, "error")
    return error


def training_result(spec: dict) -> dict:
    return json.loads((Path(spec["output_dir"]) / "training.json").read_text())


def start_python(arguments: list[str], *, cwd: Path, with_trainer: bool) -> subprocess.Popen:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    environment["MLFLOW_DISABLE_TELEMETRY"] = "true"
    # A client that loads a folder in place would write compiled modules into it, which changes the digest.
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    if with_trainer:
        environment["PYTHONPATH"] = f"{TRAINER}{os.pathsep}{TRAINER / 'tests'}"
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
