"""`referloop mail` as a person uses it, with a browser and at a terminal."""

import json
import re
import subprocess
import sys
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote

import pytest

from config.template import write_clinic_folder
from tests.rigs.dovecot import free_port
from tests.rigs.oauth_server import CLIENT_ID, OAuthServer, oauth_server

pytestmark = pytest.mark.slow
REFERLOOP = str(Path(sys.executable).with_name("referloop"))


@pytest.fixture
def provider() -> Generator[OAuthServer]:
    with oauth_server() as room:
        yield room


@pytest.fixture
def config(tmp_path: Path, provider: OAuthServer) -> Path:
    """A clinic whose mailbox is opened by a browser."""
    folder = tmp_path / "clinic"
    write_clinic_folder(folder)
    (folder / "referloop.toml").write_text(
        f"""
[clinic]
reply_address = "referrals@clinic.example"
[fax]
carrier = "none"
[mail]
enabled = true
from_address = "referrals@clinic.example"
[mail.imap]
username = "referrals@clinic.example"
[mail.oauth]
provider = "other"
client_id = "{CLIENT_ID}"
authorize_url = "{provider.base}/authorize"
token_url = "{provider.base}/token"
scopes = ["mail"]
redirect_port = {free_port()}
""",
        encoding="utf-8",
    )
    return folder / "referloop.toml"


@contextmanager
def begun(config: Path) -> "Generator[tuple[subprocess.Popen[str], str]]":
    """`referloop mail login`, and the address that it tells a person to open."""
    line = [REFERLOOP, "mail", "login", "-c", str(config)]
    pipe = subprocess.PIPE
    with subprocess.Popen(line, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as login:
        assert login.stdout is not None
        address = ""
        while not address.startswith("http"):
            told = login.stdout.readline()
            assert told, login.stderr.read() if login.stderr else ""
            address = told.strip()
        yield login, address


def listed(config: Path) -> list[dict[str, str]]:
    command = [REFERLOOP, "mail", "list", "--json", "-c", str(config)]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def test_a_browser_on_this_machine_finishes_by_itself(config: Path) -> None:
    assert [(one["name"], one["login"], one["trouble"]) for one in listed(config)] == [
        ("main", "other", "nobody has logged in")
    ]
    with begun(config) as (login, address):
        with urllib.request.urlopen(address, timeout=120) as page:  # noqa: S310 - the rig's own address
            assert b"You can close this window" in page.read()
        said, _ = login.communicate(timeout=120)
    assert login.returncode == 0
    assert "Mailbox main is open" in said
    assert listed(config)[0]["trouble"] == ""
    out = subprocess.run([REFERLOOP, "mail", "logout", "-c", str(config)], capture_output=True, text=True, check=True)
    assert "forgotten here" in out.stdout
    assert listed(config)[0]["trouble"] == "nobody has logged in"


def test_elsewhere_the_address_is_copied_by_hand(config: Path, provider: OAuthServer) -> None:
    with begun(config) as (login, address):
        question = dict(re.findall(r"([a-z_]+)=([^&]+)", unquote(address)))
        said, _ = login.communicate(provider.authorize(question) + "\n", timeout=120)
    assert (login.returncode, "Mailbox main is open" in said) == (0, True)


def test_an_answer_of_somebody_else_opens_nothing(config: Path) -> None:
    with begun(config) as (login, _):
        _, said = login.communicate("http://127.0.0.1/?state=other&code=x\n", timeout=120)
    assert login.returncode == 1
    assert said.startswith("referloop: this address does not answer our question")
    with subprocess.Popen(
        [REFERLOOP, "mail", "login", "nobody", "-c", str(config)], stderr=subprocess.PIPE, text=True
    ) as login:
        assert "mailbox nobody needs no log-in. Those that do: main" in login.communicate(timeout=120)[1]
