"""The clinic's mailboxes: from settings to accounts that send and receive, and the grants that open them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from config.mail_settings import ImapSettings, SmtpSettings
from config.oauth_settings import OAuthSettings
from config.settings import Settings
from config.smime_settings import SmimeSettings
from gateway.services.grant_questions import GrantStore
from gateway.services.mail_grants import MailGrants
from gateway.services.ports import Clock
from outbound.mail import SmtpAccount
from outbound.oauth import Provider, TokenClient

MAIN = "main"
"""The mailbox that stands in `[mail]` itself; further ones have names."""
_JUNK = "\\Junk"
_MICROSOFT_SCOPES = (
    "https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access"
)
_GOOGLE_SCOPES = "https://mail.google.com/"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One mailbox of the settings, the first one or a further one."""

    name: str
    from_address: str
    from_name: str
    reply_address: str
    sends_to: tuple[str, ...]
    smtp: SmtpSettings
    imap: ImapSettings
    oauth: OAuthSettings
    smime: SmimeSettings
    has_plus: bool = True

    @property
    def needs_grant(self) -> bool:
        """Whether a person must log in for it: OAuth is set, and some login has no password."""
        reads_by_token = not self.imap.password.get_secret_value()
        return self.oauth.provider != "none" and (reads_by_token or self.sends_by_token)

    @property
    def sends_by_token(self) -> bool:
        """Whether its outgoing server is logged in to with a token."""
        smtp = self.smtp
        return self.oauth.provider != "none" and bool(smtp.username) and not smtp.password.get_secret_value()


def mailboxes(settings: Settings) -> Iterator[Mailbox]:
    """Every mailbox, the one of `[mail]` first; none where mail is off."""
    mail = settings.mail
    if not mail.enabled:
        return
    reply_address = settings.clinic.reply_address
    name = mail.from_name or settings.clinic.name
    yield Mailbox(MAIN, mail.from_address, name, reply_address, (), mail.smtp, mail.imap, mail.oauth, mail.smime)
    for box in mail.boxes:
        replies = box.reply_address or box.from_address
        domains = tuple(domain.lower() for domain in box.sends_to)
        yield Mailbox(
            box.name,
            box.from_address,
            box.from_name or name,
            replies,
            domains,
            box.smtp,
            box.imap,
            box.oauth,
            box.smime,
            has_plus=box.plus_addresses,
        )


def reply_addresses(settings: Settings) -> tuple[str, ...]:
    """Every address that replies may come to, the clinic's own first."""
    found = [settings.clinic.reply_address, *(box.reply_address for box in mailboxes(settings))]
    return tuple(dict.fromkeys(address for address in found if address))


def mail_grants(settings: Settings, store: GrantStore, clock: Clock) -> MailGrants:
    """The grants of every mailbox that needs one."""
    clients = {
        box.name: TokenClient(provider_of(box.oauth), clock.now) for box in mailboxes(settings) if box.needs_grant
    }
    return MailGrants(store, clock, settings.code_key.get_secret_value().encode(), clients)


def provider_of(oauth: OAuthSettings) -> Provider:
    """Where tokens come from: the provider's own addresses, unless the settings name others."""
    base = f"{oauth.authority}/{oauth.tenant}/oauth2/v2.0"
    device, authorize, token, scopes = {
        "microsoft": (f"{base}/devicecode", f"{base}/authorize", f"{base}/token", _MICROSOFT_SCOPES),
        "google": (
            "https://oauth2.googleapis.com/device/code",
            "https://accounts.google.com/o/oauth2/v2/auth",
            "https://oauth2.googleapis.com/token",
            _GOOGLE_SCOPES,
        ),
    }.get(oauth.provider, ("", "", "", ""))
    return Provider(
        client_id=oauth.client_id,
        client_secret=oauth.client_secret.get_secret_value(),
        token_url=oauth.token_url or token,
        device_url=oauth.device_url or device,
        authorize_url=oauth.authorize_url or authorize,
        scope=" ".join(oauth.scopes) or scopes,
        ask={"access_type": "offline", "prompt": "consent"} if oauth.provider == "google" else {},
        ca_file=oauth.ca_file,
    )


def flow_of(oauth: OAuthSettings) -> Literal["device", "browser"]:
    """How a person logs in. Google gives no mailbox by device code."""
    if oauth.flow:
        return oauth.flow
    return "browser" if oauth.provider == "google" or (oauth.provider == "other" and not oauth.device_url) else "device"


def watched(box: Mailbox) -> list[str]:
    """The folders to watch, by name or use."""
    folders = [*box.imap.folders, *([_JUNK] if box.imap.watch_junk else [])]
    return list(dict.fromkeys(folders))


def smtp_account(box: Mailbox, grants: MailGrants) -> SmtpAccount:
    """The outgoing server of a mailbox."""
    smtp = box.smtp
    return SmtpAccount(
        host=smtp.host,
        port=smtp.port,
        security=smtp.security,
        username=smtp.username,
        password=smtp.password.get_secret_value(),
        tokens=grants.source(box.name) if box.sends_by_token else None,
        ca_file=smtp.ca_file,
        from_address=box.from_address,
        from_name=box.from_name,
        reply_address=box.reply_address,
        dot_timeout_s=smtp.dot_timeout_s,
        per_domain_per_minute=smtp.per_domain_per_minute,
        has_plus=box.has_plus,
        asks_receipts=smtp.ask_receipts,
    )
