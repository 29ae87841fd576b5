"""An office's mailbox: fetch what came over IMAP, reply over SMTP, both over TLS, as a mail program does."""

import email
import imaplib
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import default as mail_policy
from email.utils import make_msgid
from pathlib import Path

_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class MailAccount:
    """Where an office's mail is."""

    address: str
    password: str
    smtp_port: int
    imap_port: int
    ca_file: Path
    host: str = "localhost"


@dataclass(frozen=True, slots=True)
class OfficeMail:
    """One mail as the office's program shows it."""

    message_id: str
    reply_to: str
    subject: str
    pdf: bytes


class Mailbox:
    """Stateless: a connection a call, so that a restarted server is no event."""

    def __init__(self, account: MailAccount) -> None:
        self._account = account
        self._tls = ssl.create_default_context(cafile=str(account.ca_file))

    def fetch(self) -> list[OfficeMail]:
        """Unread mail, marked read."""
        account = self._account
        with imaplib.IMAP4_SSL(account.host, account.imap_port, ssl_context=self._tls, timeout=_TIMEOUT_S) as imap:
            imap.login(account.address, account.password)
            imap.select("INBOX")
            _, found = imap.uid("SEARCH", "UNSEEN")
            return [self._open(imap, uid) for uid in (found[0] or b"").split()]

    def _open(self, imap: imaplib.IMAP4_SSL, uid: bytes) -> OfficeMail:
        _, parts = imap.uid("FETCH", uid.decode(), "(BODY[])")
        raw = next(part[1] for part in parts if isinstance(part, tuple))
        message = email.message_from_bytes(raw, policy=mail_policy)
        pdf = next(
            (part.get_payload(decode=True) for part in message.walk() if part.get_content_type() == "application/pdf"),
            b"",
        )
        return OfficeMail(
            message_id=str(message["Message-ID"]),
            reply_to=str(message["Reply-To"] or message["From"]),
            subject=str(message["Subject"]),
            pdf=pdf if isinstance(pdf, bytes) else b"",
        )

    def prepare_id(self) -> str:
        """A fresh Message-ID of this office."""
        return make_msgid(domain=self._account.address.partition("@")[2])

    def reply(self, to: OfficeMail, body: str, pdf: bytes, message_id: str) -> None:
        """Answer a mail, with a PDF if there is one."""
        account = self._account
        message = EmailMessage()
        message["From"], message["To"] = account.address, to.reply_to
        message["Subject"], message["In-Reply-To"], message["Message-ID"] = (
            f"Re: {to.subject}",
            to.message_id,
            message_id,
        )
        message.set_content(body or "See attached.")
        if pdf:
            message.add_attachment(pdf, maintype="application", subtype="pdf", filename="scan.pdf")
        self.deliver(message)

    def deliver(self, message: EmailMessage) -> None:
        """Hand a mail in."""
        account = self._account
        with smtplib.SMTP(account.host, account.smtp_port, timeout=_TIMEOUT_S) as smtp:
            smtp.starttls(context=self._tls)
            smtp.login(account.address, account.password)
            smtp.send_message(message)
