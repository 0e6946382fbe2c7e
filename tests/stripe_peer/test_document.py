"""`docs/stripe-stand-in.md`: every command on the page is run, in order, in one shell."""

import re
import shutil
import subprocess

import pytest

from stripe_peer.faults import KINDS
from stripe_peer.mishaps import KINDS as MISHAPS
from tests.support.peer import ROOT, PeerProcess

PAGE = (ROOT / "docs" / "stripe-stand-in.md").read_text()
COMMANDS = "\n".join(re.findall(r"^```sh\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE))


@pytest.mark.skipif(shutil.which("curl") is None, reason="The page walks with curl.")
def test_the_walk_of_the_page_works(tmp_path):
    """A developer can copy it."""
    with PeerProcess(api_key="sk_test_demo") as peer:
        script = COMMANDS.replace("http://127.0.0.1:12111", peer.url)
        done = subprocess.run(
            ["bash", "-eu", "-o", "pipefail", "-c", script],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    for sign in ("303 http://localhost/thanks?s=cs_test_", "silence", "Idempotent-Replayed: true"):
        assert sign in done.stdout
    assert '"error"' not in done.stdout


@pytest.mark.parametrize(("heading", "kinds"), [("faults", KINDS), ("mishaps", set(MISHAPS))])
def test_every_fault_and_every_mishap_is_on_the_page(heading, kinds):
    """And no other."""
    head = {"faults": "| `kind` | what the caller sees |", "mishaps": "| `kind` | what happens |"}
    table = PAGE.partition(head[heading])[2].partition("\n\n")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == kinds
