"""A spreadsheet's whole way over HTTP, and what is refused on it."""

import csv
import io
import uuid
from typing import Any

import pytest
from flask.testing import FlaskClient
from marshmallow import validate
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from api.schemas.designs import NewDesign
from api.schemas.fields import Text
from api.schemas.people import NewMaker
from core.cells import Misread
from core.db import current_session
from core.ids import new_id
from inventory import batch_progress, batch_work, batches
from inventory.batch_models import Batch
from inventory.batches import SHEETS
from people.models import Cooperative, Maker
from tests.batches.sending import LIMITS, NOW, a_csv, a_workbook
from tests.conftest import Committed, row_counts
from tests.support.make import acting, make_cooperative, make_key, make_maker, make_staff

MAKERS = [["legal_name", "public_name"], ["Sabina Quispe", "Sabina"]]
Sheet = dict[str, str]


@pytest.fixture
def home(session: Session) -> Cooperative:
    return make_cooperative(session)


@pytest.fixture
def key(session: Session, home: Cooperative) -> str:
    return make_key(session, make_staff(session, home, "coordinator"))


def put(
    client: FlaskClient, key: str | None, content: bytes, path: str | None = None, **query: str
) -> TestResponse:
    return client.put(
        path or f"/v1/batches/{new_id()}",
        query_string={"kind": "makers", "name": "a.csv"} | query,
        data=content,
        headers={"Authorization": f"Bearer {key}"} if key else {},
        content_type="text/csv",
    )


def ask(client: FlaskClient, key: str, method: str, path: str) -> TestResponse:
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": uuid.uuid4().hex}
    return client.open(path, method=method, headers=headers)


@pytest.mark.parametrize("file", [a_csv(*MAKERS), a_workbook(*MAKERS)], ids=["csv", "xlsx"])
def test_the_whole_way_of_a_sheet(
    file: bytes, client: FlaskClient, session: Session, key: str
) -> None:
    path = f"/v1/batches/{new_id()}"
    sent = put(client, key, file, path)
    assert (sent.status_code, sent.get_json()["status"]) == (201, "uploaded")
    assert put(client, key, file, path).status_code == 200
    early = ask(client, key, "POST", f"{path}/application")
    assert (early.status_code, early.get_json(force=True)["code"]) == (409, "batch_not_checked")

    batch_id = uuid.UUID(path.rpartition("/")[2])
    batch_work.check_batch(batch_id=batch_id, now=NOW)
    checked = ask(client, key, "GET", path).get_json()
    assert (checked["status"], checked["row_count"], checked["problem_count"]) == ("checked", 1, 0)
    asked = ask(client, key, "POST", f"{path}/application")
    assert (asked.status_code, asked.get_json()["status"]) == (201, "applying")
    assert ask(client, key, "POST", f"{path}/application").status_code == 201
    jobs = current_session().execute(
        text("SELECT task_name FROM procrastinate_jobs WHERE args->>'batch_id' = :id ORDER BY id"),
        {"id": str(batch_id)},
    )
    assert jobs.scalars().all() == ["batch.sent", "batch.application_asked"]
    batch_work.apply_checked(batch_id=batch_id, now=NOW)

    assert ask(client, key, "GET", path).get_json()["status"] == "applied"
    (maker,) = ask(client, key, "GET", "/v1/makers").get_json()["items"]
    assert (maker["legal_name"], maker["public_name"]) == ("Sabina Quispe", "Sabina")
    assert maker["created_by"].startswith("staff:")


def test_a_sheet_with_a_problem_is_explained_and_not_applied(client: FlaskClient, key: str) -> None:
    path = f"/v1/batches/{new_id()}"
    put(client, key, a_csv(MAKERS[0], ["", "Sabina"]), path)
    batch_work.check_batch(batch_id=uuid.UUID(path[-36:]), now=NOW)

    (problem,) = ask(client, key, "GET", f"{path}/problems").get_json()["items"]
    assert (problem["row"], problem["cell"], problem["code"]) == (2, "A2", "missing")
    assert problem["words"] == "legal_name is needed"
    refused = ask(client, key, "POST", f"{path}/application")
    assert (refused.status_code, refused.get_json(force=True)["code"]) == (
        409,
        "batch_has_problems",
    )


BAD: dict[str, tuple[bytes, Sheet, int, str]] = {
    "no file": (b"", {}, 422, "sheet_unreadable"),
    "a PDF": (b"%PDF-1.4", {}, 422, "sheet_unreadable"),
    "a kind nobody knows": (a_csv(*MAKERS), {"kind": "shoes"}, 422, "invalid"),
    "no name": (a_csv(*MAKERS), {"name": ""}, 422, "invalid"),
    "too long": (b"x" * 10_485_761, {}, 413, "body_too_large"),
}


