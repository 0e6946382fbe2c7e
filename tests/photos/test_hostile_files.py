"""Hostile files: whatever is sent is a photo, or is refused with a word; nothing else happens."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photos.darkroom import CPU_SECONDS, LARGEST_PRINT, MEMORY_BYTES, Developed, develop
from photos.developing import _ENVIRONMENT, DarkroomBusy, Outcome, run_darkroom
from photos.formats import NotOnePicture
from photos.sizes import PRINTS
from tests.photos import hostile

CORPUS = hostile.corpus()
VALID = {"JPEG": hostile.JPEG, "PNG": hostile.PNG, "WEBP": hostile.WEBP, "HEIC": hostile.heic()}


@pytest.mark.parametrize("what", CORPUS)
def test_a_hostile_file_is_refused_with_a_word(what: str) -> None:
    contents, word = CORPUS[what]

    with pytest.raises(NotOnePicture) as refused:
        develop(contents)

    assert refused.value.why == word


@settings(max_examples=50, deadline=None)
@given(
    kind=st.sampled_from(sorted(VALID)),
    at=st.floats(0, 1, exclude_max=True),
    spoilt=st.binary(min_size=1, max_size=8),
    cut=st.integers(0, 3),
)
def test_a_spoilt_file_is_a_photo_or_is_refused(
    kind: str, at: float, spoilt: bytes, cut: int
) -> None:
    whole = VALID[kind]
    place = int(at * len(whole))
    mutated = whole[:place] + spoilt + whole[place + len(spoilt) + cut :]

    try:
        developed: Developed | None = develop(mutated)
    except NotOnePicture:
        developed = None

    if developed is not None:
        assert set(developed.prints) == set(PRINTS)


def test_the_darkroom_is_a_process_without_our_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PALLAY_SECRET_KEY", "a secret")
    source = tmp_path / "original"
    source.write_bytes(hostile.JPEG)

    outcome = run_darkroom(source, tmp_path, _ENVIRONMENT)

    assert outcome == Outcome(width=96, height=64)
    assert {path.name for path in tmp_path.iterdir()} == {"original", *PRINTS}
    assert set(_ENVIRONMENT) == {"PYTHONPATH", "PYTHONSAFEPATH", "PYTHONDONTWRITEBYTECODE"}


def test_the_darkroom_bounds_itself() -> None:
    asked = (
        "import json, resource as r; from photos.darkroom import _live_small; _live_small();"
        "print(json.dumps([r.getrlimit(one)[0] for one in"
        " (r.RLIMIT_CPU, r.RLIMIT_AS, r.RLIMIT_FSIZE, r.RLIMIT_CORE)]))"
    )

    said = subprocess.run(
        [sys.executable, "-c", asked], env=_ENVIRONMENT, capture_output=True, check=True
    )

    assert json.loads(said.stdout) == [CPU_SECONDS, MEMORY_BYTES, LARGEST_PRINT, 0]


def test_what_is_no_fault_of_the_photo_is_tried_again(tmp_path: Path) -> None:
    """A broken installation, a full disk: no photo is refused because of those."""
    source = tmp_path / "original"
    source.write_bytes(hostile.JPEG)

    (tmp_path / "large.webp").mkdir()
    with pytest.raises(DarkroomBusy):
        run_darkroom(source, tmp_path, _ENVIRONMENT)
