"""A packet by email: one connection a message, TLS first, each reply read, and honest about the final dot.

Until the final dot is written nothing can have been sent; from then until the server's answer nobody can
know (RFC 1047), so that a lost answer is `Unknown` and never a retry. Mail servers do not report delivery
and cannot look up a message: bounces come back as mail.
"""

import asyncio
import contextlib
import re
import ssl
import time
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Literal

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPDataError,
    SMTPException,
    SMTPResponseException,
    SMTPServerDisconnected,
)

from outbound.errors import AccessRefused, AccessUnavailable, CertificateEnded, OwnCertificateEnded
from outbound.mail_message import Letterhead, compose, is_address, message_id
from outbound.mail_pace import DomainPace
from outbound.sender import (
    Accepted,
    Capabilities,
    Commit,
    Deferred,
    DeliveryState,
    DeliveryStatus,
    Outcome,
    Packet,
    Refused,
    Unknown,
)
from outbound.smime import Smime
from outbound.token_source import TokenSource

_UPLOAD_TIMEOUT_S = 300.0
_QUIT_TIMEOUT_S = 5.0
_NO_GRANT_WAIT_S = 300.0
_NO_PROVIDER_WAIT_S = 60.0
_REPLY_SHOWN_CHARS = 300


@dataclass(frozen=True, slots=True)
class SmtpAccount:
    """Where mail is handed in, and as whom. An empty username means no login; `ca_file` None, the system's CAs."""

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    username: str
    password: str
    ca_file: Path | None
    from_address: str
    from_name: str
    reply_address: str
    connect_timeout_s: float = 60.0  # to connect, and for each answer before the content
    dot_timeout_s: float = 600.0  # RFC 5321 4.5.3.2.6: ten minutes for the answer to the final dot
    tokens: TokenSource | None = None  # instead of a password
    per_domain_per_minute: int = 6000
    has_plus: bool = True  # whether the reply address takes plus parts
    asks_receipts: bool = False


class SmtpSender:
    """Sends packets as PDF attachments through one mail server."""

    def __init__(self, account: SmtpAccount, smime: Smime | None = None) -> None:
        self._account = account
        self._smime = smime
        self._head = Letterhead(
            account.from_address, account.from_name, account.reply_address, account.has_plus, account.asks_receipts
        )
        self._pace = DomainPace(account.per_domain_per_minute)

    @property
    def name(self) -> str:
        """As in the settings."""
        return "smtp"

    @property
    def capabilities(self) -> Capabilities:
        """SMTP neither looks up nor reports."""
        return Capabilities(finds_by_key=False, reports_delivery=False, retries_itself=False, receives=False)

    async def submit(self, packet: Packet, to: str, key: str, commit: Commit) -> Outcome:
        """Mail the packet's PDF. The reference is the Message-ID, the same whenever the key is."""
        if not is_address(to):
            return Refused("the recipient's mail address is not one plain address: correct it in the directory")
        if packet.media_type != "application/pdf":
            return Refused(f"a mail carries a PDF, not {packet.media_type}")
        if wait_s := self._pace.wait_s(to.rpartition("@")[2], key, time.monotonic()):
            return Deferred("its domain gets no more mails this minute", wait_s, counts=False)
        reference = message_id(key, self._account.from_address)
        try:
            pdf = await asyncio.to_thread(packet.path.read_bytes)
            now = datetime.now(UTC)
            mail = await asyncio.to_thread(
                compose, packet, pdf, to, self._head, reference=reference, at=now, wrap=partial(self._wrapped, to, now)
            )
            tls = await asyncio.to_thread(self._tls)
        except OSError as error:
            return Deferred(f"a file could not be read: {error.strerror}")
        except OwnCertificateEnded as error:
            return Deferred(str(error), _NO_GRANT_WAIT_S, counts=False)
        except CertificateEnded as error:
            return Refused(str(error))
        except ValueError as error:
            return Refused(f"mail.from_address or clinic.reply_address cannot stand in a mail: {error}")
        return await _Delivery(self._account, tls).run(mail, to, reference, commit)

    def _wrapped(self, to: str, at: datetime, entity: bytes) -> bytes:
        return self._smime.wrapped(entity, to, at) if self._smime is not None else entity

    async def knock(self) -> Outcome | None:
        """Connect, secure the line, log in, and hand nothing in; None if the server let us in.

        Raises:
            OSError: the certificate authority's file cannot be read.
        """
        return await _Delivery(self._account, await asyncio.to_thread(self._tls)).knock()

    def _tls(self) -> ssl.SSLContext | None:
        if self._account.security == "none":
            return None
        context = ssl.create_default_context(cafile=self._account.ca_file)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context

    async def status(self, reference: str) -> DeliveryStatus:
        """Never more than that the server has it: what becomes of a mail is told by a bounce or a reply."""
        return DeliveryStatus(DeliveryState.SENDING, detail=f"mail servers do not report on {_plain(reference)}")

    async def find(self, key: str) -> str | None:
        """Nothing can be found: `finds_by_key` is False, and None is no answer here."""
        return None

    async def cancel(self, reference: str) -> bool:
        """A mail handed over cannot be called back."""
        return False


