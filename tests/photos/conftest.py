"""A store of the test's own."""

from pathlib import Path

import pytest

from photos.storage import Store, use_store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty store in a folder, known to the house."""
    kept = Store((tmp_path / "photos").as_uri())
    use_store(lambda: kept)
    return kept
