"""The whole house, once for all end-to-end tests: granian, worker, stand-in, PostgreSQL."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from app.config import Settings
from app.demo.stage import Stage, set_stage
from app.demo.teller import Teller
from app.demo.walk import Way, whole_way
from tests.support.databases import fresh_database

QUICK = {"PALLAY_WORKER_HEARTBEAT_SECONDS": "1", "PALLAY_WORKER_STALLED_SECONDS": "3"}


@pytest.fixture(scope="session")
def stage(
    postgres_url: str, worker_id: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """A running house with a database of its own."""
    logs: Path = tmp_path_factory.mktemp("house")
    with fresh_database(postgres_url, f"pallay_house_{worker_id}") as url:
        settings = replace(Settings(), database_url=url)
        with set_stage(settings, logs=logs, told=QUICK) as stage:
            yield stage


@pytest.fixture(scope="session")
def way(stage: Stage) -> Way:
    """One piece's whole way, gone once."""
    return whole_way(stage, Teller(stage.web_url, Console(quiet=True)))
