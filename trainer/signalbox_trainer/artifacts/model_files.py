"""Saves the fitted pipeline as an MLflow model: once, without registry addresses or paths of this machine."""

from __future__ import annotations

import importlib.metadata
import logging
import shutil
import warnings
from pathlib import Path
from typing import Any

import pandas as pd

import signalbox_transformers
from signalbox_trainer.errors import TrainerError
from signalbox_trainer.models.custom_model import code_root, split_custom
from signalbox_trainer.models.model_types import CUSTOM_PREFIX, ModelType, trusted_types

_BASE_PACKAGES = ("mlflow", "numpy", "pandas", "scikit-learn", "scipy", "skops")
_GROUP_PACKAGES = {"lightgbm": ("lightgbm",), "xgboost": ("xgboost", "xgboost-cpu")}
EXAMPLE_ROWS = 5


def requirements(entry: ModelType) -> list[str]:
    """The packages that a client needs to load the model, with the versions of the fit."""
    pins = [f"{name}=={importlib.metadata.version(name)}" for name in _BASE_PACKAGES]
    for group in sorted({leaf.group for leaf in entry.leaves() if leaf.group is not None}):
        for name in _GROUP_PACKAGES.get(group, ()):
            try:
                pins.append(f"{name}=={importlib.metadata.version(name)}")
                break
            except importlib.metadata.PackageNotFoundError:
                continue
    return pins


def _input_type(values: pd.Series) -> Any:
    """The signature's type of a raw column.

    MLflow accepts a column only in one dtype, but nulls change it: an integer column with a null arrives as
    float, which `long` refuses. The type is left open if no MLflow type fits both cases; the pipeline itself
    converts each column to its contract type.
    """
    from mlflow.types import DataType
    from mlflow.types.schema import AnyType

    dtype = values.dtype
    if isinstance(dtype, pd.StringDtype):
        return DataType.string
    kind = dtype.kind if not isinstance(dtype, pd.DatetimeTZDtype) else "zoned"
    return {"f": DataType.double, "M": DataType.datetime, "b": DataType.boolean}.get(kind, AnyType())


def _signature(model: Any, example: pd.DataFrame, nullable: set[str]) -> Any:
    from mlflow.models import ModelSignature, infer_signature
    from mlflow.types import ColSpec, DataType, Schema

    columns = []
    for name in example.columns:
        kind = example[name].dtype.kind
        is_whole = kind == "i" and name not in nullable
        is_required = name not in nullable
        column_type = DataType.long if is_whole else _input_type(example[name])
        columns.append(ColSpec(type=column_type, name=name, required=is_required))
    outputs = infer_signature(model_output=model.predict(example)).outputs
    return ModelSignature(inputs=Schema(columns), outputs=outputs)


def _plain_nulls(example: pd.DataFrame) -> pd.DataFrame:
    """Replaces null strings by None: as NaN they would make the example's JSON unreadable in other languages."""
    texts = {name: example[name] for name in example.columns if example[name].dtype.kind in "OTU"}
    plain = {name: values.astype(object).where(values.notna(), None) for name, values in texts.items()}
    return example.assign(**plain)


def _custom_types(model: Any, module: str) -> list[str]:
    import skops.io

    top = module.split(".")[0]
    found = skops.io.get_untrusted_types(data=skops.io.dumps(model))
    return [name for name in found if name.split(".")[0] == top]


def save_model(
    model: Any, model_dir: Path, *, entry: ModelType, example: pd.DataFrame, nullable: set[str], project_dir: Path
) -> None:
    """Writes or replaces the folder `model_dir`. `example` is the first raw rows; `nullable` the columns with nulls."""
    import mlflow.sklearn

    code = [str(Path(signalbox_transformers.__file__).parent)]
    trusted = trusted_types(entry)
    own = [split_custom(leaf.name)[0] for leaf in entry.leaves() if leaf.name.startswith(CUSTOM_PREFIX)]
    for module in dict.fromkeys(own):
        code.append(str(code_root(module, project_dir)))
        trusted = sorted({*trusted, *_custom_types(model, module)})
    code = list(dict.fromkeys(code))
    shutil.rmtree(model_dir, ignore_errors=True)
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            mlflow.sklearn.save_model(
                model,
                str(model_dir),
                code_paths=code,
                serialization_format="skops",
                signature=_signature(model, example, nullable),
                input_example=_plain_nulls(example),
                pip_requirements=requirements(entry),
                skops_trusted_types=trusted,
            )
        except mlflow.MlflowException as error:
            raise TrainerError(
                "training/failed",
                f"The fitted model can't be saved: {error}",
                hint="A model of your own can have only types of its module and of known libraries.",
            ) from error
    for cache in list(model_dir.rglob("__pycache__")):
        shutil.rmtree(cache)
