"""`pallay staff`: the people who work for a co-operative."""

import click

from app.cli.house import inside
from app.seed import HUILLOC, house_of
from core import clock
from core.db import transaction
from people.cooperatives import get_cooperative
from people.permissions import Role
from people.staff import add_staff


@click.group()
def staff() -> None:
    """The people who work for a co-operative, and their roles."""


@staff.command()
@click.option("--cooperative", default=HUILLOC, show_default=True)
@click.option("--name", required=True)
@click.option("--email", required=True)
@click.option("--language", default="es", show_default=True, type=click.Choice(["en", "es", "qu"]))
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice([role.value for role in Role]),
)
def add(cooperative: str, name: str, email: str, language: str, roles: tuple[str, ...]) -> None:
    """Add a person with one or more roles."""
    with inside(), transaction() as session:
        home = get_cooperative(session, cooperative)
        person = add_staff(
            session,
            name=name,
            email=email,
            language=language,
            roles=roles,
            actor=house_of(home),
            now=clock.now(),
        )
        added = f"{person.id} {', '.join(person.role_names)}"
    click.echo(added)
