"""Tags: a piece's human code, with a check character that catches every slip of one or two hands.

The alphabet has 31 characters (no 0, 1, I, L, O, which look alike), and 31 is prime. Each place is
weighted by a power of 3, a primitive root of 31, so any two neighbouring places weigh differently:
one wrong character, or two neighbours swapped, always changes the sum.
"""

import secrets

from core.errors import Invalid

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
PRIME = len(ALPHABET)
WEIGHT = 3
PREFIX_LENGTH = 3
BODY_LENGTH = 7
LONGEST = 29
_VALUE = {character: value for value, character in enumerate(ALPHABET)}


class TagInvalid(Invalid):
    """This is not a tag; check each character."""

    code = "tag_invalid"


def check_character(body: str) -> str:
    """The character that makes the weighted sum of ``body`` plus itself zero modulo 31."""
    return ALPHABET[-_weighted_sum(body) % PRIME]


def with_check(body: str) -> str:
    """``body`` followed by its check character."""
    return body + check_character(body)


def is_valid(code: str) -> bool:
    """Whether ``code`` (without spaces or hyphens) ends in its own check character."""
    return (
        1 < len(code) <= LONGEST
        and all(character in _VALUE for character in code)
        and check_character(code[:-1]) == code[-1]
    )


def draw(prefix: str) -> str:
    """A fresh tag for a co-operative's prefix, as ``HUK-4F7K-29QX``."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(BODY_LENGTH))
    return spell(with_check(prefix + body))


def spell(code: str) -> str:
    """Group a tag for the eye: prefix, four, four."""
    rest = code[PREFIX_LENGTH:]
    return f"{code[:PREFIX_LENGTH]}-{rest[:4]}-{rest[4:]}"


def read(written: str) -> str:
    """The tag somebody typed or scanned, in its one spelling. Raises TagInvalid."""
    code = "".join(written.upper().split()).replace("-", "")
    if len(code) != PREFIX_LENGTH + BODY_LENGTH + 1 or not is_valid(code):
        raise TagInvalid()
    return spell(code)


def _weighted_sum(body: str) -> int:
    """The sum with weights 3, 9, 27, … from the right; the check character itself weighs 1."""
    return sum(
        _VALUE[character] * pow(WEIGHT, place, PRIME)
        for place, character in enumerate(reversed(body), start=1)
    )
