"""What a training run logs as its parameters."""

from __future__ import annotations

import json
import platform
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import sklearn

from signalbox_trainer.specs.composites import Member
from signalbox_trainer.specs.jobs import TrainSpec
from signalbox_trainer.specs.schemas import Block, FeatureSchema

_NOT_PARAMETERS = ("n_jobs", "classifier", "random_state", "verbose", "callbacks")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _feature_params(feature: FeatureSchema) -> dict[str, str]:
    found: dict[str, str] = {}
    kinds: dict[str, Sequence[Block]] = {
        "numeric": feature.numeric,
        "categorical": feature.categorical,
        "text": feature.text,
        "datetime": feature.datetime,
    }
    for kind, blocks in kinds.items():
        for number, block in enumerate(blocks, 1):
            settings = {name: value for name, value in asdict(block).items() if value is not None and value != {}}
            found.update({f"feature.{kind}_{number}.{name}": _text(value) for name, value in settings.items()})
    return found


def _members(members: Sequence[Member], prefix: str) -> dict[str, str]:
    return {
        key: value
        for number, member in enumerate(members)
        for key, value in (
            (f"{prefix}_{number}_model_type", member.model_type),
            (f"{prefix}_{number}_model_digest", member.expected_digest),
        )
    }


def common_params(spec: TrainSpec, columns: int) -> dict[str, str]:
    """What every run logs, whether it fits an estimator or puts fitted models together."""
    parts = spec.ensemble.members if spec.ensemble is not None else []
    stage_1 = [spec.stacking.first] if spec.stacking is not None else []
    return {
        "task": spec.task,
        "target": spec.target,
        "seed": str(spec.seed if spec.model.seed is None else spec.model.seed),
        "threads": str(spec.threads),
        "model_type": spec.model_type,
        "python_version": platform.python_version(),
        "sklearn_version": sklearn.__version__,
        "n_input_columns": str(columns),
        **_members(stage_1, "stacking"),
        **_members(parts, "ensemble"),
    }


def run_params(spec: TrainSpec, estimator: Any, columns: int) -> dict[str, str]:
    """Library versions, seed, and every feature and model parameter that is set, as text by flat name."""
    settings = {k: v for k, v in sorted(estimator.get_params(deep=False).items()) if k not in _NOT_PARAMETERS}
    return {
        **common_params(spec, columns),
        **{f"model.{name}": _text(value) for name, value in settings.items() if value is not None},
        **_feature_params(spec.feature),
    }
