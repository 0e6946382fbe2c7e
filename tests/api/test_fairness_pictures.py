"""The chart of fairness as a picture: drawn once for whoever keeps it, and for people only."""

import pytest
from flask.testing import FlaskClient

from api.routes import fairness
from tests.api.asking import GOOD
from tests.api.world import World


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_a_picture_that_is_there_already_is_not_drawn_again(
    kind: str, world: World, asks: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = GOOD[f"GET /v1/inspection-chart.{kind}"](world)
    first = ask.send(asks)
    assert (first.status_code, str(first.mimetype).split("+")[0]) == (200, f"image/{kind}")
    monkeypatch.setattr(fairness, "draw_chart", None)

    again = ask.of(headers={"If-None-Match": first.headers["ETag"]}).send(asks)

    assert (again.status_code, again.get_data()) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
