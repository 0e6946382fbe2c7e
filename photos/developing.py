"""Developing: a worker has a received photo made harmless, and printed in every size.

The decoding itself happens in a process of its own (`photos.darkroom`): a file that makes a
decoder crash, eat memory or never end takes that process with it, and nothing else.
"""

import json
import logging
import signal
import subprocess
import sys
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actors import system
from core.db import lock_rows, transaction
from core.errors import Unavailable
from photos.models import Photo, PhotoStatus
from photos.sizes import PRINTS
from photos.storage import NotStored, Store, fresh_key
from photos.uploads import take_up

log = logging.getLogger("pallay.photos")
DARKROOM = system("darkroom")
#: On the clock, beside the bound on processor time that the darkroom gives itself: a machine with
#: too much to do is no fault of the photo, so whoever runs into this is tried again.
PATIENCE_SECONDS = 120
AT_ONCE = 500
_HERE = Path(__file__).resolve().parent.parent
#: The whole environment of the darkroom: no secret of ours is in it.
_ENVIRONMENT = {"PYTHONPATH": str(_HERE), "PYTHONSAFEPATH": "1", "PYTHONDONTWRITEBYTECODE": "1"}


class DarkroomBusy(Unavailable):
    """The photo was not developed in time; it is tried again."""

    code = "unavailable"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the darkroom said: the picture's size, or why it is none."""

    width: int = 0
    height: int = 0
    refused: str | None = None


def develop_photo(store: Store, *, photo_id: uuid.UUID, now: datetime) -> PhotoStatus:
    """Develop a received photo and keep its prints, or refuse it; done twice it changes nothing.

    Raises DarkroomBusy and StoreUnavailable: ask again.
    """
    with transaction() as session:
        photo = session.get_one(Photo, photo_id)
        session.refresh(photo)
        status, original = PhotoStatus(photo.status), photo.original_key
    if status != PhotoStatus.RECEIVED or original is None:
        return status
    with TemporaryDirectory(prefix="pallay-photo-") as folder:
        outcome = _developed(store, original, Path(folder))
        prints = None
        if outcome.refused is None:
            prints = fresh_key(photo_id)
            for name in PRINTS:
                with (Path(folder) / name).open("rb") as contents:
                    store.put(f"{prints}/{name}", contents)
    return _record(store, photo_id, outcome, prints, now)


def take_up_received(session: Session) -> int:
    """Leave a note for every photo that waits to be developed; how many those are."""
    waiting = select(Photo.id).where(Photo.status == PhotoStatus.RECEIVED).order_by(Photo.id)
    return take_up(session, photo_ids=session.scalars(waiting.limit(AT_ONCE)).all())


def run_darkroom(source: Path, folder: Path, environment: Mapping[str, str]) -> Outcome:
    """Have one file developed into a folder by a process of its own. Raises DarkroomBusy."""
    command = [sys.executable, "-m", "photos.darkroom", str(source), str(folder)]
    try:
        done = subprocess.run(  # noqa: S603 - our own program, with nothing of the file's in its name
            command,
            env=dict(environment),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise DarkroomBusy() from None
    if done.returncode == 0:
        return Outcome(**json.loads(done.stdout))
    if done.returncode < 0 and done.returncode != -signal.SIGKILL:
        # It died of the file: of a decoder's fault, or of its bound on processor time.
        return Outcome(refused="undecodable")
    # A broken installation, a full disk, a machine out of memory: no fault of the photo.
    log.error("the darkroom failed: %s", done.returncode)
    raise DarkroomBusy()


def _developed(store: Store, original: str, folder: Path) -> Outcome:
    source = folder / "original"
    try:
        source.write_bytes(store.read(original))
    except NotStored:
        return Outcome(refused="lost")
    return run_darkroom(source, folder, _ENVIRONMENT)


def _record(
    store: Store, photo_id: uuid.UUID, outcome: Outcome, prints: str | None, now: datetime
) -> PhotoStatus:
    """Write down what came of it, unless somebody was faster; put away what nothing points at."""
    with transaction() as session:
        (photo,) = lock_rows(session, Photo, [photo_id])
        unwanted = [f"{prints}/{name}" for name in PRINTS] if prints else []
        if photo.status == PhotoStatus.RECEIVED and outcome.refused is None:
            photo.prints_key, photo.width, photo.height = prints, outcome.width, outcome.height
            photo.become(PhotoStatus.READY, actor=DARKROOM, why="developed", at=now)
            unwanted = []
        elif photo.status == PhotoStatus.RECEIVED:
            unwanted.append(photo.original_key or "")
            photo.original_key, photo.refusal = None, outcome.refused
            photo.become(PhotoStatus.REFUSED, actor=DARKROOM, why=outcome.refused or "", at=now)
        status = PhotoStatus(photo.status)
    store.delete(unwanted)
    return status
