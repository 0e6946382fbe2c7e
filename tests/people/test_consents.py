"""What a maker allowed is shown, what she did not allow is not, and her no works at once."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from core.errors import Invalid, NotFound
from people import consents
from people.models import ConsentRevocation
from people.publicity import public_makers
from tests.support.make import NOW, house, make_consent, make_cooperative, make_maker


def revoke(session, consent, cooperative):
    return consents.revoke_consent(
        session, consent_id=consent.id, reason="she said so", actor=house(cooperative), now=NOW
    )


def test_without_consent_a_maker_is_a_weaver_without_a_name(session):
    maker = make_maker(session, make_cooperative(session))

    shown = public_makers(session, [maker.id])[maker.id]

    assert (shown.id, shown.public_name, shown.story, shown.photo_url) == (None,) * 4
    assert not shown.shows_price_share


def test_each_purpose_shows_only_its_own(session):
    maker = make_maker(session, make_cooperative(session))
    make_consent(session, maker, "public_profile")

    profile_only = public_makers(session, [maker.id])[maker.id]
    make_consent(session, maker, "photo")
    with_photo = public_makers(session, [maker.id])[maker.id]

    assert profile_only.public_name == maker.public_name
    assert profile_only.photo_url is None
    assert with_photo.photo_url == maker.photo_url
    assert not with_photo.shows_price_share


def test_a_photo_is_not_shown_of_somebody_who_has_no_public_profile(session):
    maker = make_maker(session, make_cooperative(session))
    make_consent(session, maker, "photo")

    assert public_makers(session, [maker.id])[maker.id].photo_url is None


def test_her_no_works_at_once_and_she_can_say_yes_again(session):
    cooperative = make_cooperative(session)
    maker = make_maker(session, cooperative)
    first = make_consent(session, maker)

    revoke(session, first, cooperative)
    assert public_makers(session, [maker.id])[maker.id].public_name is None

    make_consent(session, maker)
    assert public_makers(session, [maker.id])[maker.id].public_name == maker.public_name


def test_a_consent_that_stands_is_not_given_again_nor_revoked_twice(session):
    cooperative = make_cooperative(session)
    maker = make_maker(session, cooperative)
    consent = make_consent(session, maker)

    with pytest.raises(consents.ConsentStands):
        make_consent(session, maker)
    revoke(session, consent, cooperative)
    with pytest.raises(consents.ConsentRevoked):
        revoke(session, consent, cooperative)


def test_a_consent_is_not_dated_ahead(session):
    cooperative = make_cooperative(session)
    maker = make_maker(session, cooperative)
    with pytest.raises(Invalid):
        consents.record_consent(
            session,
            maker_id=maker.id,
            purpose="photo",
            text_version="1",
            language="es",
            medium="written",
            given_on=NOW.date() + timedelta(days=1),
            witness="W",
            actor=house(cooperative),
            now=NOW,
        )


def test_another_cooperative_cannot_revoke_it(session):
    consent = make_consent(session, make_maker(session, make_cooperative(session)))

    with pytest.raises(NotFound):
        revoke(session, consent, make_cooperative(session))


def test_the_database_takes_one_revocation_of_a_consent(session):
    cooperative = make_cooperative(session)
    consent = make_consent(session, make_maker(session, cooperative))
    revoke(session, consent, cooperative)

    session.add(
        ConsentRevocation(
            cooperative_id=cooperative.id,
            consent_id=consent.id,
            reason="again",
            revoked_at=NOW,
            recorded_by="system:test",
        )
    )
    with pytest.raises(IntegrityError):
        session.flush()
