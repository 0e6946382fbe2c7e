"""Anything at all in a body: it is answered or refused, and never breaks the house."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from tests.api.asking import GOOD, as_json
from tests.api.world import World

WRITES = [name for name in GOOD if not name.startswith("GET")]

#: Texts with everything a phone can type, and what only a broken program sends.
TEXTS = st.text(max_size=20) | st.sampled_from(["", "\x00", "x" * 300, "🧶" * 60, "2026-11-23"])
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | NUMBERS | TEXTS
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4)
)


def paths_in(body: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The place of every value in a body."""
    steps = body.items() if isinstance(body, dict) else enumerate(body) if _is_list(body) else ()
    return [path, *(place for step, inner in steps for place in paths_in(inner, (*path, step)))]


def replaced(body: Any, path: tuple[Any, ...], value: Any) -> Any:
    """A copy of a body with another value in one place."""
    if not path:
        return value
    copied = list(body) if _is_list(body) else dict(body)
    copied[path[0]] = replaced(body[path[0]], path[1:], value)
    return copied


def _is_list(body: Any) -> bool:
    return isinstance(body, list)


@pytest.mark.parametrize("operation", WRITES)
def test_no_body_breaks_the_house(
    operation: str, world: World, asks: FlaskClient, connection: Connection
) -> None:
    ask = GOOD[operation](world)
    places = paths_in(ask.body)

    @settings(
        max_examples=20,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @example(place=0, value=None)
    @example(place=0, value={"\x00": 1})
    @given(place=st.integers(0, len(places) - 1), value=ANYTHING)
    def try_it(place: int, value: Any) -> None:
        point = connection.begin_nested()
        answer = ask.send(asks, **as_json(replaced(ask.body, places[place], value)))
        point.rollback()
        assert answer.status_code < 500, answer.get_data(as_text=True)
        if answer.status_code >= 400:
            assert answer.content_type == "application/problem+json"
            assert answer.get_json(force=True)["code"]

    try_it()
