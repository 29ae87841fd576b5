"""`referloop doctor` at real mail servers, and at what is usually wrong with them."""

import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.load import load_settings
from config.template import write_clinic_folder
from gateway.doctor.finding import Level
from gateway.doctor.mail_out import MailOutCheck
from gateway.doctor.mail_trip import MailTripCheck
from gateway.doctor.mailbox import MailboxCheck
from gateway.doctor.round import Asked, checks_for
from gateway.inbound.imap import ImapAccount
from tests.integration.mail_server import Mailroom, mail_server
from tests.rigs.dovecot import PROGRAM, Dovecot, running_dovecot
from tests.rigs.examined import found_by, wrong_with

pytestmark = pytest.mark.skipif(not Path(PROGRAM).exists(), reason="needs dovecot")


@pytest.fixture(scope="module", name="dovecot")
def a_dovecot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dovecot]:
    with running_dovecot(tmp_path_factory.mktemp("dovecot")) as server:
        server.make_folder("Done")
        yield server


def account(server: Dovecot, **changed: object) -> ImapAccount:
    base = ImapAccount("localhost", server.user, server.password, server.tls_port, ca_file=server.ca_file)
    return replace(base, **changed)  # pyright: ignore[reportArgumentType]


async def test_a_mailbox_that_works_is_tried_to_the_end(dovecot: Dovecot) -> None:
    dovecot.deliver(b"Subject: left alone\r\n\r\n.\r\n")
    findings = await found_by(MailboxCheck(account(dovecot, move_to="Done"), ["INBOX"]))
    assert {level for level, *_ in findings} == {Level.WELL}
    told = " | ".join(what for _, what, _ in findings)
    for said in ("certificate is good until", "lets us in", "'INBOX' is there", "'Done' is there", "IDLE"):
        assert said in told
    assert b"Seen" not in b"".join(dovecot.flags())


async def test_starttls_is_tried_as_the_watcher_does_it(dovecot: Dovecot) -> None:
    assert await wrong_with(MailboxCheck(account(dovecot, port=dovecot.port, security="starttls"), ["INBOX"])) == ""


async def test_what_is_wrong_with_a_mailbox_is_told_apart(dovecot: Dovecot) -> None:
    password = await wrong_with(MailboxCheck(account(dovecot, password="not-it"), ["INBOX"]))
    assert "refuses user or password -> correct mail.imap.username" in password
    folder = await wrong_with(MailboxCheck(account(dovecot, move_to="Erledigt"), ["INBOX", "Fax"]))
    assert "no folder 'Fax' -> make it in the mailbox, or correct mail.imap.folders" in folder
    assert "no folder 'Erledigt' -> make it in the mailbox, or correct mail.imap.move_to" in folder
    stranger = await wrong_with(MailboxCheck(account(dovecot, ca_file=None), ["INBOX"]))
    assert "nobody whom this machine trusts vouches for localhost" in stranger
    assert "mail.imap.ca_file" in stranger
    plain = await wrong_with(MailboxCheck(account(dovecot, port=dovecot.port), ["INBOX"]))
    assert "does not begin TLS" in plain
    clear = await wrong_with(MailboxCheck(account(dovecot, port=dovecot.port, security="none"), ["INBOX"]))
    assert "without TLS" in clear
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        gone = await wrong_with(MailboxCheck(account(dovecot, port=nobody.getsockname()[1]), ["INBOX"]))
    assert "check mail.imap.host, .port and .security" in gone


@pytest.mark.parametrize(
    ("left", "level", "said"),
    [
        (timedelta(days=-3), Level.FAULT, "localhost's certificate expired on"),
        (timedelta(days=5, hours=1), Level.DOUBT, "localhost's certificate expires in 5 days"),
    ],
)
async def test_a_certificate_that_ends_is_told_with_its_day(
    tmp_path: Path, left: timedelta, level: Level, said: str
) -> None:
    with running_dovecot(tmp_path, good_until=datetime.now(UTC) + left) as server:
        for tls in ({}, {"port": server.port, "security": "starttls"}):
            findings = await found_by(MailboxCheck(account(server, **tls), ["INBOX"]))
            assert [one for one, what, mend in findings if what.startswith(said) and "renew" in mend] == [level]


async def test_a_certificate_for_another_name_says_for_which(tmp_path: Path) -> None:
    with running_dovecot(tmp_path, certificate_for="mail.clinic.example") as server:
        wrong = await wrong_with(MailboxCheck(account(server), ["INBOX"]))
    assert "certificate is for mail.clinic.example, 127.0.0.1 -> write one of those names as mail.imap.host" in wrong


