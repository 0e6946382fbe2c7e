"""Numbering: whoever writes the next number of a co-operative does so alone."""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from people.models import Cooperative


def number_alone(session: Session, cooperative_id: uuid.UUID) -> None:
    """Let nobody else number anything of this co-operative until the transaction ends.

    ``FOR NO KEY UPDATE``: every row that refers to the co-operative can still be written meanwhile.
    """
    session.execute(
        select(Cooperative.id)
        .where(Cooperative.id == cooperative_id)
        .with_for_update(of=Cooperative, key_share=True)
    )
