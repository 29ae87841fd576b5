"""Several mailboxes in one clinic: each with a server, a login, a state and a trouble of its own."""

import asyncio
import time
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import pytest

from config.errors import SettingsError
from config.load import load_settings
from config.settings import Settings
from config.template import write_clinic_folder
from config.vocabulary import Channel
from gateway.lines import senders
from gateway.mail_watchers import mail_notices, mail_watchers
from gateway.mailboxes import flow_of, mail_grants, mailboxes, provider_of, reply_addresses
from gateway.services.mail_grants import MailGrants
from gateway.storage.store import SqlStore
from gateway.testing import FixedClock
from outbound.mail_routes import MailRoutes
from tests.builders import NOON
from tests.rigs.dovecot import PROGRAM, Dovecot, running_dovecot
from tests.rigs.fake_door import FakeDoor, FakePlaces
from tests.rigs.waiting import until

_MAIN = """
[clinic]
name = "Maple Street Clinic"
reply_address = "referrals@clinic.example"
[fax]
carrier = "none"
[mail]
enabled = true
from_address = "referrals@clinic.example"
"""
_DIRECT = """
[[mail.boxes]]
name = "direct"
from_address = "clinic@direct.clinic.example"
sends_to = [".direct.example"]
plus_addresses = false
[mail.boxes.imap]
host = "127.0.0.1"
port = {port}
username = "clinic@direct.clinic.example"
password = "{password}"
ca_file = "{ca}"
since = "all"
watch_junk = {junk}
"""


def settings_of(folder: Path, text: str) -> Settings:
    if not (folder / "referloop.toml").exists():
        write_clinic_folder(folder)
    (folder / "referloop.toml").write_text(text, encoding="utf-8")
    return load_settings(folder / "referloop.toml")


@pytest.fixture
def grants(tmp_path: Path) -> Generator[MailGrants]:
    store = SqlStore.open(f"sqlite:///{tmp_path / 'rows.sqlite'}")
    yield MailGrants(store, FixedClock(NOON), b"k" * 48, {})
    store.close()


@pytest.fixture(scope="module")
def dovecot(tmp_path_factory: pytest.TempPathFactory) -> Generator[Dovecot]:
    with running_dovecot(tmp_path_factory.mktemp("dovecot")) as server:
        yield server


def test_a_further_mailbox_has_its_own_sender_replies_and_credentials(
    tmp_path: Path, grants: MailGrants, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = tmp_path / "credentials"
    secrets.mkdir()
    for name in ("imap_password", "imap_password_direct"):
        (secrets / name).write_text(f"of {name}")
        (secrets / name).chmod(0o600)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(secrets))
    text = _MAIN + _DIRECT.format(port=993, password="", ca="ca.pem", junk="false")
    settings = settings_of(tmp_path / "clinic", text)
    main, direct = mailboxes(settings)
    passwords = [box.imap.password.get_secret_value() for box in (main, direct)]
    assert passwords == ["of imap_password", "of imap_password_direct"]
    assert (direct.from_name, direct.reply_address) == ("Maple Street Clinic", "clinic@direct.clinic.example")
    assert direct.imap.ca_file == tmp_path / "clinic" / "ca.pem"
    assert reply_addresses(settings) == ("referrals@clinic.example", "clinic@direct.clinic.example")
    assert isinstance(senders(settings, None, grants, lambda address: "")[Channel.EMAIL], MailRoutes)


