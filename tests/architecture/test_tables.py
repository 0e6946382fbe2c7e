"""Tables: each is known to the house, and the migrations have one newest step."""

import ast

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, text

from app import migrating
from app.tables import MODULES
from core.db import Base
from core.facts import written_once_tables
from tests.architecture.code import modules, name_of, tree_of


def holds_tables(tree: ast.Module) -> bool:
    """Whether some class in the module names a table."""
    return any(
        isinstance(node, ast.Assign)
        and any(isinstance(name, ast.Name) and name.id == "__tablename__" for name in node.targets)
        for parent in ast.walk(tree)
        if isinstance(parent, ast.ClassDef)
        for node in parent.body
    )


def test_every_module_with_tables_is_listed() -> None:
    listed = {f"{module.__name__.replace('.', '/')}.py" for module in MODULES}

    assert {name_of(path) for path in modules() if holds_tables(tree_of(path))} == listed


def test_there_is_one_newest_migration_and_head_names_it() -> None:
    assert migrating.script_heads() == [migrating.head()], "write the newest number to HEAD"


def test_migrations_are_numbered_without_a_gap() -> None:
    steps = sorted(path.name for path in (migrating.FOLDER / "versions").glob("[0-9]*.py"))

    assert [step[:5] for step in steps] == [f"{n:04d}_" for n in range(1, len(steps) + 1)]


def test_migrations_only_go_forward() -> None:
    backward = [
        name_of(path)
        for path in modules("migrations")
        for node in tree_of(path).body
        if isinstance(node, ast.FunctionDef) and node.name == "downgrade"
    ]

    assert backward == []


def test_migrations_from_empty_equal_the_models(engine: Engine) -> None:
    ours = {"include_name": migrating.is_ours, "compare_server_default": True}
    with engine.connect() as connection:
        differences = compare_metadata(
            MigrationContext.configure(connection, opts=ours), Base.metadata
        )

    assert differences == []


def test_every_table_of_facts_has_its_guard(engine: Engine) -> None:
    guarded = (
        "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "JOIN pg_proc p ON p.oid = t.tgfoid "
        "WHERE p.proname = 'pallay_written_once' GROUP BY c.relname HAVING count(*) = 2"
    )
    with engine.connect() as connection:
        tables = set(connection.execute(text(guarded)).scalars())

    assert tables == set(written_once_tables())
