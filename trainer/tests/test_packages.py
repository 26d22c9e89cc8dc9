"""Which packages of the trainer may import which."""

from __future__ import annotations

import ast

from support import TRAINER

ROOT = TRAINER / "signalbox_trainer"
# Each may import those before it.
ORDER = ["specs", "features", "tables", "models", "artifacts", "fitting", "evaluating", "assessing"]
AT_MOST = 20


def packages_imported_by(package):
    for path in (ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("signalbox_trainer."):
                yield path.name, node.module.split(".")[1]


def test_every_package_has_its_place_and_few_files():
    folders = [path for path in ROOT.iterdir() if (path / "__init__.py").is_file()]
    assert sorted(path.name for path in folders) == sorted(ORDER)
    for folder in [ROOT, *folders]:
        assert len(list(folder.glob("*.py"))) <= AT_MOST, folder.name


def test_packages_import_each_other_in_one_direction():
    for place, package in enumerate(ORDER):
        later = [(name, other) for name, other in packages_imported_by(package) if other in ORDER[place + 1 :]]
        assert later == [], package
