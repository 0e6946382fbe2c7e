"""Progress of an application, told beside its one transaction: nobody sees into that."""

import uuid

from sqlalchemy import Connection, update

from inventory.batch_models import Batch, BatchStatus


def tell(beside: Connection, *, batch_id: uuid.UUID, rows: int) -> None:
    """Show how many rows are written by now; they are kept only if all are."""
    beside.execute(
        update(Batch)
        .where(Batch.id == batch_id, Batch.status == BatchStatus.APPLYING)
        .values(rows_applied=rows)
    )
