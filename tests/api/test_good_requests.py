"""Every operation answers a good request as its own document says."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.api.asking import GOOD, operations
from tests.api.world import World


def test_the_table_of_requests_names_every_operation(flask_app: Flask) -> None:
    assert set(GOOD) == set(operations(flask_app))


@pytest.mark.parametrize("operation", GOOD)
def test_a_good_request_is_answered(operation: str, world: World, asks: FlaskClient) -> None:
    ask = GOOD[operation](world)

    answer = ask.send(asks)

    assert answer.status_code == ask.expect, answer.get_data(as_text=True)
