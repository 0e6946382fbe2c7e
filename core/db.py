"""The database: one base for every table, and the one transaction."""

import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, ClassVar, TypeVar

from sqlalchemy import BigInteger, DateTime, MetaData, Text, Uuid, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, lazyload, mapped_column

from core.ids import new_id

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Every table of the house; whole numbers have 64 bits, texts no length, times a zone."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        int: BigInteger,
        str: Text,
        uuid.UUID: Uuid,
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        dict[str, str]: JSONB,
        dict[str, int]: JSONB,
        list[str]: JSONB,
    }


class Identified:
    """A row with a UUIDv7 of its own."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)


_provider: list[Callable[[], Session]] = []


def use_sessions(provider: Callable[[], Session]) -> None:
    """Tell the house where a session comes from; called once by the factory."""
    _provider[:] = [provider]


def current_session() -> Session:
    """The session of this request or job, for reading."""
    return _provider[0]()


@contextmanager
def transaction() -> Iterator[Session]:
    """One transaction: everything in the block is kept together, or none of it.

    Opened within another, it is part of that one.
    """
    session = current_session()
    if session.info.get("in_transaction"):
        yield session
        return
    session.info["in_transaction"] = True
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.pop("in_transaction", None)


Row = TypeVar("Row", bound=Base)


def lock_rows(
    session: Session, model: type[Row], ids: Iterable[Any], *, alone: bool = False
) -> list[Row]:
    """Lock rows for a change in the order of their ids, read afresh; absent ids are left out.

    ``FOR NO KEY UPDATE``: a row that only refers to a locked one can be written meanwhile. Else
    whoever holds an obligation and posts for its order would wait for who holds the order and
    wants the obligation. ``alone``: not even such a row is written meanwhile (``FOR UPDATE``).
    """
    key = model.__mapper__.primary_key[0]
    statement = (
        select(model)
        .where(key.in_(sorted(set(ids))))
        .order_by(key)
        .with_for_update(of=model, key_share=not alone)
        # What hangs on a row is read when it is asked for; most who lock a row need none of it.
        .options(lazyload("*"))
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(statement))
