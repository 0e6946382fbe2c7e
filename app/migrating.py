"""Bringing a database to the newest revision; which one that is stands in `migrations/HEAD`."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

FOLDER = Path(__file__).resolve().parent.parent / "migrations"


@cache
def head() -> str:
    """The revision this code needs."""
    return (FOLDER / "HEAD").read_text().strip()


def configuration(url: str | None = None) -> Config:
    """Alembic's configuration, for any working directory; without a URL only to read scripts."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["url"] = url
    return config


def script_heads() -> list[str]:
    """The heads that the scripts themselves have; one, unless two branches met."""
    return list(ScriptDirectory.from_config(configuration()).get_heads())


def upgrade_to_head(url: str) -> None:
    """Run every step that is missing; other runs of the same wait for this one."""
    command.upgrade(configuration(url), "head")


def is_ours(name: str | None, kind: str, _parents: object = None) -> bool:
    """Whether autogenerate looks at this: the queue's tables belong to procrastinate."""
    return not (kind == "table" and (name or "").startswith("procrastinate_"))