async def test_outgoing_mail_is_tried_up_to_the_login_and_nothing_is_sent(tmp_path: Path) -> None:
    room = Mailroom()
    async with mail_server(tmp_path, room) as server:
        findings = await found_by(MailOutCheck(server.account))
        assert {level for level, *_ in findings} == {Level.WELL}
        assert room.logins
        assert room.received == []
        wrong = await wrong_with(MailOutCheck(replace(server.account, password="not-it")))
        assert "535" in wrong
        assert "-> correct mail.smtp.username and its password" in wrong
    assert "connecting" in await wrong_with(MailOutCheck(server.account))


async def test_a_server_that_refuses_or_has_no_tls_is_told_as_what_it_is(tmp_path: Path) -> None:
    async with mail_server(tmp_path, Mailroom(), offers_starttls=False) as server:
        assert "offers no STARTTLS there: set mail.smtp.port" in await wrong_with(MailOutCheck(server.account))
    async with mail_server(tmp_path, Mailroom({"EHLO": "554 go away"})) as server:
        assert "554" in await wrong_with(MailOutCheck(server.account))
    async with mail_server(tmp_path, Mailroom(), certificate_for="mx.example", security="tls") as server:
        assert "is for mx.example" in await wrong_with(MailOutCheck(server.account))
    async with mail_server(tmp_path, Mailroom(), security="none") as server:
        assert "without TLS" in await wrong_with(MailOutCheck(replace(server.account, username="")))


async def test_a_test_mail_goes_out_only_where_it_was_asked_for(tmp_path: Path) -> None:
    settings = load_settings(write_clinic_folder(tmp_path / "clinic")[0])
    room = Mailroom()
    async with mail_server(tmp_path, room) as server:
        findings = await found_by(MailTripCheck(settings, server.account, "me@clinic.example"))
        refused = await wrong_with(MailTripCheck(settings, server.account, "nobody@clinic.example"))
    assert [level for level, *_ in findings] == [Level.WELL]
    (mail,) = room.received
    assert mail.rcpt_tos == ["me@clinic.example"]
    assert isinstance(mail.content, bytes)
    assert b"application/pdf" in mail.content
    assert "no such mailbox" in refused


async def test_each_of_several_mailboxes_is_tried_by_its_name_and_one_without_a_login_says_so(
    dovecot: Dovecot, tmp_path: Path
) -> None:
    config = write_clinic_folder(tmp_path / "clinic")[0]
    server = f'port = {dovecot.tls_port}\nca_file = "{dovecot.ca_file}"\nusername = "{dovecot.user}"\n'
    config.write_text(
        '[clinic]\nreply_address = "referrals@clinic.example"\n[fax]\ncarrier = "none"\n'
        '[mail]\nenabled = true\nfrom_address = "referrals@clinic.example"\n'
        f'[mail.imap]\n{server}password = "{dovecot.password}"\n[mail.smtp]\nport = 7\n'
        f'[[mail.boxes]]\nname = "kids"\n[mail.boxes.imap]\n{server}'
        '[[mail.boxes]]\nname = "direct"\nfrom_address = "clinic@direct.example"\n'
        f'[mail.boxes.imap]\n{server}[mail.boxes.smtp]\nport = 7\nusername = "clinic@direct.example"\n'
        '[mail.boxes.oauth]\nprovider = "microsoft"\nclient_id = "some-id"\n'
    )
    settings = load_settings(config)
    every = {one.name: one for one in checks_for(settings, config, lambda: datetime.now(UTC), Asked())}
    assert [name for name in every if "mail" in name] == [
        "mailbox", "outgoing mail", "mailbox kids", "mailbox direct", "outgoing mail direct",
    ]  # fmt: skip
    assert await wrong_with(every["mailbox"]) == ""
    assert "-> correct mail.boxes (kids).imap.username and its password" in await wrong_with(every["mailbox kids"])
    assert (
        await wrong_with(every["mailbox direct"])
        == "nobody has logged in to mailbox direct yet -> run `referloop mail login direct`"
    )
    assert "imap_password_kids is empty: mail.boxes (kids).imap.username is set" in await wrong_with(every["secrets"])
    assert not (settings.storage.data_dir / "referloop.sqlite").exists(), "looking at a mailbox makes no database"
    place = config.parent / "secrets" / "imap_password_kids"
    place.touch(mode=0o600)
    place.write_text(dovecot.password)
    every = {one.name: one for one in checks_for(load_settings(config), config, lambda: datetime.now(UTC), Asked())}
    assert await wrong_with(every["mailbox kids"]) == ""
    assert "imap_password_kids" not in await wrong_with(every["secrets"])
