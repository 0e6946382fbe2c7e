"""The ways Stripe says no, with the body it says it in."""

from typing import Any


class Refusal(Exception):
    """A no with a status and Stripe's error body; `executed` ones are replayed under their key."""

    executed = True

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.kind = kind
        self.code = code
        self.param = param
        self.headers = headers or {}

    def body(self) -> dict[str, Any]:
        """The JSON Stripe sends: only the fields that apply."""
        error: dict[str, Any] = {"message": self.message, "type": self.kind}
        if self.code:
            error["code"] = self.code
            error["doc_url"] = f"https://stripe.com/docs/error-codes/{self.code.replace('_', '-')}"
        if self.param:
            error["param"] = self.param
        return {"error": error}


class NotExecuted(Refusal):
    """Refused before the operation began, so nothing is kept under the idempotency key."""

    executed = False


class BadParameter(NotExecuted):
    """A parameter is unknown, missing or of the wrong shape."""


def no_such(noun: str, wanted: str, *, param: str, status: int = 400) -> Refusal:
    """Nothing has that id: 404 when it stood in the path, 400 when in a parameter."""
    return Refusal(
        f"No such {noun}: '{wanted}'", status=status, code="resource_missing", param=param
    )


def missing(param: str) -> BadParameter:
    """A parameter that has to be there is not."""
    return BadParameter(f"Missing required param: {param}.", code="parameter_missing", param=param)


def unknown(param: str) -> BadParameter:
    """A parameter nobody has heard of."""
    return BadParameter(
        f"Received unknown parameter: {param}", code="parameter_unknown", param=param
    )


def unauthorized(given: str | None) -> NotExecuted:
    """No key, or not ours; the body shows only the key's ends."""
    if not given:
        message = (
            "You did not provide an API key. You need to provide your API key in the "
            "Authorization header, as in 'Authorization: Bearer YOUR_SECRET_KEY'."
        )
        return NotExecuted(message, status=401)
    hidden = given[:8] + "*" * max(len(given) - 12, 4) + given[-4:] if len(given) > 12 else "****"
    return NotExecuted(f"Invalid API Key provided: {hidden}", status=401)