class _Delivery:
    """One message over one connection; `stage` says how far it came."""

    def __init__(self, account: SmtpAccount, tls: ssl.SSLContext | None) -> None:
        self._account = account
        self.stage = "connecting"
        self._smtp = SMTP(
            hostname=account.host,
            port=account.port,
            local_hostname=account.from_address.rpartition("@")[2],
            timeout=account.connect_timeout_s,
            use_tls=account.security == "tls",
            start_tls=False,  # done by hand below: the library's default would go on without
            tls_context=tls,
        )

    async def run(self, mail: bytes, to: str, reference: str, commit: Commit) -> Outcome:
        """Connect, offer, commit, send, hear the answer."""
        try:
            if (refusal := await self._offer(mail, to)) is not None:
                return refusal
            await commit(reference)
            return await self._send(mail, reference)
        finally:
            self._smtp.close()

    async def knock(self) -> Outcome | None:
        """Up to the login and no further; None if all went well."""
        try:
            refusal = await self._unless_refused(self._open())
            if refusal is None:
                await self._say_goodbye()
            return refusal
        finally:
            self._smtp.close()

    async def _offer(self, mail: bytes, to: str) -> Outcome | None:
        """Everything up to the server's "go ahead" for the content; None if it came."""
        return await self._unless_refused(self._open()) or await self._unless_refused(self._name_envelope(mail, to))

    async def _unless_refused(self, step: Awaitable[None]) -> Outcome | None:
        try:
            await step
        except AccessRefused as error:
            return Deferred(str(error), _NO_GRANT_WAIT_S, counts=False)
        except AccessUnavailable as error:
            return Deferred(str(error), _NO_PROVIDER_WAIT_S, counts=False)
        except SMTPResponseException as error:
            told = f"{self.stage}: the server said {error.code} {_plain(error.message)}"
            return Refused(told) if 500 <= error.code < 600 else Deferred(told)
        except (SMTPException, OSError, ValueError) as error:
            return Deferred(f"{self.stage}: {_plain(str(error)) or type(error).__name__}")
        return None

    async def _open(self) -> None:
        smtp = self._smtp
        await smtp.connect()
        self.stage = "EHLO"
        await smtp.ehlo()
        if self._account.security == "starttls":
            self.stage = "STARTTLS, which mail.smtp.security asks for"
            await smtp.starttls()
            self.stage = "EHLO"
            await smtp.ehlo()
        if self._account.username:
            self.stage = "login with mail.smtp.username"
            await self._log_in()

    async def _log_in(self) -> None:
        """One try with one method: trying all would lock an account with an old password sooner."""
        smtp, username, password = self._smtp, self._account.username, self._account.password
        if self._account.tokens is not None:
            await self._log_in_with_token(self._account.tokens)
            return
        offered = smtp.server_auth_methods
        if "plain" in offered:
            await smtp.auth_plain(username, password)
        elif "login" in offered:
            await smtp.auth_login(username, password)
        elif "cram-md5" in offered:
            await smtp.auth_crammd5(username, password)
        else:
            raise SMTPException("the server offers no login by password")

    async def _log_in_with_token(self, tokens: TokenSource) -> None:
        """After a refusal one more try with a token fetched anew: the first may have been ended early."""
        smtp, username = self._smtp, self._account.username
        if "xoauth2" not in smtp.server_auth_methods:
            raise SMTPException("the server offers no login by token (XOAUTH2)")
        token = await tokens.token()
        try:
            await smtp.auth_xoauth2(username, token)
        except SMTPAuthenticationError:
            self.stage = "login with a fresh token (does the mailbox allow authenticated SMTP?)"
            try:
                await smtp.auth_xoauth2(username, await tokens.token(token))
            except SMTPAuthenticationError as error:
                raise SMTPException(f"the server said {error.code} {_plain(error.message)}") from error

    async def _name_envelope(self, mail: bytes, to: str) -> None:
        smtp = self._smtp
        self.stage = "sender"
        options = [f"SIZE={len(mail)}"] if smtp.supports_extension("size") else []
        asks = self._account.asks_receipts and smtp.supports_extension("dsn")
        options += ["RET=HDRS"] if asks else []
        await smtp.mail(self._account.from_address, options=options)
        self.stage = "recipient"
        await smtp.rcpt(to, options=["NOTIFY=SUCCESS,FAILURE,DELAY"] if asks else [])
        self.stage = "before the content"
        go_ahead = await smtp.execute_command(b"DATA")
        if go_ahead.code != 354:
            raise SMTPDataError(go_ahead.code, go_ahead.message)

    async def _send(self, mail: bytes, reference: str) -> Outcome:
        """The content, then the dot, then the answer."""
        protocol = self._smtp.protocol
        if protocol is None:
            return Deferred("the connection was lost before the content")
        try:
            protocol.write(re.sub(rb"(?m)^\.", b"..", mail))
            async with asyncio.timeout(_UPLOAD_TIMEOUT_S):
                await self._drain()
            protocol.write(b".\r\n")
        except (SMTPException, OSError) as error:
            return Deferred(f"the connection was lost within the content: {type(error).__name__}")
        try:
            answer = await protocol.read_response(timeout=self._account.dot_timeout_s)
        except (SMTPException, OSError) as error:
            return Unknown(f"no answer after the whole mail was sent: {_plain(str(error)) or type(error).__name__}")
        told = f"after the content: the server said {answer.code} {_plain(answer.message)}"
        if 200 <= answer.code < 300:
            await self._say_goodbye()
            return Accepted(reference)
        if 400 <= answer.code < 500:
            return Deferred(told)
        return Refused(told) if 500 <= answer.code < 600 else Unknown(told)

    async def _drain(self) -> None:
        """Until the content left our buffer. Short sleeps, as the library has no public drain."""
        while True:
            transport = self._smtp.transport
            if not isinstance(transport, asyncio.WriteTransport) or transport.is_closing():
                raise SMTPServerDisconnected("connection lost")
            if transport.get_write_buffer_size() == 0:
                return
            await asyncio.sleep(0.01)

    async def _say_goodbye(self) -> None:
        with contextlib.suppress(SMTPException, OSError):
            await self._smtp.quit(timeout=_QUIT_TIMEOUT_S)


def _plain(text: str) -> str:
    """A server's words, fit for a log line and a screen."""
    return re.sub(r"[^\x20-\x7e\xa0-\uffff]+", " ", text).strip()[:_REPLY_SHOWN_CHARS]
