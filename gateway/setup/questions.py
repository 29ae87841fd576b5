"""Every question that setup asks, part by part. A new line adds its questions here and its check to the doctor."""

from collections.abc import Callable
from pathlib import Path

from gateway.setup import reading
from gateway.setup.question import Answers, Part, Question, Value

_NOTES = Path("/var/lib/referloop-hylafax")


def _always(value: Value) -> Callable[[Answers], Value]:
    return lambda answers: value


def _if(id_: str, *values: Value) -> Callable[[Answers], bool]:
    return lambda answers: answers.get(id_) in values


def _same_as(id_: str) -> Callable[[Answers], Value]:
    return lambda answers: answers.get(id_, "")


def _at_domain(host: str) -> Callable[[Answers], Value]:
    return lambda answers: f"{host}.{str(answers.get('mail.address', '')).rpartition('@')[2]}"


CLINIC = Part(
    "clinic",
    "The clinic, as it stands on every page",
    (
        Question("clinic.name", "The clinic's name", ("clinic.name",)),
        Question("clinic.address", "Street address, on one line", ("clinic.address",), may_be_empty=True),
        Question("clinic.phone", "Phone for questions", ("clinic.phone",), read=reading.phone),
        Question(
            "clinic.zone",
            "Time zone",
            ("clinic.zone",),
            default=lambda answers: reading.local_zone(),
            read=reading.zone,
        ),
        Question("clinic.country", "Country whose holidays count", ("clinic.country",), default=_always("US")),
        Question("clinic.state", "State, like MA", ("clinic.subdivision",), may_be_empty=True),
        Question("clinic.opens", "Opens at", ("clinic.opens",), default=_always("08:00")),
        Question("clinic.closes", "Closes at", ("clinic.closes",), default=_always("17:00")),
    ),
)

_MAIL = _if("mail.enabled", True)
_BY_MICROSOFT, _BY_GOOGLE = _if("mail.login", "microsoft"), _if("mail.login", "google")


def _by_password(answers: Answers) -> bool:
    return bool(_MAIL(answers)) and answers.get("mail.login", "none") == "none"


def _by_token(answers: Answers) -> bool:
    return bool(_MAIL(answers)) and answers.get("mail.login", "none") != "none"


def _server(kind: str, microsofts: str) -> Callable[[Answers], Value]:
    """The provider's own server, or what a clinic's is mostly called."""
    of_provider = {"microsoft": microsofts, "google": f"{kind}.gmail.com"}
    return lambda answers: of_provider.get(str(answers.get("mail.login"))) or _at_domain(kind)(answers)


