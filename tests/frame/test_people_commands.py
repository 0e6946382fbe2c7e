"""From an empty database to a person with a key that opens the API, by the command line alone."""

import pytest
from sqlalchemy import create_engine, text

from app import create_app
from app.config import Settings
from app.database import db
from tests.frame.test_cli import pallay
from tests.support.databases import fresh_database


@pytest.mark.slow
def test_seed_staff_and_keys_are_all_it_takes_to_begin(postgres_url, worker_id):
    with fresh_database(postgres_url, f"pallay_people_{worker_id}") as url:
        address = url.replace("postgresql+psycopg://", "postgresql://")
        for _ in range(2):
            assert pallay("seed", DATABASE_URL=address).returncode == 0
        added = pallay(
            "staff", "add", "--name", "Demo", "--email", "lead@demo.example",
            "--role", "coordinator", "--role", "quality_lead", DATABASE_URL=address,
        )  # fmt: skip
        assert added.stdout.split(maxsplit=1)[1].strip() == "coordinator, quality_lead"
        made = pallay("keys", "create", "--staff", "Lead@demo.example", DATABASE_URL=address)
        key = made.stdout.strip()
        unknown = pallay("keys", "create", "--staff", "nobody@demo.example", DATABASE_URL=address)

        assert (made.returncode, unknown.returncode) == (0, 1)
        assert "nobody with the address" in unknown.stderr
        assert asked(url, key) == 200
        ended = pallay("keys", "revoke", key[:15], DATABASE_URL=address)
        assert ended.stdout.strip() == f"{key[:15]} is revoked."
        assert asked(url, key) == 401
        assert counted(url) == (1, 23, 1)
        assert deeds(url) == [
            "pallay seed",
            "pallay staff add",
            "pallay keys create",
            "pallay keys revoke",
        ]


def asked(url: str, key: str) -> int:
    """What the API answers to this key."""
    app = create_app(
        Settings(
            env="test",
            database_url=url,
            stripe_secret_key="sk_test_x",
            stripe_webhook_secret="whsec_x",
            stripe_url="http://127.0.0.1:1",
        )
    )
    headers = {"Authorization": f"Bearer {key}"}
    status = app.test_client().get("/v1/makers", headers=headers).status_code
    with app.app_context():
        db.engine.dispose()
    return status


def deeds(url: str) -> list[str]:
    """Which commands changed something, by the audit."""
    engine = create_engine(url)
    done = "SELECT operation FROM audit_entries WHERE actor = 'system:cli' ORDER BY at, id"
    with engine.connect() as connection:
        found = list(connection.execute(text(done)).scalars())
    engine.dispose()
    return found


def counted(url: str) -> tuple[int, ...]:
    """Co-operatives, defects of the catalogue, policies: seeding twice doubled nothing."""
    engine = create_engine(url)
    with engine.connect() as connection:
        counts = tuple(
            int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())  # noqa: S608
            for table in ("cooperatives", "defect_kinds", "share_policies")
        )
    engine.dispose()
    return counts
