"""The demo's mail servers: `python -m gateway.demo.post_office --folder DIR --ready FILE --password P --address A …`.

SMTP with STARTTLS and login (aiosmtpd) into one Maildir an address, and IMAP over TLS on the same Maildirs:
Dovecot where it is installed, pymap elsewhere. Mail is durable before it is answered 250. Listens on
loopback only; the ready file says where, once both answer.
"""

import argparse
import asyncio
import contextlib
import hmac
import json
import os
import signal
import socket
import ssl
import sys
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from gateway.demo import imap_dovecot, imap_pymap
from gateway.demo.maildir import Maildirs, box_of

_SIZE_LIMIT = 60_000_000
_START_S = 20.0
_END_S = 10.0


class PostOfficeFailed(Exception):
    """The IMAP server did not start or ended: its log lies in the post office's folder."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What the post office is told."""

    folder: Path
    ready: Path
    password: str
    addresses: tuple[str, ...]
    imap_server: str  # dovecot, pymap or auto


class Counter:
    """Takes mail in for the mailboxes it knows."""

    def __init__(self, boxes: Maildirs, password: str) -> None:
        self._boxes = boxes
        self._password = password.encode()

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Only mailboxes that exist; plus-addresses go to their box."""
        if not self._boxes.has(box_of(address)):
            return "550 5.1.1 no such mailbox here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """On the disk in every recipient's box before the answer."""
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        try:
            for address in envelope.rcpt_tos:
                stamp = f"Return-Path: <{envelope.mail_from}>\r\nDelivered-To: {address}\r\n"
                stamp += f"Received: from {session.host_name} by localhost with ESMTPSA; {formatdate()}\r\n"
                await asyncio.to_thread(self._boxes.deliver, box_of(address), stamp.encode() + content)
        except OSError as error:
            return f"451 4.3.0 the mail could not be stored: {error.strerror}"
        return "250 2.0.0 stored"

    def let_in(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        """Every mailbox has the demo's one password."""
        if not isinstance(data, LoginPassword):
            return AuthResult(success=False, handled=False)
        is_known = self._boxes.has(box_of(data.login.decode("utf-8", "replace")))
        return AuthResult(success=is_known and hmac.compare_digest(data.password, self._password), handled=False)


async def run(plan: Plan) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises:
        PostOfficeFailed: the IMAP server did not start, or ended by itself.
    """
    mail, context = _furnish(plan)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    kind = plan.imap_server
    if kind == "auto":
        kind = "dovecot" if await asyncio.to_thread(imap_dovecot.is_usable, plan.folder) else "pymap"
    async with _smtp(Counter(mail, plan.password), context) as smtp_port, _imap(plan, kind) as (process, imap_port):
        await _answers(process, imap_port, plan.folder)
        _tell(plan, smtp_port, imap_port, kind)
        async with asyncio.TaskGroup() as group:
            ended = group.create_task(process.wait())
            stopped = group.create_task(stop.wait())
            await asyncio.wait((ended, stopped), return_when=asyncio.FIRST_COMPLETED)
            did_end = ended.done()
            ended.cancel()
            stopped.cancel()
    if did_end:
        raise PostOfficeFailed(f"{kind} ended by itself: see the logs in {plan.folder}")


def _furnish(plan: Plan) -> tuple[Maildirs, ssl.SSLContext]:
    """Mailboxes, passwords and certificate; what is there already is kept."""
    plan.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    uid, gid = (os.geteuid(), os.getegid())
    if os.geteuid() == 0 and imap_dovecot.is_usable(plan.folder):
        uid, gid = imap_dovecot.users_here().mail_ids
    boxes = Maildirs(plan.folder / "mail", uid, gid)
    for address in plan.addresses:
        boxes.make(box_of(address))
    users = plan.folder / "users"
    users.write_text("".join(f"{box_of(a)}:{{PLAIN}}{plan.password}\n" for a in plan.addresses), encoding="utf-8")
    users.chmod(0o600)
    return boxes, _certificate(plan.folder)


def _certificate(folder: Path) -> ssl.SSLContext:
    import trustme

    if not (folder / "key.pem").exists():
        authority = trustme.CA()
        own = authority.issue_cert("localhost", "127.0.0.1")
        authority.cert_pem.write_to_path(str(folder / "ca.pem"))
        own.cert_chain_pems[0].write_to_path(str(folder / "cert.pem"))
        own.private_key_pem.write_to_path(str(folder / "key.pem"))
        (folder / "key.pem").chmod(0o600)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


@asynccontextmanager
async def _smtp(counter: Counter, context: ssl.SSLContext) -> AsyncGenerator[int]:
    def protocol() -> SMTP:
        return SMTP(
            counter,
            hostname="localhost",
            data_size_limit=_SIZE_LIMIT,
            tls_context=context,
            require_starttls=True,
            authenticator=counter.let_in,
            auth_required=True,
        )

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@asynccontextmanager
async def _imap(plan: Plan, kind: str) -> AsyncGenerator[tuple[asyncio.subprocess.Process, int]]:
    """The IMAP server as a child, taken down at the end of the block."""
    port = _free_port()
    with tempfile.TemporaryDirectory(prefix="post-", ignore_cleanup_errors=True) as sockets:
        command = _command(plan, kind, Path(sockets), port)
        with (plan.folder / "imap.log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *command, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log
            )
        try:
            yield process, port
        finally:
            await _end(process)


def _command(plan: Plan, kind: str, sockets: Path, port: int) -> list[str]:
    mail = plan.folder / "mail"
    if kind == "dovecot":
        config = imap_dovecot.write_config(plan.folder, mail, sockets, port)
        return [imap_dovecot.program() or "dovecot", "-F", "-c", str(config)]
    imap_pymap.write_users(mail, [box_of(address) for address in plan.addresses], plan.password)
    certificate, key = plan.folder / "cert.pem", plan.folder / "key.pem"
    return [sys.executable, "-m", "gateway.demo.imap_pymap", str(mail), str(certificate), str(key), str(port)]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), _END_S)
    except TimeoutError:
        process.kill()
        await process.wait()


async def _answers(process: asyncio.subprocess.Process, port: int, folder: Path) -> None:
    """Until the IMAP server greets over TLS."""
    context = ssl.create_default_context(cafile=folder / "ca.pem")
    deadline = asyncio.get_running_loop().time() + _START_S
    while asyncio.get_running_loop().time() < deadline and process.returncode is None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, TimeoutError):
            async with asyncio.timeout(2.0):
                reader, writer = await asyncio.open_connection("localhost", port, ssl=context)
                greeting = await reader.readline()
                writer.close()
            if greeting.startswith(b"* OK"):
                return
        await asyncio.sleep(0.05)
    raise PostOfficeFailed(f"the IMAP server did not start: see the logs in {folder}")


def _tell(plan: Plan, smtp_port: int, imap_port: int, kind: str) -> None:
    told = {"smtp": smtp_port, "imap": imap_port, "ca_file": str(plan.folder / "ca.pem"), "imap_server": kind}
    half = plan.ready.with_name(plan.ready.name + ".part")
    half.write_text(json.dumps(told), encoding="utf-8")
    half.replace(plan.ready)


def _plan() -> Plan:
    parser = argparse.ArgumentParser(prog="gateway.demo.post_office", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="mailboxes, certificate and logs")
    parser.add_argument("--ready", type=Path, required=True, help="JSON written once both servers answer")
    parser.add_argument("--password", required=True, help="of every mailbox")
    parser.add_argument("--address", action="append", required=True, help="a mailbox; may be repeated")
    parser.add_argument("--imap-server", choices=["auto", "dovecot", "pymap"], default="auto")
    told = parser.parse_args()
    return Plan(told.folder.resolve(), told.ready, told.password, tuple(told.address), told.imap_server)


def main() -> None:
    """Run until told to end."""
    try:
        asyncio.run(run(_plan()))
    except PostOfficeFailed as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
