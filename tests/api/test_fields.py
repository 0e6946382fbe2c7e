"""What a field takes and what it does not, where a table of bodies cannot show it."""

from datetime import UTC, datetime

import pytest
from marshmallow import ValidationError

from api.schemas.fields import Moment, Text, Whole, email, web_address


@pytest.mark.parametrize("wrong", ["a\n", "\na", "A", "a--b", "a-", "a b", "ä"])
def test_a_form_is_the_form_of_the_whole_text(wrong: str) -> None:
    slug = Text(80, like="[a-z0-9]+(-[a-z0-9]+)*")

    assert slug.deserialize("a-b") == "a-b"
    with pytest.raises(ValidationError):
        slug.deserialize(wrong)


def test_a_text_keeps_its_lines_and_its_letters() -> None:
    assert Text(50).deserialize("Tejió,\n\tpallay 🧶") == "Tejió,\n\tpallay 🧶"


@pytest.mark.parametrize(
    "wrong",
    ["http://a.test", "javascript:alert(1)", "https://", 'https://a"b', "https://a b", "//a"],
)
def test_an_address_on_the_web_begins_with_https(wrong: str) -> None:
    assert web_address().deserialize("https://a.test/b?c=1") == "https://a.test/b?c=1"
    with pytest.raises(ValidationError):
        web_address().deserialize(wrong)


@pytest.mark.parametrize("wrong", ["a", "a@", "@a.test", "a@b", "a b@c.test", "a@c.test\n"])
def test_an_email_address_has_both_its_halves(wrong: str) -> None:
    assert email().deserialize("ada@example.org") == "ada@example.org"
    with pytest.raises(ValidationError):
        email().deserialize(wrong)


def test_a_time_is_taken_in_any_zone_and_given_in_utc() -> None:
    taken = Moment().deserialize("2026-11-23T10:00:00-05:00")

    assert taken == datetime(2026, 11, 23, 15, tzinfo=UTC)
    assert Moment().serialize("at", {"at": taken}) == "2026-11-23T15:00:00Z"


def test_a_whole_number_is_not_a_truth() -> None:
    assert Whole(0, 9).deserialize(1) == 1
    with pytest.raises(ValidationError):
        Whole(0, 9).deserialize(True)
