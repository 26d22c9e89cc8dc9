"""Names of composite model types: `stacked(<first>,<second>)` and `ensemble(<a>,<b>,…)`; parts may be composites."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from signalbox_trainer.errors import TrainerError
from signalbox_trainer.models.model_types import ModelType

STACKED = "stacked"
ENSEMBLE = "ensemble"
_CLASSES = {
    STACKED: "signalbox_transformers.composites.StackedModel",
    ENSEMBLE: "signalbox_transformers.composites.WeightedEnsemble",
}


def composite_name(kind: str, parts: Sequence[str]) -> str:
    """The type a composite is saved under."""
    return f"{kind}({','.join(parts)})"


def is_composite(name: str) -> bool:
    """Whether the name has the form of a composite's; its parts may still be unknown."""
    return name.endswith(")") and name.split("(")[0] in _CLASSES


def split_composite(name: str) -> tuple[str, list[str]]:
    """("stacked", ["ridge", "mlp"]) of "stacked(ridge,mlp)". Raises training/unknown-model on any other form."""
    kind, _, inside = name.removesuffix(")").partition("(")
    parts = [""]
    depth = 0
    for letter in inside:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth < 0:
            break
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    is_whole = depth == 0 and all(parts) and len(parts) >= 2 and (kind == ENSEMBLE or len(parts) == 2)
    if not (is_composite(name) and is_whole):
        raise TrainerError(
            "training/unknown-model",
            f"There is no model type {name!r}.",
            hint="Composite types are written stacked(first,second) and ensemble(a,b).",
        )
    return kind, parts


def composite_entry(name: str, find: Callable[[str], ModelType]) -> ModelType:
    """The registry entry of a composite: it may contain the types of its parts, and the composite's class."""
    kind, names = split_composite(name)
    parts = tuple(find(part) for part in names)
    trusted = {_CLASSES[kind], *(one for part in parts for one in part.trusted)}
    return ModelType(name=name, trusted=tuple(sorted(trusted)), parts=parts, stage=max(part.stage for part in parts))
