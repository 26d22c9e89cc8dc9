"""The registry of estimators: the class, the requirements and the allowed types of each model type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from signalbox_trainer.specs.schemas import Task

CLASSIFICATION: tuple[Task, ...] = ("binary", "multiclass")
EVERY_TASK: tuple[Task, ...] = ("regression", "binary", "multiclass")

# Types of our own pipeline steps, and those of scikit-learn that skops doesn't trust by default.
PIPELINE_TYPES = (
    "numpy.dtype",
    "signalbox_transformers.categories.BinaryDigits",
    "signalbox_transformers.categories.Categories",
    "signalbox_transformers.columns.Clip",
    "signalbox_transformers.columns.ContractColumns",
    "signalbox_transformers.calendar_parts.DatetimeParts",
    "signalbox_transformers.categories.OrdinalRanks",
    "signalbox_transformers.text.TextColumn",
    "sklearn.model_selection._split.KFold",
    "sklearn.model_selection._split.StratifiedKFold",
)
_TREE = "sklearn.tree._tree.Tree"


@dataclass(frozen=True)
class ModelType:
    """One model type.

    `regressor` and `classifier` are "module:Class". `seed` is "always", "never", or the parameter values under which
    the estimator draws random numbers. `progress` names the mechanism in fitting/progress.py. `reserved` parameters are
    set only by the trainer. `signalbox init` offers the types of `stage` 1. `parts` are those of a composite.
    """

    name: str
    regressor: str | None = None
    classifier: str | None = None
    trusted: tuple[str, ...] = ()
    seed: str | Mapping[str, tuple[Any, ...]] = "always"
    threads_param: str | None = None
    progress: str = "phases"
    total_param: str | None = None
    group: str | None = None
    defaults: Mapping[str, Any] = field(default_factory=dict)
    reserved: tuple[str, ...] = ("random_state", "verbose", "warm_start", "n_jobs")
    is_dense: bool = False
    is_label_coded: bool = False
    varies_with_threads: str | None = None
    stage: int = 1
    parts: tuple[ModelType, ...] = ()

    def leaves(self) -> list[ModelType]:
        """The types that are fitted: this one, or the parts of a composite."""
        return [leaf for part in self.parts for leaf in part.leaves()] if self.parts else [self]

    def tasks(self) -> tuple[Task, ...]:
        if self.regressor and self.classifier:
            return EVERY_TASK
        return ("regression",) if self.regressor else CLASSIFICATION

    def estimator_path(self, task: Task) -> str | None:
        return self.regressor if task == "regression" else self.classifier

    def needs_seed(self, params: Mapping[str, Any]) -> bool:
        if isinstance(self.seed, str):
            return self.seed == "always"
        return any(params.get(name) in values for name, values in self.seed.items())


_TYPES = (
    ModelType(
        name="gradient_boosting",
        regressor="sklearn.ensemble:GradientBoostingRegressor",
        classifier="sklearn.ensemble:GradientBoostingClassifier",
        trusted=(_TREE,),
        progress="monitor",
        total_param="n_estimators",
    ),
    ModelType(
        name="hist_gradient_boosting",
        regressor="sklearn.ensemble:HistGradientBoostingRegressor",
        classifier="sklearn.ensemble:HistGradientBoostingClassifier",
        trusted=("sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",),
        progress="lines",
        total_param="max_iter",
        is_dense=True,
        varies_with_threads="adds gradients over threads in no fixed order: with more than two, last digits may vary",
    ),
    ModelType(
        name="random_forest",
        regressor="sklearn.ensemble:RandomForestRegressor",
        classifier="sklearn.ensemble:RandomForestClassifier",
        trusted=(_TREE,),
        threads_param="n_jobs",
        progress="trees",
        total_param="n_estimators",
    ),
    ModelType(
        name="extra_trees",
        regressor="sklearn.ensemble:ExtraTreesRegressor",
        classifier="sklearn.ensemble:ExtraTreesClassifier",
        trusted=(_TREE,),
        threads_param="n_jobs",
        progress="trees",
        total_param="n_estimators",
    ),
    ModelType(
        name="decision_tree",
        regressor="sklearn.tree:DecisionTreeRegressor",
        classifier="sklearn.tree:DecisionTreeClassifier",
        trusted=(_TREE,),
    ),
    ModelType(name="linear_regression", regressor="sklearn.linear_model:LinearRegression", seed="never"),
    ModelType(name="ridge", regressor="sklearn.linear_model:Ridge", seed={"solver": ("sag", "saga")}),
    ModelType(name="elastic_net", regressor="sklearn.linear_model:ElasticNet", seed={"selection": ("random",)}),
    ModelType(
        name="logistic_regression",
        classifier="sklearn.linear_model:LogisticRegression",
        seed={"solver": ("sag", "saga", "liblinear")},
        defaults={"max_iter": 1000},
    ),
    ModelType(
        name="mlp",
        regressor="sklearn.neural_network:MLPRegressor",
        classifier="sklearn.neural_network:MLPClassifier",
        trusted=(
            "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
            "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
        ),
        progress="iterations",
        total_param="max_iter",
    ),
    ModelType(
        name="lightgbm",
        regressor="lightgbm:LGBMRegressor",
        classifier="lightgbm:LGBMClassifier",
        trusted=(
            "collections.OrderedDict",
            "collections.defaultdict",
            "lightgbm.basic.Booster",
            "lightgbm.sklearn.LGBMClassifier",
            "lightgbm.sklearn.LGBMRegressor",
        ),
        threads_param="n_jobs",
        progress="lightgbm",
        total_param="n_estimators",
        group="lightgbm",
        defaults={"deterministic": True, "force_row_wise": True, "verbosity": -1},
    ),
    ModelType(
        name="xgboost",
        regressor="xgboost:XGBRegressor",
        classifier="xgboost:XGBClassifier",
        trusted=(
            "signalbox_transformers.labelled.LabelledClassifier",
            "xgboost.core.Booster",
            "xgboost.sklearn.XGBClassifier",
            "xgboost.sklearn.XGBRegressor",
        ),
        threads_param="n_jobs",
        progress="xgboost",
        total_param="n_estimators",
        group="xgboost",
        defaults={"n_estimators": 100, "tree_method": "hist"},
        reserved=("random_state", "verbosity", "n_jobs", "callbacks", "device"),
        is_label_coded=True,
    ),
)

MODEL_TYPES: Mapping[str, ModelType] = {entry.name: entry for entry in _TYPES}
CUSTOM_PREFIX = "python:"


def trusted_types(entry: ModelType) -> list[str]:
    """Every type that a saved model of this kind may contain besides those that skops trusts by default, sorted."""
    return sorted({*PIPELINE_TYPES, *entry.trusted})
