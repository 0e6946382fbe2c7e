"""Parameters Stripe takes and the stand-in does not serve: refused, so that none is ignored."""

from collections.abc import Iterable, Mapping
from typing import Any

from stripe_peer.refusals import NotExecuted


def refuse_unserved(given: Mapping[str, Any], served: Iterable[str], place: str = "") -> None:
    """Refuse the first parameter of `given` that is not among those served."""
    for name in given:
        if name not in served:
            param = f"{place}[{name}]" if place else name
            raise NotExecuted(
                f"Stripe takes {param}; this stand-in does not serve it.", param=param
            )
