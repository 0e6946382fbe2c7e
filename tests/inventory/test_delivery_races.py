"""Two phones at the same moment: arranged, with both really committing."""

import pytest
from sqlalchemy import func, select

from core.ids import new_id
from inventory import tags
from inventory.commission_models import Commission, Fulfilment
from inventory.delivery_rows import TagTaken
from inventory.fulfilling import CommissionFull
from inventory.models import Delivery, Piece
from tests.inventory.delivering import handed_in, home_of, ordered_row, row, sent
from tests.support.make import make_commission
from tests.support.races import commit_while_blocked


def counted(session, model):
    return session.scalar(select(func.count()).select_from(model))


@pytest.fixture
def home(committed):
    with committed() as arranging:
        return home_of(arranging)


@pytest.fixture
def asked(committed, home):
    """A commission for one last piece."""
    with committed() as arranging:
        made = make_commission(arranging, home.cooperative, home.maker, design=home.design, count=1)
        assert made.lines
        return made


def test_two_phones_send_the_same_rows_and_each_piece_is_there_once(committed, home):
    under, shared = new_id(), [row(home) for _ in range(3)]
    own = row(home)

    def second_phone():
        with committed() as second:
            said = sent(second, home, *shared, own, under=under)[2]
            return [one.outcome for one in said]

    with committed() as first:
        sent(first, home, *shared, under=under)
        assert commit_while_blocked(first, second_phone) == ["taken_before"] * 3 + ["taken"]

    with committed() as after:
        assert counted(after, Piece) == 4
        assert after.scalar(select(Delivery.piece_count)) == 4


def test_a_tag_used_twice_in_the_same_moment_marks_one_piece(committed, home):
    tag = tags.draw(home.cooperative.tag_prefix)

    def second_phone():
        with committed() as second:
            said = sent(second, home, row(home, tag=tag), row(home))[2]
            return [(one.outcome, one.problem and one.problem.code) for one in said]

    with committed() as first:
        sent(first, home, row(home, tag=tag))
        assert commit_while_blocked(first, second_phone) == [
            ("refused", "tag_taken"),
            ("taken", None),
        ]

    with committed() as after:
        assert counted(after, Piece) == 2


def test_the_second_whole_delivery_with_the_tag_is_refused_whole(committed, home):
    tag = tags.draw(home.cooperative.tag_prefix)

    def second_phone():
        with pytest.raises(TagTaken) as refusal, committed() as second:
            handed_in(second, home, row(home), row(home, tag=tag))
        return refusal.value.details["pointer"]

    with committed() as first:
        handed_in(first, home, row(home, tag=tag))
        assert commit_while_blocked(first, second_phone) == "/pieces/1/tag"

    with committed() as after:
        assert counted(after, Piece) == counted(after, Delivery) == 1


def test_two_deliveries_bring_the_last_piece_and_one_of_them_is_told(committed, home, asked):
    def second_phone():
        with committed() as second:
            said = sent(second, home, ordered_row(home, asked), row(home))[2]
            return [(one.outcome, one.problem and one.problem.code) for one in said]

    with committed() as first:
        sent(first, home, ordered_row(home, asked))
        assert commit_while_blocked(first, second_phone) == [
            ("refused", "commission_full"),
            ("taken", None),
        ]

    with committed() as after:
        assert counted(after, Fulfilment) == 1
        assert after.scalar(select(Commission.status)) == "complete"


def test_the_second_whole_delivery_of_the_last_piece_is_refused_whole(committed, home, asked):
    def second_phone():
        with pytest.raises(CommissionFull), committed() as second:
            handed_in(second, home, ordered_row(home, asked))

    with committed() as first:
        handed_in(first, home, ordered_row(home, asked))
        commit_while_blocked(first, second_phone)

    with committed() as after:
        assert counted(after, Piece) == counted(after, Fulfilment) == 1