MAIL = Part(
    "mail",
    "A mailbox of Referloop's own, which must accept plus-addresses",
    (
        Question("mail.enabled", "Send and receive mail?", ("mail.enabled",), default=_always(True), kind="yes_no"),
        Question(
            "mail.address",
            "Its mail address",
            ("clinic.reply_address", "mail.from_address"),
            read=reading.address,
            is_asked=_MAIL,
        ),
        Question(
            "mail.login",
            "How it lets us in",
            ("mail.oauth.provider",),
            default=_always("none"),
            choices={
                "none": "a password",
                "microsoft": "Microsoft 365: somebody logs in at the end of this setup",
                "google": "Google Workspace: the same",
            },
            is_asked=_MAIL,
        ),
        Question(
            "mail.client_id",
            "The application's id, as registered there (docs/mail.md)",
            ("mail.oauth.client_id",),
            is_asked=_by_token,
        ),
        Question(
            "mail.tenant",
            "The clinic's tenant: its id or domain",
            ("mail.oauth.tenant",),
            default=lambda answers: str(answers.get("mail.address", "")).rpartition("@")[2],
            is_asked=lambda answers: bool(_MAIL(answers) and _BY_MICROSOFT(answers)),
        ),
        Question(
            "mail.client_secret",
            "The application's secret",
            credential="oauth_secret",
            kind="password",
            is_asked=lambda answers: bool(_MAIL(answers) and _BY_GOOGLE(answers)),
        ),
        Question(
            "mail.smtp_host",
            "Outgoing server",
            ("mail.smtp.host",),
            default=_server("smtp", "smtp.office365.com"),
            is_asked=_MAIL,
        ),
        Question(
            "mail.smtp_port", "Its port", ("mail.smtp.port",), default=_always(587), read=reading.port, is_asked=_MAIL
        ),
        Question(
            "mail.smtp_security",
            "Its security",
            ("mail.smtp.security",),
            default=lambda answers: "tls" if answers.get("mail.smtp_port") == 465 else "starttls",
            choices={"starttls": "mostly 587", "tls": "mostly 465", "none": "in the clear"},
            is_asked=_MAIL,
        ),
        Question(
            "mail.smtp_username",
            "User there",
            ("mail.smtp.username",),
            default=_same_as("mail.address"),
            may_be_empty=True,
            is_asked=_MAIL,
        ),
        Question(
            "mail.smtp_password",
            "Password there",
            credential="smtp_password",
            kind="password",
            is_asked=lambda answers: bool(_by_password(answers) and answers.get("mail.smtp_username")),
        ),
        Question(
            "mail.imap_host",
            "Incoming server",
            ("mail.imap.host",),
            default=_server("imap", "outlook.office365.com"),
            is_asked=_MAIL,
        ),
        Question(
            "mail.imap_port", "Its port", ("mail.imap.port",), default=_always(993), read=reading.port, is_asked=_MAIL
        ),
        Question(
            "mail.imap_security",
            "Its security",
            ("mail.imap.security",),
            default=lambda answers: "starttls" if answers.get("mail.imap_port") == 143 else "tls",
            choices={"tls": "mostly 993", "starttls": "mostly 143", "none": "in the clear"},
            is_asked=_MAIL,
        ),
        Question(
            "mail.imap_username",
            "User there",
            ("mail.imap.username",),
            default=lambda answers: answers.get("mail.smtp_username") or answers.get("mail.address", ""),
            is_asked=_MAIL,
        ),
        Question(
            "mail.imap_password",
            "Password there (nothing: the same as for outgoing mail)",
            credential="imap_password",
            kind="password",
            may_be_empty=True,
            is_asked=_by_password,
        ),
        Question(
            "mail.ca_file",
            "Certificate authority's file, only for a server with its own",
            ("mail.smtp.ca_file", "mail.imap.ca_file"),
            read=reading.file,
            may_be_empty=True,
            is_asked=_MAIL,
        ),
        Question(
            "mail.move_to",
            "Folder for mails taken in (nothing: they stay, marked as seen)",
            ("mail.imap.move_to",),
            may_be_empty=True,
            is_asked=_MAIL,
        ),
        Question(
            "mail.since",
            "Mails it holds already: now leaves them, all takes them in, a date (2026-01-31) those since then",
            ("mail.imap.since",),
            default=_always("now"),
            read=reading.beginning,
            is_asked=_MAIL,
        ),
    ),
    frozenset({"mailbox", "outgoing mail"}),
)

