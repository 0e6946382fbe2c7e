"""Flask-SQLAlchemy on the house's own tables, and how a connection to PostgreSQL behaves."""

from typing import Any

import orjson
from flask_sqlalchemy import SQLAlchemy

from core.db import Base

db = SQLAlchemy(metadata=Base.metadata)

# A request that waits for a lock or forgets its transaction is ended, not the house held up.
LIMITS = {
    "lock_timeout": "5s",
    "statement_timeout": "30s",
    "idle_in_transaction_session_timeout": "60s",
}


def engine_options() -> dict[str, Any]:
    """What every engine of the house is made with.

    One web worker runs one thread, so a small pool is enough. Statements' values may be personal
    data: they stay out of error messages.
    """
    limits = " ".join(f"-c {name}={value}" for name, value in LIMITS.items())
    return {
        "pool_size": 4,
        "max_overflow": 4,
        "pool_timeout": 10,
        "pool_recycle": 1800,
        "hide_parameters": True,
        "json_serializer": lambda value: orjson.dumps(value).decode(),
        "json_deserializer": orjson.loads,
        "connect_args": {
            "options": f"{limits} -c timezone=UTC",
            "connect_timeout": 5,
            "application_name": "pallay",
        },
    }
