"""A key speaks for somebody with a name, within her rights, until it ends."""

from datetime import UTC, datetime, timedelta

import pytest

from core.actors import ActorKind
from core.errors import Invalid, NotFound
from people import keys
from people.models import ApiKey
from people.permissions import ROLE_SCOPES, Role, ScopeMissing, require
from tests.support.make import acting, house, make_cooperative, make_key, make_staff

NOW = datetime(2026, 11, 23, tzinfo=UTC)
MONTH = NOW + timedelta(days=30)


def test_a_key_speaks_for_its_staff_member_with_no_more_than_it_carries(session):
    person = make_staff(session, make_cooperative(session), "quality_lead")

    actor = keys.authenticate(session, make_key(session, person, "quality:write", now=NOW), now=NOW)

    assert actor.reference == f"staff:{person.id}"
    assert actor.scopes == {"quality:write"}


def test_only_a_hash_of_the_secret_is_kept(session):
    person = make_staff(session, make_cooperative(session))
    secret = make_key(session, person, now=NOW)

    row = session.query(ApiKey).one()
    assert secret.startswith(f"{row.prefix}_")
    assert secret.removeprefix(f"{row.prefix}_").encode() not in row.secret_hash
    assert len(row.secret_hash) == 32


@pytest.mark.parametrize(
    "presented", ["", "pk_", "pk_000000000000_x", "nonsense", "ñ" * 80, "pk_\x00", "\udc80" * 20]
)
def test_what_is_no_key_is_refused_without_a_reason(session, presented):
    with pytest.raises(keys.KeyRefused):
        keys.authenticate(session, presented, now=NOW)


def test_a_wrong_secret_under_a_right_prefix_is_refused(session):
    secret = make_key(session, make_staff(session, make_cooperative(session)), now=NOW)

    with pytest.raises(keys.KeyRefused):
        keys.authenticate(session, secret[:-1] + ("A" if secret[-1] != "A" else "B"), now=NOW)


def test_a_key_ends_when_it_expires_is_revoked_or_its_owner_leaves(session):
    cooperative = make_cooperative(session)
    person = make_staff(session, cooperative)
    secret = make_key(session, person, now=NOW)
    row = session.query(ApiKey).one()

    with pytest.raises(keys.KeyRefused):
        keys.authenticate(session, secret, now=row.expires_at)
    keys.revoke_key(session, key_id=row.id, actor=house(cooperative), now=NOW)
    with pytest.raises(keys.KeyRefused):
        keys.authenticate(session, secret, now=NOW)

    second = make_key(session, person, now=NOW)
    person.active = False
    session.flush()
    with pytest.raises(keys.KeyRefused):
        keys.authenticate(session, second, now=NOW)


def test_a_revoked_key_stays_revoked_at_its_first_moment(session):
    cooperative = make_cooperative(session)
    make_key(session, make_staff(session, cooperative), now=NOW)
    row = session.query(ApiKey).one()

    keys.revoke_key(session, key_id=row.id, actor=house(cooperative), now=NOW)
    keys.revoke_key(session, key_id=row.id, actor=house(cooperative), now=MONTH)

    assert row.revoked_at == NOW


def test_a_key_carries_no_more_than_its_owner_may_do(session):
    cooperative = make_cooperative(session)
    lead = make_staff(session, cooperative, "quality_lead")

    with pytest.raises(keys.ScopesTooWide) as refusal:
        keys.create_key(
            session,
            staff_id=lead.id,
            scopes=["quality:write", "payouts:write"],
            expires_at=MONTH,
            actor=house(cooperative),
            now=NOW,
        )

    assert refusal.value.details == {"scopes": ["payouts:write"]}


def test_a_coordinator_cannot_make_a_treasurers_key_and_pay_with_it(session):
    cooperative = make_cooperative(session)
    coordinator = make_staff(session, cooperative, "coordinator")
    treasurer = make_staff(session, cooperative, "treasurer")

    with pytest.raises(keys.ScopesTooWide):
        keys.create_key(
            session,
            staff_id=treasurer.id,
            scopes=["payouts:write"],
            expires_at=MONTH,
            actor=acting(coordinator),
            now=NOW,
        )


def test_an_application_is_named_and_never_manages_people_or_money(session):
    cooperative = make_cooperative(session)
    _row, secret = keys.create_key(
        session,
        application="Museum shop",
        scopes=["orders:read"],
        expires_at=MONTH,
        actor=house(cooperative),
        now=NOW,
    )

    assert keys.authenticate(session, secret, now=NOW).kind is ActorKind.APPLICATION
    with pytest.raises(keys.ScopesTooWide):
        keys.create_key(
            session,
            application="Museum shop",
            scopes=["payouts:write"],
            expires_at=MONTH,
            actor=house(cooperative),
            now=NOW,
        )


@pytest.mark.parametrize("days", [0, -1, 367])
def test_a_key_lives_between_now_and_366_days(session, days):
    cooperative = make_cooperative(session)
    with pytest.raises(Invalid):
        keys.create_key(
            session,
            application="x",
            scopes=[],
            expires_at=NOW + timedelta(days=days),
            actor=house(cooperative),
            now=NOW,
        )


def test_another_cooperatives_key_is_not_found(session):
    ours, theirs = make_cooperative(session), make_cooperative(session)
    make_key(session, make_staff(session, theirs), now=NOW)

    with pytest.raises(NotFound):
        keys.revoke_key(session, key_id=session.query(ApiKey).one().id, actor=house(ours), now=NOW)


@pytest.mark.parametrize("role", Role)
def test_nobody_both_inspects_and_pays_out(role):
    assert not {"quality:write", "payouts:write"} <= ROLE_SCOPES[role]


def test_a_missing_scope_is_named(session):
    person = make_staff(session, make_cooperative(session), "storekeeper")

    with pytest.raises(ScopeMissing) as refusal:
        require(acting(person), "quality:write")

    assert refusal.value.details == {"scope": "quality:write"}
