"""What photos say of one piece: who took which, and what became of it."""

import uuid
from typing import Any

from sqlalchemy import Select

from core.lives import LifeMove
from core.timelines import Source, told
from photos.models import Photo
from photos.subjects import SubjectKind

SCOPE = "photos:read"


def _photos(piece_id: uuid.UUID) -> Select[Any]:
    columns = told(
        LifeMove.id,
        LifeMove.at,
        LifeMove.actor,
        happened_at=Photo.taken_at,
        why=LifeMove.why,
        refs={"photo_id": Photo.id},
        facts={"now": LifeMove.to_status},
    )
    of = columns.join(Photo, Photo.id == LifeMove.subject_id)
    return of.where(Photo.subject_id == piece_id, Photo.subject_kind == SubjectKind.PIECE)


SOURCES = (Source("photographed", "A photo of it: {now}.", _photos, SCOPE),)
