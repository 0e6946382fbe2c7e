"""Undoing: what a refund takes back of what was owed, and money that no order can keep."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session


def record_refund(session: Session, *, refund_id: uuid.UUID, now: datetime) -> None:
    """Take back what a refund that was booked takes back; a second time nothing."""


def restore_refund(session: Session, *, refund_id: uuid.UUID, now: datetime) -> None:
    """Give back what a refund took back that failed after it was booked; a second time nothing."""


def record_stray(session: Session, *, stray_id: uuid.UUID, now: datetime) -> None:
    """Write money into the books that no order can keep; a second time nothing."""
