import pytest
from hypothesis import settings
from support import make_table, write_table

# No deadline, because a busy machine isn't a failure; the same examples on every run.
settings.register_profile("trainer", deadline=None, derandomize=True, database=None, max_examples=40)
settings.load_profile("trainer")


@pytest.fixture(scope="session")
def small_table(tmp_path_factory):
    path = tmp_path_factory.mktemp("tables") / "train.parquet"
    return write_table(make_table(400), path)
