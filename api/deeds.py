"""What a request does, as the audit writes it: its operation, its things, its id, its key."""

import re
import uuid
from itertools import pairwise

from flask import g, request

from core.actors import Actor, system
from core.audit import Doing

PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


def asked_for(who: Actor | None) -> Doing:
    """This request as a deed; whoever brings no key is ``system:anybody`` until it is known."""
    assert request.url_rule is not None
    rule = request.url_rule.rule
    path = PARAMETER.sub(r"{\1}", rule)
    return Doing(
        operation=f"{request.method} {path}",
        actor=who or system("anybody"),
        reference=g.get("request_id"),
        named=_named(rule),
        noun=_noun([step for step in rule.split("/") if step and "<" not in step][-1]),
    )


def _named(rule: str) -> list[tuple[str, uuid.UUID]]:
    """The things in the path: ``/v1/pay-days/<uuid:pay_day_id>`` names one of ``pay_days``."""
    found = []
    steps = rule.split("/")
    for before, step in pairwise(steps):
        parameter = PARAMETER.fullmatch(step)
        value = (request.view_args or {}).get(parameter[1]) if parameter else None
        if isinstance(value, uuid.UUID):
            found.append((_noun(before), value))
    return found


def _noun(step: str) -> str:
    """A step of a path as the name of a table: ``pay-days`` as ``pay_days``."""
    return step.replace("-", "_")
