"""What was measured and decided before the bench grew stays valid: the step carries it over."""

import uuid

from alembic import command
from sqlalchemy import create_engine, text

from app.migrating import configuration
from tests.support.databases import fresh_database

BEFORE, BENCH = "0006", "0007"
HOME, DESIGN, LIMITS, PIECE, FIRST, SECOND = (uuid.UUID(int=n) for n in range(1, 7))

#: As the step before knew them; what refers to what is not looked at while it is written.
ROWS = (
    """INSERT INTO cooperatives
    (id, slug, name, tag_prefix, country, place, currency, created_at)
    VALUES (:home, 'huilloc', 'H', 'HUK', 'PE', 'Huilloc', 'PEN', now())""",
    """INSERT INTO defect_kinds (id, cooperative_id, code, severity, words, active) VALUES
    (:first, :home, 'M04', 'major', '{}', true),
    (:second, :home, 'M03', 'major', '{}', true)""",
    """INSERT INTO limit_sets (id, cooperative_id, design_id, version, created_at, created_by)
    VALUES (:limits, :home, :design, 1, now(), 'system:t')""",
    """INSERT INTO measures
    (limit_set_id, cooperative_id, name, unit, spec, minus, plus, required)
    VALUES (:limits, :home, 'length', 'mm', 1500, 45, 40, true)""",
    """INSERT INTO pieces
    (id, cooperative_id, tag, design_id, delivery_id, position, grade, created_at, status)
    VALUES (:piece, :home, 'HUK-2222-2222', :design, :home, 0, 'B', now(), 'accepted')""",
    """INSERT INTO inspections
    (id, cooperative_id, piece_id, sequence, supersedes_id, inspector_id, limit_set_id,
    limit_set_version, decision, reason, request_hash, inspected_at, recorded_at, actor) VALUES
    (:first, :home, :piece, 1, NULL, :home, :limits,
    1, 'rework', 'x', 'h', now(), now(), 'system:t'),
    (:second, :home, :piece, 2, :first, :home, :limits,
    1, 'accept_b', '', 'h', now(), now(), 'system:t')""",
    """INSERT INTO measurements
    (inspection_id, cooperative_id, name, unit, value, spec, minus, plus, verdict)
    VALUES (:second, :home, 'length', 'mm', 1512, 1500, 45, 40, 'within')""",
)
NAMES = {
    "home": HOME,
    "design": DESIGN,
    "limits": LIMITS,
    "piece": PIECE,
    "first": FIRST,
    "second": SECOND,
}

CARRIED = {
    "SELECT value, readings, sides FROM measurements": [(1512, [1512], "both")],
    "SELECT minus, plus, minus_bp, plus_bp, sides FROM measures": [(45, 40, 0, 0, "both")],
    "SELECT code, mendable FROM defect_kinds ORDER BY code": [("M03", False), ("M04", True)],
    "SELECT version, minor_a, rework_rounds FROM grading_rules": [(1, 2, 2)],
    "SELECT piece_id, inspection_id, decided, rounds FROM bench_cards": [
        (PIECE, SECOND, "accepted", 1)
    ],
    "SELECT reduced_bp, late, photo_ids, supersedes_id FROM inspections ORDER BY sequence": [
        (0, False, [], None),
        (0, False, [], FIRST),
    ],
}


def test_what_was_there_stays_valid(postgres_url, worker_id):
    with fresh_database(postgres_url, f"pallay_carried_{worker_id}") as url:
        command.upgrade(configuration(url), BEFORE)
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            for row in ROWS:
                connection.execute(text(row), NAMES)

        command.upgrade(configuration(url), BENCH)

        with engine.connect() as connection:
            found = {
                query: [tuple(row) for row in connection.execute(text(query))] for query in CARRIED
            }
        engine.dispose()
    assert found == CARRIED
