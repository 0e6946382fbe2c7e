"""Sweeping: objects nothing points at are deleted after a day, when no upload can be under way."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.db import transaction
from photos.models import Photo
from photos.storage import SHARDS, Store, Stored

#: Until then an object may be of an upload whose row is about to be marked.
LEFT_FOR = timedelta(days=1)


def sweep(store: Store, *, now: datetime, shards: Iterable[str] = SHARDS) -> int:
    """Delete what is older than a day and belongs to no row; how many objects those were.

    One shard at a time, so that memory stays flat however many photos there are.
    """
    return sum(_sweep_shard(store, shard, now) for shard in shards)


def sweep_photo(store: Store, photo_id: uuid.UUID) -> int:
    """Delete every object of one photo."""
    shard = photo_id.hex[-2:]
    keys = [one.key for one in store.objects(f"{shard}/{photo_id}")]
    store.delete(keys)
    return len(keys)


def _sweep_shard(store: Store, shard: str, now: datetime) -> int:
    old = [one for one in store.objects(shard) if one.written_at < now - LEFT_FOR]
    if not old:
        return 0
    with transaction() as session:
        pointed_at = _pointed_at(session, {one.photo_id for one in old})
    orphans = [one.key for one in old if not _belongs(one, pointed_at)]
    store.delete(orphans)
    return len(orphans)


def _pointed_at(session: Session, photo_ids: set[uuid.UUID]) -> set[str]:
    """The keys of originals and the folders of prints that rows point at."""
    rows = session.execute(
        select(Photo.original_key, Photo.prints_key).where(Photo.id.in_(photo_ids))
    )
    return {key for row in rows for key in row if key}


def _belongs(one: Stored, pointed_at: set[str]) -> bool:
    return one.key in pointed_at or one.key.rpartition("/")[0] in pointed_at
