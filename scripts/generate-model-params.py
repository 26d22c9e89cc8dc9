"""Writes the rules of model parameters for the workbench, from the estimators of the trainer's registry.

    python scripts/generate-model-params.py [--check]

Needs the trainer's development environment, which has every library. --check writes nothing and fails if the file is
out of date.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "trainer"))
TARGET = ROOT / "src-core" / "areas" / "configs" / "check" / "model-params.ts"

HEAD = """// Written by scripts/generate-model-params.py from the estimators of the trainer's registry.

/** What a parameter may be, by name: alternatives joined by " | ". See the trainer's parameter_rules.py. */
export type ParameterRules = Readonly<Record<string, string>>;

/** The parameters of a model type: those of both tasks, and those that only one has or that differ. */
export interface ModelParams {
  readonly both?: ParameterRules;
  readonly regression?: ParameterRules;
  readonly classes?: ParameterRules;
}

"""


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) else json.dumps(name)


def _block(name: str, rules: dict[str, str]) -> list[str]:
    if not rules:
        return []
    lines = [f"      {_key(key)}: {json.dumps(rule)}," for key, rule in rules.items()]
    return [f"    {name}: {{", *lines, "    },"]


def module_text() -> str:
    """The whole file."""
    from signalbox_trainer.models.parameter_rules import all_parameter_rules

    lines = ["export const modelParams: Readonly<Record<string, ModelParams>> = {"]
    for name, by_task in all_parameter_rules().items():
        regression, classes = by_task.get("regression", {}), by_task.get("classes", {})
        both = {key: rule for key, rule in regression.items() if classes.get(key) == rule}
        lines += [f"  {_key(name)}: {{", *_block("both", both)]
        lines += _block("regression", {key: rule for key, rule in regression.items() if key not in both})
        lines += _block("classes", {key: rule for key, rule in classes.items() if key not in both})
        lines.append("  },")
    return HEAD + "\n".join([*lines, "};", ""])


if __name__ == "__main__":
    text = module_text()
    if "--check" not in sys.argv:
        TARGET.write_text(text, encoding="utf-8")
    elif not TARGET.exists() or TARGET.read_text(encoding="utf-8") != text:
        sys.exit(f"{TARGET.relative_to(ROOT)} is out of date. Run: python scripts/generate-model-params.py")
