"""JSON parameters of the v2 API against the SDK's typed dicts: nothing else describes them."""

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, NotRequired, Required, Union, get_args, get_origin

from typing_extensions import get_type_hints, is_typeddict

from stripe_peer.refusals import BadParameter, missing, unknown

PLAIN: dict[Any, tuple[type, ...]] = {
    str: (str,),
    int: (int, str),
    float: (int, float),
    Decimal: (str, int, float),
}


def check(given: Any, wanted: Any, name: str = "") -> None:
    """Refuse what the type does not allow; a query's `true` and numbers are accepted as text."""
    origin, parts = get_origin(wanted), get_args(wanted)
    if is_typeddict(wanted):
        check_fields(given, wanted, name)
    elif origin in (NotRequired, Required):
        check(given, parts[0], name)
    elif origin in (Union, UnionType):
        check_union(given, parts, name)
    elif origin is Literal:
        check_word(given, parts, name)
    elif origin is list:
        check_list(given, parts[0], name)
    elif origin is dict:
        check_map(given, parts[1], name)
    else:
        check_plain(given, wanted, name)


def check_word(given: Any, words: tuple[Any, ...], name: str) -> None:
    """One of a closed set."""
    if given not in words:
        allowed = ", ".join(map(str, words))
        raise BadParameter(f"Invalid {name}: must be one of {allowed}", param=name)


def check_fields(given: Any, wanted: Any, name: str) -> None:
    """A hash with known fields."""
    if not isinstance(given, dict):
        raise BadParameter(f"Invalid object: {name or 'the body'}", param=name)
    fields = fields_of(wanted)
    for key, inner in given.items():
        place = f"{name}.{key}" if name else key
        if key not in fields:
            raise unknown(place)
        check(inner, fields[key], place)
    for key in wanted.__required_keys__:
        if key not in given:
            raise missing(f"{name}.{key}" if name else key)


@cache
def fields_of(wanted: Any) -> Mapping[str, Any]:
    """The fields of a typed dict with their types."""
    return get_type_hints(wanted, include_extras=True)


def check_union(given: Any, choices: tuple[Any, ...], name: str) -> None:
    """The first choice that fits; an open enum (a literal or text) takes any text."""
    if given is None and NoneType in choices:
        return
    complaints = []
    for choice in choices:
        if choice is NoneType:
            continue
        try:
            check(given, choice, name)
            return
        except BadParameter as complaint:
            complaints.append(complaint)
    raise complaints[0]


def check_list(given: Any, wanted: Any, name: str) -> None:
    """A list; in a query it arrives as a hash with numbers for keys."""
    items = list(given.values()) if isinstance(given, dict) else given
    if not isinstance(items, list):
        raise BadParameter("Invalid array", param=name)
    for number, item in enumerate(items):
        check(item, wanted, f"{name}[{number}]")


def check_map(given: Any, wanted: Any, name: str) -> None:
    """A hash with free keys."""
    if not isinstance(given, dict):
        raise BadParameter("Invalid object", param=name)
    for key, inner in given.items():
        check(inner, wanted, f"{name}.{key}")


def check_plain(given: Any, wanted: Any, name: str) -> None:
    """Text, a number or a boolean."""
    if wanted is bool:
        fits = isinstance(given, bool) or given in ("true", "false")
    elif wanted is int and isinstance(given, str):
        fits = given.isdigit()
    else:
        fits = isinstance(given, PLAIN.get(wanted, (object,))) and not isinstance(given, bool)
    if not fits:
        raise BadParameter(f"Invalid {getattr(wanted, '__name__', 'value')}: {given}", param=name)


def values_of(given: Any) -> list[str]:
    """A list, which a query spells with numbers for keys."""
    return list(given.values() if isinstance(given, dict) else given)
