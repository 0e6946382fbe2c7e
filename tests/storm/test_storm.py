"""A short storm in the suite; `make storm` is the long one."""

from pathlib import Path

import pytest

from tests.storm.house import open_house
from tests.storm.plan import plan
from tests.storm.storm import storm
from tests.support.databases import fresh_database

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("house")]


def test_after_a_short_storm_everything_is_accounted_for(
    postgres_url: str, worker_id: str, tmp_path: Path
) -> None:
    with (
        fresh_database(postgres_url, f"pallay_storm_{worker_id}") as url,
        open_house(tmp_path, orders=10, seed=3, database_url=url) as house,
    ):
        weather = storm(house, orders=10, seed=3, seconds=4, patience=90)

    assert weather.calm.wrong == []
    assert weather.trouble == []
    assert weather.calm.counts["paid"] > 0
    assert weather.done["kill_the_worker"] == 1


def test_the_same_seed_is_the_same_storm() -> None:
    assert plan(50, 7) == plan(50, 7)
    assert plan(50, 7) != plan(50, 8)
