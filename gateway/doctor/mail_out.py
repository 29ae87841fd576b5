"""The server that mail goes out through: certificate and login. Nothing is sent."""

import asyncio
from dataclasses import dataclass, replace

from gateway.doctor.finding import Finding, Tell, doubt, fault, well
from gateway.doctor.grants import no_token
from gateway.doctor.tls import TlsPeer, look_at, now_utc
from outbound.mail import SmtpAccount, SmtpSender
from outbound.sender import Deferred, Refused

_ANSWER_S = 15.0


@dataclass(frozen=True, slots=True)
class MailOutCheck:
    """One account. `setting` is the section that names it."""

    account: SmtpAccount
    setting: str = "mail.smtp"
    name: str = "outgoing mail"
    limit_s: float = 90.0
    login_follows: bool = False

    async def run(self, tell: Tell) -> list[Finding]:
        """Up to the login, and away again."""
        account = self.account
        found = await self._certificate(tell)
        tell(f"logging in at {account.host}")
        try:
            refusal = await SmtpSender(replace(account, connect_timeout_s=_ANSWER_S)).knock()
        except OSError as error:
            refusal = Deferred(f"{self.setting}.ca_file: {error.strerror}")
        if refusal is None:
            whom = f"lets {account.username} in" if account.username else "takes mail from us without a login"
            return [*found, well(f"{account.host}:{account.port} {whom}")]
        if self.account.tokens is not None and isinstance(refusal, Deferred) and not refusal.counts:
            return [*found, no_token(refusal.cause, f"{self.setting}.username", login_follows=self.login_follows)]
        assert isinstance(refusal, Deferred | Refused)  # noqa: S101 - nothing was handed in that could be unknown
        return [*found, fault(f"{account.host}:{account.port}: {refusal.cause}", self._mend(refusal.cause))]

    async def _certificate(self, tell: Tell) -> list[Finding]:
        account = self.account
        if account.security == "none":
            mend = f'set {self.setting}.security = "starttls" (port 587)'
            return [doubt(f"{account.host} is used without TLS: patients' data travel in the clear", mend)]
        tell(f"looking at the certificate of {account.host}")
        peer = TlsPeer(account.host, account.port, account.security, "smtp", account.ca_file, self.setting)
        return await asyncio.to_thread(look_at, peer, now_utc())

    def _mend(self, cause: str) -> str:
        if cause.startswith("login") and self.account.tokens is not None:
            return f"let {self.setting}.username send by SMTP with authentication, at the provider (docs/mail.md)"
        if cause.startswith("login"):
            return f"correct {self.setting}.username and its password; many providers want an app password here"
        if cause.startswith("STARTTLS"):
            return f"the server offers no STARTTLS there: set {self.setting}.port to its port for it, mostly 587"
        if cause.startswith("connecting"):
            return f"check {self.setting}.host and .port, and that this machine may reach that port (25 is often shut)"
        return f"ask whoever keeps {self.account.host} what it wants of us"
