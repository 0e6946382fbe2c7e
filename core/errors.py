"""Refusals: every one has a stable code and a sentence; none knows HTTP."""

from typing import Any, ClassVar


class PallayError(Exception):
    """A refusal a person can act on. ``code`` is stable, ``message`` is one sentence."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str | None = None, **details: Any) -> None:
        self.message = message or (type(self).__doc__ or self.code).strip().splitlines()[0]
        self.details = details
        super().__init__(self.message)


class NotFound(PallayError):
    """There is no such thing here."""

    code = "not_found"


class Unauthenticated(PallayError):
    """A valid key is needed for this."""

    code = "unauthenticated"


class Forbidden(PallayError):
    """This key may not do that."""

    code = "forbidden"


class Invalid(PallayError):
    """What was sent cannot be understood or breaks a rule; ``pointer`` names the place."""

    code = "invalid"

    def __init__(self, message: str | None = None, *, pointer: str = "", **details: Any) -> None:
        self.pointer = pointer
        super().__init__(message, **details)


class Conflict(PallayError):
    """The thing is not in a state that allows this."""

    code = "conflict"


class Unavailable(PallayError):
    """Somebody we depend on gave no answer; try the same request again."""

    code = "unavailable"