@pytest.mark.parametrize("what", BAD)
def test_what_is_no_sheet_is_not_taken_in(
    what: str, client: FlaskClient, session: Session, key: str
) -> None:
    content, query, status, code = BAD[what]
    before = row_counts(session)

    answer = put(client, key, content, **query)

    assert (answer.status_code, answer.get_json(force=True)["code"]) == (status, code)
    assert row_counts(session) == before


def test_both_scopes_are_needed_and_a_stranger_finds_nothing(
    client: FlaskClient, session: Session, home: Cooperative, key: str
) -> None:
    boss = make_staff(session, home, "coordinator")
    path = f"/v1/batches/{new_id()}"
    put(client, key, a_csv(*MAKERS), path)

    assert put(client, None, a_csv(*MAKERS)).status_code == 401
    for scope, lacking in (("makers:write", "batches:write"), ("batches:write", "makers:write")):
        narrow = make_key(session, boss, scope)
        for answer in (put(client, narrow, a_csv(*MAKERS)), ask(client, narrow, "GET", path)):
            assert answer.status_code == 403
            assert answer.get_json(force=True)["details"] == {"scope": lacking}
    other = make_key(session, make_staff(session, make_cooperative(session), "coordinator"))
    for way in (path, f"{path}/problems"):
        assert ask(client, other, "GET", way).status_code == 404
    assert ask(client, other, "POST", f"{path}/application").status_code == 404
    assert put(client, other, a_csv(*MAKERS), path).status_code == 409
    assert ask(client, other, "GET", "/v1/batches").get_json() == {"items": []}


def test_legal_names_go_out_only_with_their_scope(
    client: FlaskClient, session: Session, home: Cooperative, key: str
) -> None:
    maker = make_maker(session, home)
    narrow = make_key(session, make_staff(session, home, "coordinator"), "makers:read")

    def sheet(with_key: str) -> list[dict[str, Any]]:
        answer = ask(client, with_key, "GET", "/v1/exports/makers.csv").get_data(as_text=True)
        return list(csv.DictReader(io.StringIO(answer.removeprefix("\ufeff"))))

    ((full,), (public,)) = (sheet(key), sheet(narrow))
    assert full["legal_name"] == maker.legal_name
    assert set(full) - set(public) == {"legal_name"}


@pytest.mark.parametrize(("kind", "schema"), [("makers", NewMaker), ("designs", NewDesign)])
def test_a_sheet_takes_what_the_api_takes_and_no_more(kind: str, schema: Any) -> None:
    read = {column.name: column.read for column in SHEETS[kind].columns}
    checked = 0
    for name, field in schema().fields.items():
        for rule in field.validators if isinstance(field, Text) else ():
            if isinstance(rule, validate.Length) and rule.max and name in read:
                too_long = "https://" + "x" * rule.max if "url" in name else "1" * (rule.max + 1)
                with pytest.raises(Misread):
                    read[name](too_long)
                if name not in {"hs_code"}:
                    assert read[name](too_long[: rule.max]) == too_long[: rule.max]
                checked += 1
    assert checked >= 3


def test_a_worker_tells_how_far_it_is_beside_its_transaction(
    committed: Committed,
) -> None:
    with committed() as session:
        boss = acting(make_staff(session, make_cooperative(session), "coordinator"))
    with committed() as session:
        sent, _new = batches.send_batch(
            session, batch_id=new_id(), kind="makers", name="a", content=a_csv(*MAKERS),
            limits=LIMITS, actor=boss, now=NOW,
        )  # fmt: skip
        batch_id = sent.id
    batch_work.check_batch(batch_id=batch_id, now=NOW)
    with committed() as session:
        batches.apply_batch(session, batch_id=batch_id, actor=boss, now=NOW)
    seen: list[tuple[int, int]] = []

    def tell(told_id: uuid.UUID, rows: int) -> None:
        with committed() as beside:
            batch_progress.tell(beside.connection(), batch_id=told_id, rows=rows)
        with committed() as other:
            makers = other.scalar(select(func.count()).select_from(Maker)) or 0
            seen.append((other.get_one(Batch, batch_id).rows_applied, makers))

    batch_work.apply_checked(batch_id=batch_id, now=NOW, tell=tell)

    assert seen == [(1, 0)]
    with committed() as session:
        assert session.get_one(Batch, batch_id).status == "applied"
        assert session.scalar(select(func.count()).select_from(Maker)) == 1
