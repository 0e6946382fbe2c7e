"""A tag's check character catches every slip of a hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory import tags

BODIES = st.text(alphabet=tags.ALPHABET, min_size=1, max_size=tags.LONGEST - 1)


@given(BODIES)
def test_a_code_with_its_own_check_character_is_valid(body):
    assert tags.is_valid(tags.with_check(body))


@given(BODIES, st.data())
def test_one_wrong_character_anywhere_is_always_caught(body, data):
    code = tags.with_check(body)
    place = data.draw(st.integers(0, len(code) - 1))
    other = data.draw(st.sampled_from([c for c in tags.ALPHABET if c != code[place]]))

    assert not tags.is_valid(code[:place] + other + code[place + 1 :])


@given(BODIES, st.data())
def test_two_neighbours_swapped_are_always_caught(body, data):
    code = tags.with_check(body)
    place = data.draw(st.integers(0, len(code) - 2))
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]

    assert swapped == code or not tags.is_valid(swapped)


def test_a_drawn_tag_reads_back_however_it_was_typed():
    tag = tags.draw("HUK")

    assert tags.read(tag) == tag
    assert tags.read(f"  {tag.lower().replace('-', ' ')} ") == tag


@pytest.mark.parametrize(
    "written", ["", "HUK", "HUK-0000-0000", "HUK-2345-678I", "ñandu", "HUK\x00", "H" * 500]
)
def test_what_is_no_tag_is_refused_by_name(written):
    with pytest.raises(tags.TagInvalid):
        tags.read(written)


def test_two_thousand_drawn_tags_do_not_repeat():
    drawn = {tags.draw("HUK") for _ in range(2_000)}

    assert len(drawn) == 2_000
