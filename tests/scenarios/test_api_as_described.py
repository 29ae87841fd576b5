"""The API keeps what its description says, tried by a machine that believes it: no crash, no other shape."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from config.template import write_clinic_folder
from gateway.domain.person import Role
from gateway.domain.token import Scope
from gateway.services.access.accounts import By
from tests.rigs.api_site import a_referral
from tests.rigs.review_clinic import ReviewClinic, review_clinic
from tests.rigs.review_site import ReviewSite, a_note
from tests.rigs.served_api import served_api

pytestmark = pytest.mark.slow

_SECONDS = 120
_SEED = 20261125
_CONFIG = """
max-stream-events = 1  # of /live: the greeting; a stream does not end by itself
[checks.positive_data_acceptance]
# what is shaped as described may still be refused for what it means: 422 says so. Never 400, which says: ill shaped
expected-statuses = ["2xx", "401", "403", "404", "409", "412", "413", "422", "429"]
"""


def filled(clinic: ReviewClinic, address: str, secret: str) -> None:
    """A referral, documents that wait in every state, an office, people."""
    said = {"authorization": f"Bearer {secret}"}
    for name in ("ehr-1", "ehr-2"):
        assert httpx.post(f"{address}/referrals", json=a_referral(name), headers=said, timeout=60).status_code == 201
    begun = httpx.post(f"{address}/drafts", json={"fields": {"patient.family": "Okafor"}}, headers=said, timeout=60)
    assert begun.status_code == 201
    desk = clinic.desk
    desk.access.accounts.add("Lena", Role.STAFF, "four quiet herons", By("test"))
    site = ReviewSite(clinic, httpx.ASGITransport(lambda *_: None), None, [], [], None, None)  # type: ignore[arg-type]
    site.queue(a_note("Okafor"), a_note("Okafor", pages=(1, 2)), waited=timedelta(hours=1))
    site.queue(a_note("Brandt"))
    site.unreadable()


def test_no_request_that_the_description_allows_or_forbids_is_answered_otherwise_than_described(tmp_path: Path) -> None:
    file = write_clinic_folder(tmp_path / "clinic")[0]
    text = file.read_text(encoding="utf-8")
    assert "# api_per_minute = 600" in text
    file.write_text(text.replace("# api_per_minute = 600", "api_per_minute = 60000"), encoding="utf-8")
    config = tmp_path / "schemathesis.toml"
    config.write_text(_CONFIG, encoding="utf-8")
    with review_clinic(tmp_path) as clinic, served_api(clinic) as address:
        secret = clinic.desk.access.tokens.add("tried", Role.ADMINISTRATOR, frozenset(Scope), 30, By("test"))[1]
        filled(clinic, address, secret)
        described = tmp_path / "openapi.json"
        described.write_bytes(httpx.get(f"{address}/openapi.json", timeout=60).content)
        program = Path(sys.executable).with_name("schemathesis")
        done = subprocess.run(
            [
                program,
                f"--config-file={config}",
                "run",
                str(described),
                f"--url={address}",
                "--checks=all",
                f"--header=Authorization: Bearer {secret}",
                f"--seed={_SEED}",
                f"--max-time={_SECONDS}",
                "--max-examples=20",
                "--continue-on-failure",
                "--request-timeout=60",
                "--suppress-health-check=all",
                "--warnings=off",
                "--no-color",
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
