"""The program `evaluate`: loads the trained model and writes every set's predictions and losses.

The workbench computes metrics from those files, so that they are the same for every model.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from signalbox_trainer.artifacts.digests import settle, sha256_of, temporary_for, write_json
from signalbox_trainer.artifacts.trust import load_trusted
from signalbox_trainer.errors import TrainerError
from signalbox_trainer.evaluating.predictions import Scoring, key_column, make_scoring, score, unseen_classes
from signalbox_trainer.events import EventWriter
from signalbox_trainer.specs.jobs import EvaluateSpec, ScoredSet
from signalbox_trainer.tables.parquet import open_parquet, read_chunks
from signalbox_transformers.composites import input_columns

# Fixed, because the last digits of a linear model depend on how many rows are multiplied at once.
CHUNK_ROWS = 65_536
ROW_GROUP_ROWS = 122_880
CLASSES_KEY = b"signalbox.classes"


def _to_array(values: np.ndarray) -> pa.Array:
    return pa.array(values, type=pa.string()) if values.dtype == object else pa.array(values)


def _key_columns(path: Path, primary_key: list[str]) -> pa.Table:
    file = open_parquet(path)
    missing = [name for name in primary_key if name not in file.schema_arrow.names]
    if missing:
        raise TrainerError("evaluation/failed", f"Key columns missing from {path.name}: {', '.join(missing)}.")
    return file.read(columns=primary_key).select(primary_key)


def predict_set(spec: EvaluateSpec, scoring: Scoring, scored: ScoredSet, events: EventWriter) -> pa.Table:
    """Key, target, predictions and losses of one set, sorted by key."""
    keys = _key_columns(scored.path, spec.primary_key)
    inputs = input_columns(scoring.model)
    total = keys.num_rows
    done = 0
    chunks: list[dict[str, np.ndarray]] = []
    for chunk in read_chunks(scored.path, [*inputs, spec.target], CHUNK_ROWS):
        chunks.append(score(scoring, chunk.drop(columns=[spec.target]), chunk[spec.target]))
        done += len(chunk)
        events.progress(done, total, "rows", f"evaluate {scored.name}")
    if not chunks:
        raise TrainerError("splits/empty-side", f"The test {scored.name} is empty.")
    columns = {name: _to_array(np.concatenate([chunk[name] for chunk in chunks])) for name in chunks[0]}
    key_names = [key_column(name) for name in spec.primary_key]
    table = pa.table([*keys.columns, *columns.values()], names=[*key_names, *columns])
    return table.sort_by([(name, "ascending") for name in key_names])


def write_predictions(table: pa.Table, path: Path, classes: list[str]) -> None:
    """Writes a Parquet file with fixed settings: equal rows give equal bytes."""
    metadata = {CLASSES_KEY: json.dumps(classes, ensure_ascii=False).encode()} if classes else None
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_for(path)
    try:
        pq.write_table(
            table.replace_schema_metadata(metadata),
            temporary,
            compression="zstd",
            compression_level=3,
            row_group_size=ROW_GROUP_ROWS,
            use_dictionary=True,
        )
        settle(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _evaluate_set(spec: EvaluateSpec, scoring: Scoring, scored: ScoredSet, events: EventWriter) -> dict[str, Any]:
    events.phase(f"predict {scored.name}")
    table = predict_set(spec, scoring, scored, events)
    unseen = unseen_classes(scoring, table.column("target").to_numpy())
    if unseen:
        events.warning(f"The test {scored.name} has classes that training never met: {', '.join(sorted(unseen))}.")
    write_predictions(table, scored.predictions_path, scoring.classes)
    return {
        "name": scored.name,
        "rows": table.num_rows,
        "predictions_path": str(scored.predictions_path),
        "sha256": sha256_of(scored.predictions_path),
        "size_bytes": scored.predictions_path.stat().st_size,
        "classes": scoring.classes,
        "unseen_classes": unseen,
    }


def run_evaluate(spec: EvaluateSpec, events: EventWriter) -> Path:
    """Writes each set's predictions, then `evaluation.json`; returns the latter's path."""
    events.phase("load")
    model = load_trusted(
        spec.model_dir,
        spec.model_type,
        expected=spec.expected_digest,
        is_explicitly_trusted=spec.explicit_trust,
    )
    columns = spec.contract.columns
    scoring = make_scoring(
        model,
        task=spec.task,
        target=spec.target,
        target_type=columns[spec.target].type if spec.target in columns else "float",
        positive_class=spec.positive_class,
    )
    sets = [_evaluate_set(spec, scoring, scored, events) for scored in spec.sets]
    path = spec.output_dir / "evaluation.json"
    write_json(path, {"schema": 1, "run_id": spec.run_id, "model_type": spec.model_type, "sets": sets})
    events.emit("result", path=path.name)
    return path
