"""The words of a delivery receipt in Spanish and Quechua, and which of them a speaker must review.

They stand in one file, ``receipt_words.json``, with how sure the co-op's glossary is of each.
"""

import json
from dataclasses import dataclass
from pathlib import Path

SURE = "H"


@dataclass(frozen=True, slots=True)
class Word:
    """A word in both languages; None where Quechua uses the Spanish one, as far as we know."""

    es: str
    es_confidence: str
    qu: str | None
    qu_confidence: str | None
    variants: tuple[str, ...] = ()

    def said(self, language: str) -> str:
        """The word in ``es`` or ``qu``."""
        return self.qu if language == "qu" and self.qu else self.es

    @property
    def both(self) -> str:
        """Spanish, and Quechua beside it."""
        return f"{self.es} · {self.qu}" if self.qu else self.es

    @property
    def sure(self) -> bool:
        """Whether nobody needs to look at it before it is printed."""
        return self.es_confidence == self.qu_confidence == SURE


def read_words(path: Path) -> dict[str, Word]:
    """The words of a file, by their key."""
    rows = json.loads(path.read_text(encoding="utf-8"))["words"]
    return {key: Word(**{**row, "variants": tuple(row["variants"])}) for key, row in rows.items()}


WORDS = read_words(Path(__file__).with_suffix(".json"))


def to_review() -> dict[str, Word]:
    """What a speaker must review, by key."""
    return {key: word for key, word in WORDS.items() if not word.sure}
