# ruff: noqa: E501 - texts as they stand in mails
"""Invented replies as mail programs write them, with what their senders really wrote.

`reply(seed)` is the same for ever. The forms of quotes, banners, signatures and notices were written from what the
programs do, not from what the reader knows; nobody here exists.
"""

import html
import random
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage

from config.vocabulary import DocumentKind as Kind

CLINIC = "Maple Street Clinic"
ADDRESS = "referrals@clinic.example"
QUOTED = ("Patient: John Other DOB 01/01/1950", "Please see the attached referral for John Other and tick one box.")
"""What we had written: none of it is the office's answer."""

MESSAGES: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    (
        Kind.APPOINTMENT_NOTICE,
        ("Hi,", "Maria Garcia (DOB 3/4/1961) is scheduled with Dr. Lee on 12/3/2026 at 2:30 pm."),
    ),
    (Kind.APPOINTMENT_NOTICE, ("We got Maria Garcia in for an appointment on December 3, 2026 at 9:15 AM.",)),
    (
        Kind.DECLINE,
        ("Unfortunately Dr. Lee is not accepting new patients at this time.", "We must decline this referral."),
    ),
    (
        Kind.INFORMATION_REQUEST,
        ("Hello,", "Please send the recent labs and the insurance card before we can schedule."),
    ),
    (Kind.NO_SHOW, ("Maria Garcia no-showed for her appointment today.", "We left her a voicemail.")),
    (Kind.DECLINE, ("We are unable to accept this patient: out of network.",)),
)
SIGNATURES = (
    "Thanks,\nKim Doe\nReferral Coordinator\nValley Heart Clinic\nP: (555) 123-4567 | F: (555) 123-4568",
    "-- \nKim Doe, MA\nValley Heart Clinic",
    "Best regards,\n\nKim Doe\n\nValley Heart Clinic | 12 Elm St | valleyheart.example",
    "Thank you!\nKim",
    "Respectfully,\nKim Doe, LPN",
    "Sincerely,\nKim Doe\nkim.doe@heart.example",
    "",
)
DEVICES = ("Sent from my iPhone", "Sent from my Galaxy", "Get Outlook for iOS<https://aka.ms/o0ukef>",
           "Get Outlook for Android", "Sent from Mail for Windows", "Sent from my Verizon, Samsung Galaxy smartphone",
           "Sent from Yahoo Mail for iPhone<https://mail.onelink.me/107872968>", "Von meinem iPhone gesendet",
           "Enviado desde mi iPhone")  # fmt: skip
DISCLAIMERS = (
    "CONFIDENTIALITY NOTICE: This e-mail message, including any attachments, is for the sole use of the intended recipient(s) and may contain confidential and privileged information. Any unauthorized review, use, disclosure or distribution is prohibited.",
    "This message and any attachments are intended only for the addressee and may contain protected health information.\nIf you are not the intended recipient, please notify the sender and delete it.",
    "The information contained in this transmission may be confidential and/or legally privileged. If you have received this email in error, please notify us immediately.",
    "NOTICE: If you are not the intended recipient of this message, you are hereby notified that any disclosure is strictly prohibited.",
    "HIPAA Notice: federal law protects the information in this message.\n\nPlease consider the environment before printing this email.",
    "This email has been scanned for viruses by Barracuda Email Security.",
    "Virus-free. www.avast.com",
    "PRIVILEGED AND CONFIDENTIAL: This electronic message may contain PHI.",
)
BANNERS = (
    "CAUTION: This email originated from outside of the organization. Do not click links or open attachments unless you recognize the sender and know the content is safe.",
    "[EXTERNAL EMAIL]",
    "[EXTERNAL]",
    "EXTERNAL EMAIL: Use caution when opening attachments or clicking links.",
    "*** This message came from outside of Valley Heart. Do not open attachments unless you know the sender. ***",
    "WARNING: External sender. Think before you click!",
    "You don't often get email from referrals@clinic.example. Learn why this is important<https://aka.ms/LearnAboutSenderIdentification>",
    "This Message Is From an External Sender\nThis message came from outside your organization.",
)


