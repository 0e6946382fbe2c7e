"""The store on S3: the same promises, kept by a server that speaks the real protocol."""

import io
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3  # type: ignore[import-untyped]
import pytest
from sqlalchemy.orm import Session

from app.demo.processes import Child, answers, free_port
from photos import developing, sweeping, uploads
from photos.models import PhotoStatus
from photos.reading import read_file
from photos.sizes import PRINTS
from photos.storage import NotStored, Store, StoreUnavailable, fresh_key, use_store
from tests.support.make import NOW, house, make_cooperative
from tests.support.photos import a_file, announce

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("s3")]
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "made-up",
    "AWS_SECRET_ACCESS_KEY": "made-up-too",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An S3 server on this machine, and its address."""
    port = free_port(0)
    log: Path = tmp_path_factory.mktemp("s3") / "log"
    command = [sys.executable, "-W", "ignore", "-m", "moto.server", "-p", str(port)]
    child = Child("s3", command, {**os.environ, **CREDENTIALS}, log)
    child.start()
    try:
        child.wait_until(lambda: answers(f"http://127.0.0.1:{port}/moto-api/"))
        yield f"http://127.0.0.1:{port}"
    finally:
        child.stop()


@pytest.fixture
def bucket(server: str, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store in a bucket; where the server is, and who we are, stands in the environment."""
    for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL": server}.items():
        monkeypatch.setenv(name, value)
    boto3.client("s3").create_bucket(Bucket="pallay")
    kept = Store("s3://pallay/photos")
    use_store(lambda: kept)
    return kept


def test_a_photo_lives_in_a_bucket_as_it_does_in_a_folder(session: Session, bucket: Store) -> None:
    home, contents = make_cooperative(session), a_file()
    photo = announce(session, home, contents)
    shard = photo.id.hex[-2:]

    uploads.receive(
        bucket, photo_id=photo.id, content_type="image/jpeg", pieces=[contents], now=NOW
    )
    assert developing.develop_photo(bucket, photo_id=photo.id, now=NOW) == PhotoStatus.READY

    session.refresh(photo)
    original = read_file(session, bucket, photo_id=photo.id, name="original", actor=house(home))
    assert original == contents
    assert len(list(bucket.objects(shard))) == 1 + len(PRINTS)
    bucket.put(fresh_key(photo.id, "original"), io.BytesIO(b"an upload that died"))
    tomorrow = datetime.now(UTC) + timedelta(days=1, minutes=1)
    assert sweeping.sweep(bucket, now=tomorrow, shards=[shard]) == 1
    assert sweeping.sweep_photo(bucket, photo.id) == 1 + len(PRINTS)
    with pytest.raises(NotStored):
        bucket.read(photo.original_key or "")


def test_a_large_photo_goes_through_in_parts(bucket: Store) -> None:
    contents = os.urandom(11 << 20)

    bucket.put("00/large", io.BytesIO(contents))

    assert bucket.read("00/large") == contents


def test_what_is_gone_or_was_never_there_is_no_trouble(bucket: Store) -> None:
    assert list(bucket.objects("00/nobody")) == []
    bucket.delete(["00/nobody"])


def test_a_bucket_that_is_not_there_is_trouble(bucket: Store) -> None:
    with pytest.raises(StoreUnavailable):
        Store("s3://nowhere/photos").put("00/x", io.BytesIO(b"x"))


def test_a_server_that_does_not_answer_is_trouble(
    bucket: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port(0)}")

    with pytest.raises(StoreUnavailable):
        Store("s3://pallay/photos").read("00/x")
