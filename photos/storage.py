"""The store of photos: any folder or bucket fsspec knows. What is put there is never overwritten.

A key is `<shard>/<photo id>/<attempt>/<name>`: the shard, two digits of the photo's id, keeps
folders short; every attempt to put something has an id of its own, so that two attempts at once
never touch the same object, and what a row points at stays as it was.
"""

import os
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import IO, Any

import fsspec
from botocore.exceptions import BotoCoreError

from core.errors import NotFound, Unavailable
from core.ids import new_id

#: For S3: answer or fail while the phone still waits. Address and credentials of the server come
#: from the environment, as with every program that speaks S3 (AWS_ENDPOINT_URL and the others).
_S3_PATIENCE = {"connect_timeout": 5, "read_timeout": 20, "retries": {"max_attempts": 2}}
_PIECE = 1 << 20
SHARDS = tuple(f"{n:02x}" for n in range(256))


class StoreUnavailable(Unavailable):
    """The store of photos gives no answer; try the same request again."""

    code = "photo_store_unavailable"


class NotStored(NotFound):
    """The store does not hold what was asked for."""

    code = "not_found"


@dataclass(frozen=True, slots=True)
class Stored:
    """One object: its key, the photo it belongs to, and when it was written."""

    key: str
    photo_id: uuid.UUID
    written_at: datetime


class Store:
    """One store, by its address: `file:///folder` or `s3://bucket/folder`."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self.local = url.startswith("file://")

    @cached_property
    def _files(self) -> Any:
        # Made at the first use: a worker process of the web server is forked before that.
        if self.local:
            return fsspec.filesystem("file", auto_mkdir=True, skip_instance_cache=True)
        return fsspec.filesystem(
            "s3",
            config_kwargs=_S3_PATIENCE,
            use_listings_cache=False,
            skip_instance_cache=True,
        )

    @cached_property
    def _root(self) -> str:
        return str(self._files._strip_protocol(self.url)).rstrip("/")

    def put(self, key: str, contents: IO[bytes]) -> None:
        """Write one object. Raises StoreUnavailable; what was begun is then swept one day."""
        with _answered():
            try:
                self._write(key, contents)
            except FileNotFoundError as missing:  # the bucket itself
                raise StoreUnavailable() from missing

    def read(self, key: str) -> bytes:
        """One object whole. Raises NotStored, StoreUnavailable."""
        with _answered():
            return bytes(self._files.cat_file(self._at(key)))

    def delete(self, keys: Iterable[str]) -> None:
        """Delete objects; one that is gone already is no trouble."""
        for key in keys:
            with _answered():
                try:
                    self._files.rm_file(self._at(key))
                except FileNotFoundError:
                    continue

    def objects(self, shard: str) -> Iterator[Stored]:
        """Every object of one shard."""
        with _answered():
            found = self._files.find(self._at(shard), detail=True)
        for path, about in found.items():
            key = path[len(self._root) + 1 :]
            if photo_id := _photo_in(key):
                yield Stored(key, photo_id, _time_of(about))

    def _write(self, key: str, contents: IO[bytes]) -> None:
        with self._files.open(self._at(key), "wb") as target:
            while piece := contents.read(_PIECE):
                target.write(piece)
            if self.local:
                # The row that points here must not outlive it when the power fails.
                target.flush()
                os.fsync(target.fileno())

    def _at(self, key: str) -> str:
        return f"{self._root}/{key}"


def key_of(photo_id: uuid.UUID, attempt: uuid.UUID, name: str = "") -> str:
    """The key of one thing of a photo; without a name the folder of one attempt."""
    return f"{photo_id.hex[-2:]}/{photo_id}/{attempt}" + (f"/{name}" if name else "")


def fresh_key(photo_id: uuid.UUID, name: str = "") -> str:
    """A key nothing was ever put under."""
    return key_of(photo_id, new_id(), name)


_provider: list[Callable[[], Store]] = []


def use_store(provider: Callable[[], Store]) -> None:
    """Tell the house where photos are kept; called once by the factory."""
    _provider[:] = [provider]


def current_store() -> Store:
    """The store of this house."""
    return _provider[0]()


@contextmanager
def _answered() -> Iterator[None]:
    """What the store says, in our words."""
    try:
        yield
    except FileNotFoundError:
        raise NotStored() from None
    except (OSError, BotoCoreError) as trouble:
        raise StoreUnavailable() from trouble


def _photo_in(key: str) -> uuid.UUID | None:
    parts = key.split("/")
    try:
        return uuid.UUID(parts[1]) if len(parts) > 2 else None
    except ValueError:
        return None


def _time_of(about: dict[str, Any]) -> datetime:
    """When an object was written; each filesystem calls it by another name."""
    if "LastModified" in about:
        found: datetime = about["LastModified"]
        return found.astimezone(UTC)
    return datetime.fromtimestamp(about["mtime"], UTC)
