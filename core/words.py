"""Words in English, Spanish and Quechua, with a fall-back."""

from collections.abc import Mapping, Sequence

LANGUAGES = ("en", "es", "qu")

Words = dict[str, str]


def pick(words: Mapping[str, str] | None, languages: Sequence[str]) -> str | None:
    """The first of ``languages`` that has words, else English, Spanish, Quechua, else None."""
    if not words:
        return None
    for language in (*languages, *LANGUAGES):
        if words.get(language):
            return words[language]
    return None


def missing(words: Mapping[str, str] | None) -> list[str]:
    """The languages nobody has written yet."""
    return [language for language in LANGUAGES if not (words or {}).get(language)]
