"""Mail against a real server that fails at each stage: what was surely not sent, what surely was, what nobody knows."""

import asyncio
import dataclasses
from pathlib import Path
from typing import Literal

import pytest

from outbound.mail import SmtpSender
from outbound.sender import Accepted, Deferred, Outcome, Packet, Refused, Unknown
from tests.contract.rigs import attachments
from tests.integration.mail_server import Listening, Mailroom, mail_server


class Book:
    """Stands for the caller's row: what was committed."""

    def __init__(self) -> None:
        self.references: list[str] = []

    async def commit(self, reference: str) -> None:
        self.references.append(reference)


def a_packet(folder: Path, size: int = 20_000) -> Packet:
    path = folder / "packet.pdf"
    path.write_bytes(b"%PDF-1.7\n.\r\n.\n" + b"\n..line\n" * (size // 8))
    return Packet(path, "application/pdf", 2, "4K7M-92XQ")


async def send(listening: Listening, folder: Path, book: Book, **changes: object) -> Outcome:
    account = dataclasses.replace(listening.account, **changes)
    return await SmtpSender(account).submit(a_packet(folder), "desk@office.example", "key-1", book.commit)


@pytest.mark.parametrize("stage", ["EHLO", "MAIL", "RCPT"])
@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ("421 4.3.2 shutting down", Deferred),
        ("451 4.7.1 greylisted, come back", Deferred),
        ("452 4.2.2 mailbox full", Deferred),
        ("550 5.7.1 not wanted", Refused),
        ("554 5.7.1 policy", Refused),
        ("250 " + "x" * 9000, Deferred),
    ],
)
async def test_a_no_before_the_content_leaves_nothing_committed_and_nothing_sent(
    tmp_path: Path, stage: str, reply: str, kind: type[Outcome]
) -> None:
    book = Book()
    async with mail_server(tmp_path, Mailroom({stage: reply})) as listening:
        outcome = await send(listening, tmp_path, book)
    assert type(outcome) is kind
    assert isinstance(outcome, Deferred | Refused)
    assert len(outcome.cause) < 500
    assert book.references == []
    assert listening.room.received == []


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ("451 4.3.0 try later", Deferred),
        ("552 5.3.4 too big", Refused),
        ("250 " + "x" * 9000, Unknown),
        ("999 what is this", Unknown),
        ("250-one\r\n250-two\r\n250 three", Accepted),
    ],
)
async def test_the_answer_to_the_final_dot_decides(tmp_path: Path, reply: str, kind: type[Outcome]) -> None:
    book = Book()
    async with mail_server(tmp_path, Mailroom({"DOT": reply})) as listening:
        outcome = await send(listening, tmp_path, book)
    assert type(outcome) is kind
    assert book.references == ["<key-1@maple.example>"]


@pytest.mark.parametrize("after_dot", ["drop", "stall"])
async def test_no_answer_to_the_dot_is_unknown_although_the_server_has_the_mail(
    tmp_path: Path, after_dot: Literal["drop", "stall"]
) -> None:
    book = Book()
    async with mail_server(tmp_path, Mailroom(after_dot=after_dot), dot_timeout_s=0.5) as listening:
        outcome = await send(listening, tmp_path, book)
    assert isinstance(outcome, Unknown)
    assert len(listening.room.received) == 1
    assert len(book.references) == 1


async def test_a_line_cut_within_the_content_is_surely_not_sent(tmp_path: Path) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mx\r\n")
        while line := await reader.readline():
            if line.startswith(b"DATA"):
                writer.write(b"354 go\r\n")
                await reader.readexactly(10_000)
                break
            writer.write(b"250 ok\r\n")
        writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    book = Book()
    async with mail_server(tmp_path, Mailroom()) as listening:
        account = dataclasses.replace(
            listening.account, port=server.sockets[0].getsockname()[1], security="none", username=""
        )
        packet = a_packet(tmp_path, 30_000_000)
        outcome = await SmtpSender(account).submit(packet, "desk@office.example", "key-1", book.commit)
    server.close()
    assert isinstance(outcome, Deferred)


async def test_without_starttls_nothing_is_said_in_the_clear(tmp_path: Path) -> None:
    book = Book()
    async with mail_server(tmp_path, Mailroom(), offers_starttls=False) as listening:
        outcome = await send(listening, tmp_path, book)
    assert isinstance(outcome, Deferred)
    assert "STARTTLS" in outcome.cause
    assert (listening.room.logins, book.references) == ([], [])


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_certificate_of_someone_else_ends_the_talk(
    tmp_path: Path, security: Literal["starttls", "tls"]
) -> None:
    book = Book()
    async with mail_server(tmp_path, Mailroom(), security=security, certificate_for="evil.example") as listening:
        outcome = await send(listening, tmp_path, book)
    assert isinstance(outcome, Deferred)
    assert (listening.room.logins, book.references) == ([], [])


@pytest.mark.parametrize(("security", "is_secret"), [("starttls", True), ("tls", True), ("none", False)])
async def test_each_security_setting_delivers_the_pdf_whole(
    tmp_path: Path, security: Literal["starttls", "tls", "none"], is_secret: bool
) -> None:
    book = Book()
    async with mail_server(tmp_path, Mailroom(), security=security) as listening:
        outcome = await send(listening, tmp_path, book, username="" if security == "none" else "a@b.example")
    assert isinstance(outcome, Accepted)
    assert attachments(listening.room) == [(tmp_path / "packet.pdf").read_bytes()]
    assert (listening.room.is_tls_seen == [True]) is (security == "starttls")
    assert is_secret is bool(listening.room.logins)


async def test_a_wrong_password_is_refused_after_one_try_and_named(tmp_path: Path) -> None:
    book = Book()
    async with mail_server(tmp_path, Mailroom()) as listening:
        outcome = await send(listening, tmp_path, book, password="old")
    assert isinstance(outcome, Refused)
    assert "mail.smtp.username" in outcome.cause
    assert len(listening.room.logins) == 1
    assert book.references == []


async def test_a_server_that_never_greets_is_deferred_in_time(tmp_path: Path) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with mail_server(tmp_path, Mailroom()) as listening:
        port = server.sockets[0].getsockname()[1]
        async with asyncio.timeout(5):
            outcome = await send(listening, tmp_path, Book(), port=port, connect_timeout_s=0.3)
    server.close()
    assert isinstance(outcome, Deferred)


async def test_a_retry_under_the_same_key_carries_the_same_message_id(tmp_path: Path) -> None:
    room, book = Mailroom({"DOT": "451 later"}), Book()
    async with mail_server(tmp_path, room) as listening:
        assert isinstance(await send(listening, tmp_path, book), Deferred)
        room.replies.clear()
        assert isinstance(await send(listening, tmp_path, book), Accepted)
    assert len(set(book.references)) == 1
    content = room.received[0].content
    assert isinstance(content, bytes)
    assert book.references[0].encode() in content
