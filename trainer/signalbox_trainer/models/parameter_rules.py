"""What each parameter of a model type may be, in short texts, from scikit-learn's constraints or else from annotations.

A rule is alternatives joined by " | ": null, bool, text, list, map, 'a word', int[1,), number(0,1], float(0,1], or any.
`float` is a number that mustn't be whole, because a whole one means a count there. `reserved` is set by the trainer.
"""

from __future__ import annotations

import inspect
import re
from numbers import Integral
from typing import Any

from signalbox_trainer.models.estimators import estimator_class, parameter_defaults
from signalbox_trainer.models.model_types import MODEL_TYPES, ModelType

_CLASSES = {"str": "text", "dict": "map", "list": "list", "tuple": "list", "bool": "bool"}
# In annotations, the first that matches a name.
_ANNOTATED = {"float": "number", "int": "int", "bool": "bool", "str": "text", "Dict": "map", "List": "list"}


def _interval(constraint: Any) -> str:
    kind = {"RealNotInt": "float"}.get(constraint.type.__name__, "int" if constraint.type is Integral else "number")
    low, high = (
        "" if bound is None or abs(bound) == float("inf") else f"{bound:g}"
        for bound in (constraint.left, constraint.right)
    )
    opening = "[" if constraint.closed in ("left", "both") else "("
    closing = "]" if constraint.closed in ("right", "both") else ")"
    return f"{kind}{opening}{low},{high}{closing}"


def _alternatives(constraint: Any) -> list[str]:
    """What YAML can express of a constraint; nothing for a callable or an object."""
    kind = type(constraint).__name__
    if kind == "Hidden":
        return _alternatives(constraint.constraint)
    if kind == "Interval":
        return [_interval(constraint)]
    if kind in ("StrOptions", "Options"):
        return [f"'{word}'" for word in sorted(one for one in constraint.options if isinstance(one, str))]
    if constraint is None:
        return ["null"]
    if isinstance(constraint, str):
        return {"boolean": ["bool"], "array-like": ["list"]}.get(constraint, [])
    return [_CLASSES[constraint.__name__]] if getattr(constraint, "__name__", "") in _CLASSES else []


def _joined(alternatives: list[str]) -> str:
    return " | ".join(dict.fromkeys(alternatives)) or "any"


def _annotation_rule(annotation: Any, default: Any) -> str:
    text = re.sub(
        r"Callable\[.*\]|typing\.|numpy\.\w+",
        "",
        annotation.__name__ if isinstance(annotation, type) else str(annotation),
    )
    if annotation is inspect.Parameter.empty or "Any" in text:
        return "any"
    # The outermost names: of List[str] only the list.
    outer = re.sub(r"(List|Sequence|Dict)\[.*?\]+", r"\1", text.replace("Sequence", "List"))
    found = [rule for name, rule in _ANNOTATED.items() if re.search(rf"\b{name}\b", outer)]
    if not found:
        return "any"
    may_be_null = default is None or "Optional" in outer or "None" in outer
    return _joined([*found, *(["null"] if may_be_null else [])])


def _annotations(estimator: Any) -> dict[str, Any]:
    """Annotations of the constructors of a class and its bases; those of the class win."""
    found: dict[str, Any] = {}
    for base in reversed(estimator.__mro__):
        if "__init__" in base.__dict__:
            parameters = inspect.signature(base.__init__).parameters
            found.update({name: parameter.annotation for name, parameter in parameters.items()})
    return found


def _rules_of(estimator: Any, entry: ModelType) -> dict[str, str]:
    constraints = getattr(estimator, "_parameter_constraints", None)
    annotations = _annotations(estimator)
    rules = dict.fromkeys(entry.reserved, "reserved")
    for name, default in parameter_defaults(estimator, entry).items():
        if constraints is not None and isinstance(constraints.get(name), list):
            rules[name] = _joined([one for constraint in constraints[name] for one in _alternatives(constraint)])
        else:
            rules[name] = _annotation_rule(annotations.get(name, inspect.Parameter.empty), default)
    return dict(sorted(rules.items()))


def parameter_rules(entry: ModelType) -> dict[str, dict[str, str]]:
    """The rules of a type by task: `regression`, `classes`. Raises environment/group-missing without its library."""
    found = {}
    if entry.regressor is not None:
        found["regression"] = _rules_of(estimator_class(entry, "regression"), entry)
    if entry.classifier is not None:
        found["classes"] = _rules_of(estimator_class(entry, "binary"), entry)
    return found


def all_parameter_rules() -> dict[str, dict[str, dict[str, str]]]:
    """The rules of every type, in the order of the registry."""
    return {name: parameter_rules(entry) for name, entry in MODEL_TYPES.items()}
