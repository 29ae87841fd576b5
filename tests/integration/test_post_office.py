"""The demo's post office, with both of its IMAP servers: mail handed in by SMTP is there by IMAP, whole and at once."""

import asyncio
import email
import email.policy
import imaplib
import json
import smtplib
import ssl
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import psutil
import pytest

from gateway.demo import imap_dovecot

CLINIC, OFFICE, PASSWORD = "referrals@maple.example", "desk@office.example", "a password"


@dataclass(slots=True)
class Post:
    process: subprocess.Popen[bytes]
    folder: Path
    smtp_port: int
    imap_port: int
    tls: ssl.SSLContext

    def smtp(self, user: str = CLINIC, password: str = PASSWORD) -> smtplib.SMTP:
        client = smtplib.SMTP("localhost", self.smtp_port, timeout=10)
        try:
            client.starttls(context=self.tls)
            client.login(user, password)
        except smtplib.SMTPException:
            client.close()
            raise
        return client

    def imap(self, user: str = OFFICE, password: str = PASSWORD) -> imaplib.IMAP4_SSL:
        client = imaplib.IMAP4_SSL("localhost", self.imap_port, ssl_context=self.tls, timeout=10)
        try:
            client.login(user, password)
        except imaplib.IMAP4.error:
            client.shutdown()
            raise
        return client

    def bodies(self, user: str = OFFICE) -> list[bytes]:
        with self.imap(user) as client:
            client.select("INBOX", readonly=True)
            _, found = client.uid("SEARCH", "ALL")
            return [fetched(client, uid.decode()) for uid in found[0].split()]


def fetched(client: imaplib.IMAP4_SSL, uid: str) -> bytes:
    _, parts = client.uid("FETCH", uid, "(BODY.PEEK[])")
    return next(part[1] for part in parts if isinstance(part, tuple))


def start(folder: Path, imap_server: str) -> Post:
    ready = folder / "ready.json"
    ready.unlink(missing_ok=True)
    arguments = ["--folder", str(folder / "post"), "--ready", str(ready), "--password", PASSWORD]
    arguments += ["--address", CLINIC, "--address", OFFICE, "--imap-server", imap_server]
    process = subprocess.Popen([sys.executable, "-m", "gateway.demo.post_office", *arguments])
    until = time.monotonic() + 30
    while not ready.exists():
        assert process.poll() is None, "the post office ended"
        assert time.monotonic() < until, "the post office did not start"
        time.sleep(0.02)
    told = json.loads(ready.read_text())
    assert told["imap_server"] == imap_server
    tls = ssl.create_default_context(cafile=told["ca_file"])
    return Post(process, folder / "post", told["smtp"], told["imap"], tls)


@pytest.fixture(params=["dovecot", "pymap"], name="post")
async def a_post_office(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Post]:
    if request.param == "dovecot" and not imap_dovecot.is_usable(tmp_path):
        pytest.skip("no Dovecot 2.3 here")
    post = start(tmp_path, request.param)
    try:
        yield post
    finally:
        post.process.terminate()
        post.process.wait(20)


PDF = b"%PDF-1.7 " + bytes(range(256)) * 50


def a_mail(to: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = CLINIC, to, "Referral", "<1@maple.example>"
    mail.set_content("See the attached.\n.\n..two dots\n")
    mail.add_attachment(PDF, maintype="application", subtype="pdf", filename="r.pdf")
    return mail


async def test_a_mail_to_a_plus_address_is_in_the_box_when_it_is_answered(post: Post) -> None:
    with post.smtp() as client:
        client.send_message(a_mail(OFFICE.upper().replace("@", "+RL1-TOKEN@")))
    stored = list((post.folder / "mail" / OFFICE / "Maildir").glob("*/*localhost*"))
    assert len(stored) == 1
    (body,) = post.bodies()
    got = email.message_from_bytes(body, policy=email.policy.default)
    assert isinstance(got, EmailMessage)
    (attachment,) = got.iter_attachments()
    assert attachment.get_payload(decode=True) == PDF
    text = got.get_body(("plain",))
    assert text is not None
    assert "\n.\n..two dots\n" in text.get_content().replace("\r", "")
    assert b"+RL1-TOKEN@" in body.partition(b"\r\n\r\n")[0].upper()


async def test_strangers_wrong_passwords_and_plain_text_are_turned_away(post: Post) -> None:
    with post.smtp() as client, pytest.raises(smtplib.SMTPRecipientsRefused):
        client.send_message(a_mail("nobody@elsewhere.example"))
    with pytest.raises(smtplib.SMTPAuthenticationError):
        post.smtp(password="guess")
    with pytest.raises(imaplib.IMAP4.error):
        post.imap(password="guess")
    with smtplib.SMTP("localhost", post.smtp_port, timeout=10) as client, pytest.raises(smtplib.SMTPException):
        client.sendmail(CLINIC, OFFICE, "Subject: in the clear\r\n\r\n")
    assert post.bodies() == []


async def test_someone_idling_hears_of_a_new_mail_within_seconds(post: Post) -> None:
    reader, writer = await asyncio.open_connection("localhost", post.imap_port, ssl=post.tls)
    async with asyncio.timeout(15):
        await reader.readline()
        for line in (f'a LOGIN {OFFICE} "{PASSWORD}"', "b SELECT INBOX", "c IDLE"):
            writer.write(line.encode() + b"\r\n")
            while not (await reader.readline()).startswith((line[:1].encode() + b" OK", b"+ ")):
                pass
        await asyncio.to_thread(send_one, post)
        while b"EXISTS" not in await reader.readline():
            pass
    writer.close()


def send_one(post: Post) -> None:
    with post.smtp() as client:
        client.send_message(a_mail(OFFICE))


async def test_mail_outlives_a_restart_and_children_go_with_a_clean_end(tmp_path: Path, post: Post) -> None:
    send_one(post)
    children = psutil.Process(post.process.pid).children(recursive=True)
    assert children
    post.process.terminate()
    assert post.process.wait(20) == 0
    gone, alive = psutil.wait_procs(children, timeout=5)
    assert not alive, gone
    again = start(tmp_path, "pymap" if any("imap_pymap" in part for part in again_arguments(post)) else "dovecot")
    try:
        assert len(again.bodies()) == 1
    finally:
        again.process.terminate()
        again.process.wait(20)


def again_arguments(post: Post) -> list[str]:
    return ["imap_pymap"] if (post.folder / "mail" / "pymap-etc-passwd").exists() else []
