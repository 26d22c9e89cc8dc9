"""The parameters that a training run logs."""

from __future__ import annotations

import json
import platform
from collections.abc import Sequence
from typing import Any

import sklearn

from signalbox_trainer.features.blocks import Block, block_columns, fill_of, folds_of, ngrams_of, smoothing_of
from signalbox_trainer.fitting.stacking import first_member
from signalbox_trainer.fitting.wanted_model import saved_type, wanted_model
from signalbox_trainer.specs.jobs import Member, TrainSpec
from signalbox_trainer.specs.schemas import CategoricalBlock, FeatureSchema, NumericBlock, TextBlock

_NOT_PARAMETERS = ("n_jobs", "classifier", "random_state", "verbose", "callbacks")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _settings(block: Block) -> dict[str, Any]:
    common = {"columns": block_columns(block), "impute": fill_of(block)}
    if isinstance(block, NumericBlock):
        clip = None if block.clip is None else [block.clip.min, block.clip.max]
        return {**common, "clip": clip, "scale": block.scale}
    if isinstance(block, CategoricalBlock):
        encoding = {"encode": block.encode, "order": block.order or None, "min_frequency": block.min_frequency}
        return {**common, **encoding, "folds": folds_of(block), "smooth": smoothing_of(block)}
    if isinstance(block, TextBlock):
        words = {"vectorize": block.vectorize, "max_features": block.max_features, "ngrams": ngrams_of(block)}
        return {**common, **words}
    return {**common, "parts": block.parts, "cyclic": block.cyclic}


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
            settings = {name: value for name, value in _settings(block).items() if value is not None}
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
    """The parameters of every run, whether it fits an estimator or combines fitted models."""
    parts = spec.ensemble.members if spec.ensemble is not None else []
    stage_1 = [first_member(spec.stacking)] if spec.stacking is not None else []
    seed = wanted_model(spec).seed
    return {
        "task": spec.task,
        "target": spec.target,
        "seed": str(spec.seed if seed is None else seed),
        "threads": str(spec.threads),
        "model_type": saved_type(spec),
        "python_version": platform.python_version(),
        "sklearn_version": sklearn.__version__,
        "n_input_columns": str(columns),
        **_members(stage_1, "stacking"),
        **_members(parts, "ensemble"),
    }


def run_params(spec: TrainSpec, estimator: Any, columns: int) -> dict[str, str]:
    """Library versions, seed, and every feature and model parameter that is set, as strings by flat name."""
    settings = {k: v for k, v in sorted(estimator.get_params(deep=False).items()) if k not in _NOT_PARAMETERS}
    return {
        **common_params(spec, columns),
        **{f"model.{name}": _text(value) for name, value in settings.items() if value is not None},
        **_feature_params(spec.feature),
    }
