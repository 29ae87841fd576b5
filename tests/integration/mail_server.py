"""A real SMTP server on a loopback port, with TLS, a login and faults at each stage."""

import asyncio
import base64
import ssl
from collections.abc import AsyncGenerator, Container
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from outbound.mail import SmtpAccount

PASSWORD = "correct horse"


@dataclass(slots=True)
class Mailroom:
    """What the server does and what it got. `replies` maps a stage to the reply that stands in for the good one."""

    replies: dict[str, str] = field(default_factory=dict[str, str])
    received: list[Envelope] = field(default_factory=list[Envelope])
    after_dot: Literal["answer", "drop", "stall"] = "answer"
    is_tls_seen: list[bool] = field(default_factory=list[bool])
    logins: list[bytes] = field(default_factory=list[bytes])
    tokens: Container[str] = ()

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [self.replies["EHLO"]] if "EHLO" in self.replies else responses

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self.replies.get("MAIL", "250 OK")

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("nobody@"):
            return "550 5.1.1 no such mailbox"
        if "RCPT" in self.replies:
            return self.replies["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.is_tls_seen.append(session.ssl is not None)
        if "DOT" not in self.replies:
            self.received.append(envelope)
        if self.after_dot == "drop" and server.transport is not None:
            server.transport.close()
        if self.after_dot == "stall":
            await asyncio.sleep(30)
        return self.replies.get("DOT", "250 stored")

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802 - aiosmtpd's name
        told = base64.b64decode(args[1]).decode()
        user, token = told.removeprefix("user=").rstrip("\1").split("\1auth=Bearer ")
        self.logins.append(user.encode())
        if token in self.tokens:
            return AuthResult(success=True, auth_data=user)
        await server.challenge_auth('{"status":"401","schemes":"Bearer"}')
        return AuthResult(success=False, handled=False)

    def let_in(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append(data.login)
        return AuthResult(success=data.password == PASSWORD.encode(), handled=False)


@dataclass(frozen=True, slots=True)
class Listening:
    """A running server: its account for clients, and how to stop it."""

    account: SmtpAccount
    room: Mailroom
    server: asyncio.Server


@asynccontextmanager
async def mail_server(
    folder: Path,
    room: Mailroom,
    *,
    security: Literal["starttls", "tls", "none"] = "starttls",
    offers_starttls: bool = True,
    certificate_for: str = "localhost",
    dot_timeout_s: float = 5.0,
) -> AsyncGenerator[Listening]:
    """Serve until the block ends."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(certificate_for).configure_cert(context)
    is_upgradable = security == "starttls" and offers_starttls

    def protocol() -> SMTP:
        return SMTP(
            room,
            hostname="mx.example",
            tls_context=context if is_upgradable else None,
            authenticator=room.let_in,
            auth_require_tls=is_upgradable,
            data_size_limit=60_000_000,
        )

    loop = asyncio.get_running_loop()
    listener = await loop.create_server(protocol, "localhost", 0, ssl=context if security == "tls" else None)
    account = SmtpAccount(
        host="localhost",
        port=listener.sockets[0].getsockname()[1],
        security=security,
        username="referrals@maple.example",
        password=PASSWORD,
        ca_file=folder / "ca.pem",
        from_address="referrals@maple.example",
        from_name="Maple Street Clinic",
        reply_address="referrals@maple.example",
        connect_timeout_s=5.0,
        dot_timeout_s=dot_timeout_s,
    )
    try:
        yield Listening(account, room, listener)
    finally:
        listener.close()
        await asyncio.sleep(0.05)