_CARRIERS = {
    "none": "no fax",
    "hylafax": "a modem, or fax over IP, behind HylaFAX",
    "sinch": "Sinch, in the cloud",
    "telnyx": "Telnyx, in the cloud",
    "signalwire": "SignalWire, in the cloud; needs a public address",
    "email": "a service that faxes what is mailed to it",
}
_BY_HYLAFAX, _BY_SINCH = _if("fax.carrier", "hylafax"), _if("fax.carrier", "sinch")
_BY_TELNYX, _BY_SIGNALWIRE = _if("fax.carrier", "telnyx"), _if("fax.carrier", "signalwire")
FAX = Part(
    "fax",
    "The fax line",
    (
        Question("fax.carrier", "Who carries faxes", ("fax.carrier",), default=_always("none"), choices=_CARRIERS),
        Question(
            "fax.number",
            "The clinic's own fax number",
            ("clinic.fax_number",),
            read=reading.phone,
            is_asked=lambda answers: answers.get("fax.carrier") != "none",
        ),
        Question(
            "fax.hylafax_host",
            "HylaFAX's machine",
            ("fax.hylafax.host",),
            default=_always("localhost"),
            is_asked=_BY_HYLAFAX,
        ),
        Question(
            "fax.hylafax_port",
            "Its port",
            ("fax.hylafax.port",),
            default=_always(4559),
            read=reading.port,
            is_asked=_BY_HYLAFAX,
        ),
        Question(
            "fax.hylafax_notes",
            "Folder of the receive hook's notes (nothing: no hook)",
            ("fax.hylafax.notes_dir",),
            default=lambda answers: str(_NOTES) if _NOTES.is_dir() else "",
            may_be_empty=True,
            is_asked=_BY_HYLAFAX,
        ),
        Question("fax.sinch_project", "Sinch's project id", ("fax.sinch.project_id",), is_asked=_BY_SINCH),
        Question("fax.sinch_key", "The access key's id", ("fax.sinch.key_id",), is_asked=_BY_SINCH),
        Question("fax.sinch_secret", "Its secret", credential="sinch_secret", kind="password", is_asked=_BY_SINCH),
        Question(
            "fax.telnyx_application", "The fax application's id", ("fax.telnyx.connection_id",), is_asked=_BY_TELNYX
        ),
        Question("fax.telnyx_key", "API key", credential="telnyx_key", kind="password", is_asked=_BY_TELNYX),
        Question(
            "fax.signalwire_url",
            "Your space, like https://example.signalwire.com",
            ("fax.signalwire.url",),
            is_asked=_BY_SIGNALWIRE,
        ),
        Question("fax.signalwire_project", "Project id", ("fax.signalwire.project_id",), is_asked=_BY_SIGNALWIRE),
        Question(
            "fax.signalwire_token", "API token", credential="signalwire_token", kind="password", is_asked=_BY_SIGNALWIRE
        ),
        Question(
            "fax.signalwire_signing",
            "Signing key",
            credential="signalwire_signing_key",
            kind="password",
            is_asked=_BY_SIGNALWIRE,
        ),
        Question(
            "fax.public_url",
            "Public https address that leads to fax.callbacks.listen",
            ("fax.callbacks.public_url",),
            is_asked=_BY_SIGNALWIRE,
        ),
        Question(
            "fax.by_email",
            "Where faxes are mailed, like {number}@sinchfax.com",
            ("fax.by_email.address",),
            is_asked=_if("fax.carrier", "email"),
        ),
        Question(
            "fax.results_from",
            "Domains whose mails say how a fax went, with commas between",
            ("fax.by_email.results_from",),
            read=reading.names,
            is_asked=_if("fax.carrier", "email"),
        ),
    ),
    frozenset({"hylafax", "hylafax files", "carrier", "callbacks"}),
)

POLICY = Part(
    "policy",
    "How referrals are followed up; the waits themselves stand in policy.toml",
    (
        Question(
            "policy.close",
            "May a report that came in close its referral by itself?",
            ("policy:close_on_report",),
            default=_always(True),
            kind="yes_no",
        ),
    ),
)


def _outside(answers: Answers) -> bool:
    return answers.get("web.host") not in ("127.0.0.1", "localhost", "::1")


WEB = Part(
    "web",
    "The web pages",
    (
        Question(
            "web.host",
            "Address to listen on (127.0.0.1: this machine alone)",
            ("web.host",),
            default=_always("127.0.0.1"),
        ),
        Question("web.port", "Port", ("web.port",), default=_always(8470), read=reading.port),
        Question(
            "web.names",
            "Names people type for it, with commas between",
            ("web.names",),
            read=reading.names,
            is_asked=_outside,
        ),
        Question(
            "web.certificate", "Certificate's file", ("web.tls_certificate",), read=reading.file, is_asked=_outside
        ),
        Question("web.key", "Its key's file", ("web.tls_key",), read=reading.file, is_asked=_outside),
    ),
    frozenset({"web pages"}),
)

ADMINISTRATOR = Part(
    "administrator",
    "The first administrator of the web pages",
    (
        Question("administrator.name", "Their name, as they log in (nothing: later)", may_be_empty=True),
        Question(
            "administrator.password",
            "Their password (at least 12 characters)",
            kind="password",
            read=reading.strong,
            is_asked=lambda answers: bool(answers.get("administrator.name")),
        ),
    ),
    frozenset({"folders", "database", "secrets", "reading"}),
)

PARTS = (CLINIC, MAIL, FAX, POLICY, WEB, ADMINISTRATOR)
