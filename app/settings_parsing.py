"""How the text of one environment variable becomes a value; a ValueError says what it must be."""

import ipaddress
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

Reader = Callable[[str], Any]


class ConfigError(Exception):
    """The settings do not fit; each of ``problems`` is a sentence that says what to do."""

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


def text(given: str) -> str:
    """Any text."""
    return given


def one_of(*allowed: str) -> Reader:
    """One of these words, exactly."""

    def read(given: str) -> str:
        if given not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}")
        return given

    return read


def whole(least: int, most: int) -> Reader:
    """A whole number between two bounds, both allowed."""

    def read(given: str) -> int:
        if not (given.isascii() and given.isdigit() and least <= int(given) <= most):
            raise ValueError(f"must be a whole number from {least} to {most}")
        return int(given)

    return read


def starting_with(*beginnings: str) -> Reader:
    """A secret known by how it begins; what was given is not repeated."""

    def read(given: str) -> str:
        if not given.startswith(beginnings):
            raise ValueError(f"must begin with {' or '.join(beginnings)}")
        return given

    return read


def currency(given: str) -> str:
    """Three capital letters."""
    if len(given) != len("USD") or not (given.isascii() and given.isalpha() and given.isupper()):
        raise ValueError("must be a currency like USD")
    return given


def secrets_starting_with(beginning: str) -> Reader:
    """One secret, or while it is being changed several with commas between."""
    one = starting_with(beginning)

    def read(given: str) -> str:
        return ",".join(one(secret.strip()) for secret in given.split(","))

    return read


def folder(root: Path) -> Reader:
    """A folder; a relative one is looked for under ``root``."""

    def read(given: str) -> Path:
        return (root / Path(given).expanduser()).resolve()

    return read


def database_url(given: str) -> str:
    """A PostgreSQL address in any of its spellings, as SQLAlchemy wants it for psycopg 3."""
    wrong = "must be a PostgreSQL address like postgresql://user:password@host/name"
    try:
        url = make_url(given)
    except ArgumentError:
        raise ValueError(wrong) from None
    if url.drivername not in {"postgres", "postgresql", "postgresql+psycopg"} or not url.database:
        raise ValueError(wrong)
    return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def base_url(given: str) -> str:
    """An http or https address without a path; its last slash is dropped."""
    parts = _split(given)
    if parts is None or parts.path.rstrip("/") or parts.query or parts.fragment or parts.username:
        raise ValueError("must be an address like https://shop.example.org, without a path")
    return given.rstrip("/")


def loopback_url(given: str) -> str:
    """A base address on this machine and no other."""
    base_url(given)
    host = urlsplit(given).hostname or ""
    try:
        here = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        here = False
    if not here:
        raise ValueError("must be on this machine, like http://127.0.0.1:12111")
    return given.rstrip("/")


def store_url(given: str) -> str:
    """A place for files: an absolute folder here, or a bucket with at most a folder in it."""
    parts = urlsplit(given)
    here = parts.scheme == "file" and not parts.netloc and parts.path.strip("/")
    bucket = parts.scheme == "s3" and parts.netloc and "@" not in parts.netloc
    if not (here or bucket) or parts.query or parts.fragment:
        raise ValueError("must be like file:///srv/photos or s3://bucket/photos")
    return given.rstrip("/")


def _split(given: str) -> SplitResult | None:
    """The parts of an address with a host and a sane port, or None."""
    try:
        parts = urlsplit(given)
        sane = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return parts if sane else None