@pytest.mark.parametrize(
    ("told", "complaint"),
    [
        ('[[mail.boxes]]\nname = "main"', "main stands twice as the name of a mailbox"),
        ('[[mail.boxes]]\nname = "a"\nsends_to = ["x.example"]', "box a: sends_to needs from_address"),
        ('[[mail.boxes]]\nname = "a"\n[mail.boxes.imap]\nhots = "x"', "did you mean mail.boxes.imap.host?"),
        ('[mail.imap]\nsince = "yesterday"', "write now, all, or a date like 2026-01-31"),
        ('[mail.oauth]\nprovider = "microsoft"', "client_id is empty: register the application"),
        ('[mail.oauth]\nprovider = "other"\nclient_id = "x"', "provider other needs token_url, scopes"),
        ('[mail.oauth]\ntoken_url = "http://login.example/token"', "write an https address"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, told: str, complaint: str) -> None:
    with pytest.raises(SettingsError) as error:
        settings_of(tmp_path / "clinic", f"{_MAIN}{told}\n")
    assert complaint in str(error.value)


def test_providers_addresses_follow_the_cloud_and_can_all_be_set(tmp_path: Path) -> None:
    government = '[mail.oauth]\nprovider = "microsoft"\nclient_id = "x"\ntenant = "clinic.example"\n'
    settings = settings_of(tmp_path / "clinic", _MAIN + government + 'authority = "https://login.microsoftonline.us"\n')
    provider = provider_of(settings.mail.oauth)
    assert provider.token_url == "https://login.microsoftonline.us/clinic.example/oauth2/v2.0/token"
    assert provider.device_url == "https://login.microsoftonline.us/clinic.example/oauth2/v2.0/devicecode"
    assert "offline_access" in provider.scope
    assert flow_of(settings.mail.oauth) == "device"
    settings = settings_of(tmp_path / "clinic", _MAIN + '[mail.oauth]\nprovider = "google"\nclient_id = "x"\n')
    assert flow_of(settings.mail.oauth) == "browser"  # Google gives no mailbox by device code
    assert provider_of(settings.mail.oauth).ask["access_type"] == "offline"


def test_a_password_goes_before_the_provider(tmp_path: Path, grants: MailGrants) -> None:
    text = _MAIN + '[mail.oauth]\nprovider = "google"\nclient_id = "x"\n[mail.imap]\nusername = "a"\npassword = "b"\n'
    settings = settings_of(tmp_path / "clinic", text)
    assert mail_grants(settings, grants.store, grants.clock).clients == {}
    watchers = mail_watchers(settings, grants, FakeDoor(), FakePlaces())
    assert [one.account.tokens for one in watchers.values()] == [None]


@pytest.mark.skipif(not Path(PROGRAM).exists(), reason="Dovecot is not installed")
async def test_a_mailbox_that_fails_stops_no_other_and_is_named(
    tmp_path: Path, grants: MailGrants, dovecot: Dovecot
) -> None:
    login = f'[mail.imap]\nhost = "127.0.0.1"\nport = {dovecot.tls_port}\nca_file = "{dovecot.ca_file}"\n'
    login += 'username = "referrals@clinic.example"\npassword = "wrong"\n'
    box = _DIRECT.format(port=dovecot.tls_port, password=dovecot.password, ca=dovecot.ca_file, junk="true")
    settings = settings_of(tmp_path / "clinic", _MAIN + login + box)
    replace(dovecot, user="clinic@direct.clinic.example").deliver(b"Subject: an answer\r\n\r\nHello\r\n")
    door = FakeDoor()
    watchers = mail_watchers(settings, grants, door, FakePlaces())
    assert list(watchers) == ["mailbox INBOX", "mailbox direct: INBOX", "mailbox direct: \\Junk"]
    running = [asyncio.ensure_future(one.run()) for one in watchers.values()]
    try:
        await until(lambda: len(door.taken) == 1)
        await until(lambda: watchers["mailbox INBOX"].is_refused)
        await until(lambda: bool(watchers["mailbox direct: \\Junk"].trouble))
    finally:
        for one in running:
            one.cancel()
        await asyncio.gather(*running, return_exceptions=True)
    (source,) = door.taken
    assert source.startswith("imap:clinic@direct.clinic.example@127.0.0.1/INBOX/")
    now = time.time()
    (told,) = mail_notices(watchers, [], now, now)
    assert told.startswith("mailbox INBOX: referrals@clinic.example@127.0.0.1: the mail server refuses")
    later = mail_notices(watchers, ["mailbox x is shut"], now + 400, now)
    assert later[0] == "mailbox x is shut"
    assert any("marks 0 folders as \\Junk" in one for one in later)