@dataclass(frozen=True, slots=True)
class Reply:
    """A mail with what its sender wrote (`own`), what nobody may take for it (`foreign`), and its kind."""

    data: bytes
    kind: Kind
    own: tuple[str, ...]
    foreign: tuple[str, ...]
    program: str


_Quote = Callable[[str], str]


def _marked(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def _wrote(line: str) -> _Quote:
    return lambda text: f"{line}\n\n{_marked(text)}"


def _plain(line: str) -> _Quote:
    return lambda text: f"{line}\n\n{text}"


_OUTLOOK = f"From: {CLINIC} <{ADDRESS}>\nSent: Thursday, November 19, 2026 9:00 AM\nTo: Kim Doe <desk@heart.example>\nSubject: Referral"
_RULE = "________________________________\n"
PLAIN: dict[str, _Quote] = {
    "gmail": _wrote(f"On Thu, Nov 19, 2026 at 9:00 AM {CLINIC} <{ADDRESS}>\nwrote:"),
    "gmail short": _wrote(f"On Thu, Nov 19, 2026, 9:00 AM {CLINIC} <{ADDRESS}> wrote:"),
    "gmail German": _wrote(f"Am Do., 19. Nov. 2026 um 09:00 Uhr schrieb {CLINIC} <\n{ADDRESS}>:"),
    "gmail Spanish": _wrote(f"El jue, 19 nov 2026 a las 9:00, {CLINIC} (<{ADDRESS}>)\nescribió:"),
    "gmail French": _wrote(f"Le jeu. 19 nov. 2026 à 09:00, {CLINIC} <{ADDRESS}> a écrit :"),
    "gmail Portuguese": _wrote(f"Em qui., 19 de nov. de 2026 às 09:00, {CLINIC} <{ADDRESS}> escreveu:"),
    "apple": lambda text: _marked(f"On Nov 19, 2026, at 9:00 AM, {CLINIC} <{ADDRESS}> wrote:\n\n{text}"),
    "apple German": lambda text: _marked(f"Am 19.11.2026 um 09:00 schrieb {CLINIC} <{ADDRESS}>:\n\n{text}"),
    "outlook": _plain(_OUTLOOK),
    "outlook date": _plain(_OUTLOOK.replace("Sent:", "Date:")),
    "outlook stars": _plain(_OUTLOOK.replace("From:", "*From:*").replace("Sent:", "*Sent:*").replace("To:", "*To:*").replace("Subject:", "*Subject:*")),
    "outlook original": _plain("-----Original Message-----\n" + _OUTLOOK),
    "outlook web": _plain(_RULE + _OUTLOOK),
    "outlook German": _plain(f"Von: {CLINIC} <{ADDRESS}>\nGesendet: Donnerstag, 19. November 2026 09:00\nAn: Kim Doe <desk@heart.example>\nBetreff: Referral"),
    "outlook German original": _plain(f"-----Ursprüngliche Nachricht-----\nVon: {CLINIC} <{ADDRESS}>\nGesendet: Donnerstag, 19. November 2026 09:00\nAn: Kim Doe\nBetreff: Referral"),
    "outlook Spanish": _plain(f"De: {CLINIC} <{ADDRESS}>\nEnviado el: jueves, 19 de noviembre de 2026 9:00\nPara: Kim Doe <desk@heart.example>\nAsunto: Referral"),
    "outlook Spanish original": _plain(f"-----Mensaje original-----\nDe: {CLINIC} <{ADDRESS}>\nEnviado: jueves, 19 de noviembre de 2026\nPara: Kim Doe\nAsunto: Referral"),
    "outlook French": _plain(f"De : {CLINIC} <{ADDRESS}>\nEnvoyé : jeudi 19 novembre 2026 09:00\nÀ : Kim Doe\nObjet : Referral"),
    "yahoo": lambda text: f"    On Thursday, November 19, 2026 at 09:00:12 AM EST, {CLINIC} <{ADDRESS}> wrote:  \n \n " + text.replace("\n", "\n "),
    "proton": _wrote(f"On Thursday, November 19th, 2026 at 9:00 AM, {CLINIC} <{ADDRESS}> wrote:"),
    "thunderbird": _wrote(f"On 11/19/26 9:00 AM, {CLINIC} wrote:"),
    "thunderbird German": _wrote(f"Am 19.11.26 um 09:00 schrieb {CLINIC}:"),
    "thunderbird Spanish": _wrote(f"El 19/11/26 a las 9:00, {CLINIC} escribió:"),
    "zimbra": _plain(f"----- Original Message -----\nFrom: \"{CLINIC}\" <{ADDRESS}>\nTo: \"Kim Doe\" <desk@heart.example>\nSent: Thursday, November 19, 2026 9:00:00 AM\nSubject: Referral"),
    "notes": _plain(f"From:\t{CLINIC} <{ADDRESS}>\nTo:\tKim Doe\nDate:\t11/19/2026 09:00 AM\nSubject:\tReferral"),
    "aol": _plain(f"-----Original Message-----\nFrom: {CLINIC} <{ADDRESS}>\nTo: desk <desk@heart.example>\nSent: Thu, Nov 19, 2026 9:00 am\nSubject: Referral"),
    "iso": _wrote(f"On 2026-11-19 09:00, {CLINIC} wrote:"),
    "reply above": lambda text: f"##- Please type your reply above this line -##\n\n{text}",
}  # fmt: skip


def _p(text: str) -> str:
    return "".join(f"<p>{html.escape(line)}</p>" for line in text.split("\n") if line)


def _br(text: str) -> str:
    return "<br>\n".join(html.escape(line) for line in text.split("\n"))


_HTML_HEAD = (
    _br(_OUTLOOK)
    .replace("From:", "<b>From:</b>")
    .replace("Sent:", "<b>Sent:</b>")
    .replace("To:", "<b>To:</b>")
    .replace("Subject:", "<b>Subject:</b>")
)
_ON = f"On Thu, Nov 19, 2026 at 9:00 AM {CLINIC} &lt;<a href='mailto:{ADDRESS}'>{ADDRESS}</a>&gt; wrote:"
HTML: dict[str, _Quote] = {
    "gmail": lambda text: (
        f"<br><div class='gmail_quote'><div dir='ltr' class='gmail_attr'>{_ON}<br></div><blockquote class='gmail_quote' style='margin:0px 0px 0px 0.8ex'>{_p(text)}</blockquote></div>"
    ),
    "outlook": lambda text: (
        f"<div><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in'><p class='MsoNormal'>{_HTML_HEAD}<o:p></o:p></p></div></div><p class='MsoNormal'><o:p>&nbsp;</o:p></p>{_p(text)}"
    ),
    "outlook web": lambda text: (
        f"<div id='appendonsend'></div><hr style='display:inline-block;width:98%' tabindex='-1'><div id='divRplyFwdMsg' dir='ltr'><font face='Calibri'>{_HTML_HEAD}</font><div>&nbsp;</div></div>{_p(text)}"
    ),
    "outlook mobile": lambda text: (
        f"<div id='ms-outlook-mobile-signature'>Get <a href='https://aka.ms/o0ukef'>Outlook for iOS</a></div><hr style='display:inline-block;width:98%'><div id='divRplyFwdMsg'>{_HTML_HEAD}</div><div>{_br(text)}</div>"
    ),
    "apple": lambda text: (
        f"<br><div>Sent from my iPhone</div><div><br><blockquote type='cite'>On Nov 19, 2026, at 9:00 AM, {CLINIC} &lt;{ADDRESS}&gt; wrote:<br><br></blockquote></div><blockquote type='cite'><div>{_br(text)}</div></blockquote>"
    ),
    "yahoo": lambda text: (
        f"<div id='yahoo_quoted_1' class='yahoo_quoted'><div style='font-family:Helvetica'><div>On Thursday, November 19, 2026 at 09:00:12 AM EST, {CLINIC} &lt;{ADDRESS}&gt; wrote: </div><div><br></div><div>{_p(text)}</div></div></div>"
    ),
    "thunderbird": lambda text: (
        f"<div class='moz-cite-prefix'>On 11/19/26 9:00 AM, {CLINIC} wrote:<br></div><blockquote type='cite' cite='mid:x'>{_p(text)}</blockquote>"
    ),
}


def _join(*blocks: str) -> str:
    return "\n\n".join(block for block in blocks if block)


def _foreign(banner: str, disclaimer: str, device: str) -> tuple[str, ...]:
    """A few words of each thing that is not the sender's."""
    ends = [" ".join(text.split()[-4:]) for text in (banner, disclaimer, device) if text]
    return ("John Other", "tick one box", *ends)


def reply(seed: int) -> Reply:
    """One reply in one program's form."""
    rng = random.Random(seed)
    kind, own = rng.choice(MESSAGES)
    banner = rng.choice(BANNERS) if rng.random() < 0.4 else ""
    disclaimer = rng.choice(DISCLAIMERS) if rng.random() < 0.6 else ""
    device = rng.choice(DEVICES) if rng.random() < 0.25 else ""
    signature = rng.choice(SIGNATURES)
    quoted = "\n".join(QUOTED) + ("\n\n" + rng.choice(DISCLAIMERS) if rng.random() < 0.3 else "")
    is_html = rng.random() < 0.4
    program = rng.choice(sorted(HTML if is_html else PLAIN))
    mail = _headers(rng)
    if is_html:
        _write_html(mail, rng, HTML[program](quoted), own, (banner, signature, device, disclaimer))
    else:
        mail.set_content(_plain_body(rng, program, quoted, own, (banner, signature, device, disclaimer)), cte="8bit")
    foreign = _foreign(banner, disclaimer, device)
    return Reply(mail.as_bytes(), kind, own, foreign, f"{'html ' if is_html else ''}{program}")


def _headers(rng: random.Random) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "Kim Doe <desk@heart.example>"
    mail["To"] = ADDRESS
    mail["Subject"] = rng.choice(
        ("Re: Referral", "RE: Referral", "AW: Referral", "Re: [EXTERNAL] Referral", "RV: Referral")
    )
    mail["Date"] = "Fri, 20 Nov 2026 10:00:00 -0500"
    mail["Message-ID"] = f"<{rng.randrange(10**9)}@heart.example>"
    return mail


def _plain_body(rng: random.Random, program: str, quoted: str, own: tuple[str, ...], around: tuple[str, ...]) -> str:
    banner, signature, device, disclaimer = around
    quote = PLAIN[program](quoted)
    words = ("\n" if rng.random() < 0.3 else "\n\n").join(own)
    if program.startswith("thunderbird") and rng.random() < 0.6:
        if rng.random() < 0.5 or len(own) < 2:
            return _join(banner, quote, words, signature, disclaimer)  # written below the quotation
        head, first, *rest = quote.split("\n\n")[0], *quote.split("\n")[2:]
        return _join(banner, head + "\n" + first, own[0], "\n".join(rest), "\n\n".join(own[1:]), signature)
    tail = (quote, disclaimer) if rng.random() < 0.3 else (disclaimer, quote)
    glue = "\n" if banner and rng.random() < 0.3 else "\n\n"
    return glue.join(block for block in (banner, _join(words, signature, device, *tail)) if block)


def _write_html(
    mail: EmailMessage, rng: random.Random, quote: str, own: tuple[str, ...], around: tuple[str, ...]
) -> None:
    banner, signature, device, disclaimer = around
    block = rng.choice(
        (
            _p,
            lambda text: f"<div>{_br(text)}</div>",
            lambda text: "".join(f"<div>{html.escape(line)}</div>" for line in text.split("\n")),
        )
    )
    box = f"<table border=0><tr><td style='background:#ffeb9c'>{_br(banner)}</td></tr></table>" if banner else ""
    body = (
        box
        + block("\n".join(own))
        + "<div><br></div>"
        + block(signature)
        + (f"<p>{html.escape(device)}</p>" if device else "")
    )
    last = f"<p style='font-size:8pt'>{_br(disclaimer)}</p>" if disclaimer else ""
    page = f"<html><head><style>p{{margin:0}}</style></head><body>{body}{last}{quote}</body></html>"
    if rng.random() < 0.5:
        mail.set_content(page, subtype="html")
        return
    mail.set_content("This message contains HTML." if rng.random() < 0.3 else "")
    mail.add_alternative(page, subtype="html")
