"""A delivery receipt as a message for a phone: at most two SMS, and it says how many.

GSM 03.38 gives 160 characters to one message and 153 to each of several; a letter outside its
alphabet would cut that to 70. So letters it lacks lose their accent (it has ñ, é and ü, not á).
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from payouts.delivery_receipts import DeliveryReceipt, ReceiptLine, Sums
from payouts.drawing import TYPED, money
from payouts.receipt_words import WORDS

#: The letters of the basic table; those of the second count twice.
BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
SECOND = frozenset("^{}\\[~]|€")
ALONE, JOINED, MOST_SEGMENTS = 160, 153, 2
LONGEST_NAME = 20


@dataclass(frozen=True, slots=True)
class Message:
    """The text, its length as a phone counts it, and how many of her pieces it does not name."""

    text: str
    characters: int
    segments: int
    left_out: int


def message_of(receipt: DeliveryReceipt, language: str = "es") -> Message:
    """The receipt in ``es`` or ``qu``, with as many tags as there is room for."""
    head = gsm(f"{_head(receipt, language)} {_money(receipt, language)}".strip())
    tags = [line.tag for line in receipt.lines]
    whole = _joined(head, tags, 0, language)
    if length(whole) <= ALONE:
        return _message(whole, 0)
    for named in range(len(tags), -1, -1):
        text = _joined(head, tags[:named], len(tags) - named, language)
        if length(text) <= JOINED * MOST_SEGMENTS:
            return _message(text, len(tags) - named)
    return _message(head, len(tags))


def gsm(text: str) -> str:
    """A text in the letters of GSM 03.38; others without their marks, or a question mark."""
    return "".join(map(_letter, unicodedata.normalize("NFC", text.translate(TYPED))))


def length(text: str) -> int:
    """How many characters a phone counts."""
    return len(text) + sum(letter in SECOND for letter in text)


def segments(text: str) -> int:
    """How many messages it is sent in."""
    count = length(text)
    return 1 if count <= ALONE else -(-count // JOINED)


def _message(text: str, left_out: int) -> Message:
    return Message(text, length(text), segments(text), left_out)


def _head(receipt: DeliveryReceipt, language: str) -> str:
    day, name = receipt.delivery.delivered_on, receipt.maker.public_name[:LONGEST_NAME].strip()
    delivered = WORDS["delivery"].said(language)
    return f"Pallay {delivered} {day:%d/%m}. {name}: {_counted(receipt.lines, language)}."


def _counted(lines: Sequence[ReceiptLine], language: str) -> str:
    word = WORDS["piece" if len(lines) == 1 else "pieces"].said(language)
    return f"{len(lines)} {word}"


def _money(receipt: DeliveryReceipt, language: str) -> str:
    """Only what is not nothing, and what is to be paid."""
    said = []
    for key, name in (("agreed", "price"), ("off", "advance"), ("paid", "paid")):
        amounts = [(one, _of(one, key)) for one in receipt.sums]
        if any(minor for _, minor in amounts):
            said.append(f"{WORDS[name].said(language).capitalize()} {_added(amounts)}.")
    to_pay = [(one, one.to_pay) for one in receipt.sums if one.agreed]
    if to_pay:
        said.append(
            f"{WORDS['to_pay'].said(language).capitalize()} {_added(to_pay, nothing=True)}."
        )
    shared = sum(line.share_bp is not None or line.price_minor is None for line in receipt.lines)
    if shared:
        said.append(f"{shared} {WORDS['when_sold'].said(language)}.")
    return " ".join(said)


def _of(one: Sums, key: str) -> int:
    return -(one.deducted + one.to_come_off) if key == "off" else int(getattr(one, key))


def _added(amounts: list[tuple[Sums, int]], *, nothing: bool = False) -> str:
    shown = [
        money(minor, one.currency).replace("S/ ", "S/")
        for one, minor in amounts
        if minor or nothing
    ]
    return " + ".join(shown)


def _joined(head: str, tags: Sequence[str], left_out: int, language: str) -> str:
    rest = f"+{left_out} {gsm(WORDS['more'].said(language))}" if left_out else ""
    return " ".join(filter(None, [head, *tags, rest]))


def _letter(letter: str) -> str:
    if letter in BASIC or letter in SECOND:
        return letter
    plain = unicodedata.normalize("NFKD", letter)[0]
    return plain if plain in BASIC else "?"
