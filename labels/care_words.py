"""Care in the trade's five questions: washing, bleaching, drying, ironing, the cleaner's."""

from enum import StrEnum


class Wash(StrEnum):
    """How it may be washed; the number is the highest temperature in °C."""

    HAND = "hand"
    GENTLE_30 = "gentle_30"
    NORMAL_30 = "normal_30"
    NORMAL_40 = "normal_40"
    NO = "no"


class Bleach(StrEnum):
    """Whether it may be bleached."""

    ANY = "any"
    OXYGEN = "oxygen"
    NO = "no"


class Dry(StrEnum):
    """How it dries."""

    FLAT_SHADE = "flat_shade"
    FLAT = "flat"
    LINE = "line"
    LINE_SHADE = "line_shade"
    TUMBLE_LOW = "tumble_low"


class Iron(StrEnum):
    """How hot it may be ironed: one, two or three dots."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    NO = "no"


class Professional(StrEnum):
    """Whether a cleaner may treat it, and with what."""

    DRY_CLEAN = "dry_clean"
    WET_CLEAN = "wet_clean"
    NO = "no"
