"""A key is claimed once; the overlapping retry waits and meets the first one's answer."""

from datetime import timedelta

import pytest

from core.idempotency import Claim, KeyReused, claim, forget_old_claims
from tests.support.make import NOW
from tests.support.races import commit_while_blocked


def claimed(session, request=b"{}", key="k-1", owner="buyer"):
    return claim(session, owner=owner, operation="orders", key=key, request=request, now=NOW)


def test_the_first_claim_is_new_and_the_second_meets_its_answer(session):
    first, new = claimed(session)
    first.settle(201, {"id": 7})
    session.flush()

    again, newer = claimed(session)

    assert (new, newer) == (True, False)
    assert (again.answer_status, again.answer) == (201, {"id": 7})


def test_a_key_with_another_request_is_refused(session):
    claimed(session)

    with pytest.raises(KeyReused):
        claimed(session, request=b'{"other": 1}')


def test_the_same_key_of_somebody_else_is_another_claim(session):
    claimed(session)

    assert claimed(session, owner="somebody else", request=b"other")[1]


def test_the_overlapping_retry_waits_and_gets_the_first_ones_answer(committed):
    def retry():
        with committed() as second:
            found, new = claimed(second)
            return new, found.answer

    with committed() as first:
        row, _ = claimed(first)
        row.settle(201, {"id": 7})
        first.flush()
        assert commit_while_blocked(first, retry) == (False, {"id": 7})


def test_answers_are_forgotten_after_thirty_days(session):
    claimed(session, key="old")
    claim(session, owner="b", operation="o", key="new", request=b"", now=NOW + timedelta(days=1))

    assert forget_old_claims(session, now=NOW + timedelta(days=30)) == 0
    assert forget_old_claims(session, now=NOW + timedelta(days=30, seconds=1)) == 1
    assert session.query(Claim).one().key == "new"


def test_a_claim_that_was_rolled_back_leaves_the_key_free(committed):
    with committed() as first:
        claimed(first)
        first.rollback()

    with committed() as second:
        assert claimed(second)[1]
        assert second.query(Claim).count() == 1
