"""`pallay keys`: make a key for a person or an application, or end one."""

from datetime import timedelta

import click
from sqlalchemy import select

from app.cli.house import inside
from app.seed import HUILLOC, house_of
from core import clock
from core.db import transaction
from core.errors import NotFound
from people import keys as people_keys
from people.cooperatives import get_cooperative
from people.models import ApiKey, Staff
from people.permissions import APPLICATION_SCOPES, SCOPES, scopes_of_roles


@click.group()
def keys() -> None:
    """API keys, each of which speaks for a staff member or a named application."""


@keys.command()
@click.option("--cooperative", default=HUILLOC, show_default=True)
@click.option("--staff", "email", help="E-mail address of the staff member it speaks for.")
@click.option("--application", help="Name of the application it speaks for.")
@click.option(
    "--scope", "scopes", multiple=True, type=click.Choice(sorted(SCOPES)),
    help="Repeat for several. Without: everything its owner may do.",
)  # fmt: skip
@click.option("--days", default=90, show_default=True, type=click.IntRange(1, 366))
def create(
    cooperative: str, email: str | None, application: str | None, scopes: tuple[str, ...], days: int
) -> None:
    """Make a key and print it; this is the only time it can be read."""
    now = clock.now()
    with inside(), transaction() as session:
        home = get_cooperative(session, cooperative)
        person = None
        if email:
            person = session.scalar(
                select(Staff).where(Staff.cooperative_id == home.id, Staff.email == email.lower())
            )
            if person is None:
                raise NotFound(f"nobody with the address {email} works here")
        allowed = scopes_of_roles(person.role_names) if person else APPLICATION_SCOPES
        _row, key = people_keys.create_key(
            session,
            staff_id=person.id if person else None,
            application=application,
            scopes=scopes or sorted(allowed),
            expires_at=now + timedelta(days=days),
            actor=house_of(home),
            now=now,
        )
    click.echo(key)


@keys.command()
@click.argument("prefix")
def revoke(prefix: str) -> None:
    """End the key that begins with PREFIX (pk_ and twelve characters)."""
    with inside(), transaction() as session:
        row = session.scalar(select(ApiKey).where(ApiKey.prefix == prefix))
        if row is None:
            raise NotFound("no key begins like that")
        row.revoked_at = row.revoked_at or clock.now()
    click.echo(f"{prefix} is revoked.")
