"""Later work: every name that is deferred has a handler, and every handler somebody who defers."""

import ast

from api.routes.house import NOBODYS, OWNERS
from app.worker import HANDLERS
from tests.architecture.code import calls, modules, name_of


def deferred() -> dict[str, set[str]]:
    """Each name of a job, and the modules that defer it."""
    found: dict[str, set[str]] = {}
    for path in modules():
        for call in calls(path, "defer"):
            if len(call.args) >= 2:
                name = call.args[1]
                assert isinstance(name, ast.Constant), (
                    f"{name_of(path)}:{call.lineno}: a plain name"
                )
                found.setdefault(str(name.value), set()).add(name_of(path))
    return found


def test_every_deferred_name_has_a_handler() -> None:
    unanswered = {name: where for name, where in deferred().items() if name not in HANDLERS}

    assert unanswered == {}


def test_every_handler_has_somebody_who_defers_it() -> None:
    assert set(HANDLERS) - set(deferred()) == set()


def test_names_of_jobs_say_what_happened() -> None:
    odd = [name for name in deferred() if not all(part.isidentifier() for part in name.split("."))]

    assert odd == []


def test_every_id_a_job_names_says_whose_the_job_is() -> None:
    named = {
        keyword.arg
        for path in modules()
        for call in calls(path, "defer")
        for keyword in call.keywords
        if keyword.arg and keyword.arg.endswith("_id")
    }

    assert named - set(OWNERS) - NOBODYS == set(), "say whose it is in api/routes/house.py"
