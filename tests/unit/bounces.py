# ruff: noqa: E501 - texts as mail servers write them
"""Reports of mail servers and machines' answers, as they write them. `{id}` and `{token}` are those of our mail."""

_HEAD = "To: referrals@clinic.example\r\nDate: Fri, 20 Nov 2026 10:00:00 -0500\r\nMIME-Version: 1.0\r\n"
_COPY = (
    "Received: by mx.example\r\nMessage-ID: <{id}@clinic.example>\r\nFrom: Clinic <referrals@clinic.example>\r\n"
    "Reply-To: referrals+{token}@clinic.example\r\nTo: front.desk@harbor.example\r\nSubject: Referral\r\n"
)


def report(
    sender: str, subject: str, text: str, status: str, copy: str, copy_type: str = "message/rfc822", **more: str
) -> str:
    """A report in the form of RFC 3464."""
    extra = "".join(f"{name.replace('_', '-')}: {content}\r\n" for name, content in more.items())
    return (
        f"From: {sender}\r\nSubject: {subject}\r\n{_HEAD}{extra}Auto-Submitted: auto-replied\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="B"\r\n\r\n'
        f"--B\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n\r\n"
        f"--B\r\nContent-Type: message/delivery-status\r\n\r\n{status}\r\n\r\n"
        f"--B\r\nContent-Type: {copy_type}\r\n\r\n{copy}\r\nPatient: Maria Okafor DOB 4/23/1961. Appointment 12/3/2026 at 2:30 pm.\r\n\r\n--B--\r\n"
    )


def plain(sender: str, subject: str, text: str, **more: str) -> str:
    """A report, or an answer, in words only."""
    extra = "".join(f"{name.replace('_', '-')}: {content}\r\n" for name, content in more.items())
    return f"From: {sender}\r\nSubject: {subject}\r\n{_HEAD}{extra}Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"


def _status(action: str, code: str, more: str = "") -> str:
    return f"Reporting-MTA: dns; mx.example\r\n{more}\r\nFinal-Recipient: rfc822; front.desk@harbor.example\r\nAction: {action}\r\nStatus: {code}\r\nDiagnostic-Code: smtp; {code.replace('.', '')} no"


_WITHOUT_ID = _COPY.replace(
    "Message-ID: <{id}@clinic.example>\r\n", "Message-ID: <0100-rewritten@email.amazonses.com>\r\n"
)
FAILED: dict[str, str] = {
    "Postfix": report("MAILER-DAEMON@mx.example (Mail Delivery System)", "Undelivered Mail Returned to Sender", "I'm sorry to have to inform you that your message could not be delivered.", _status("failed", "5.1.1"), _COPY, "text/rfc822-headers", Return_Path="<>"),
    "Exim": plain("Mail Delivery System <Mailer-Daemon@mx.example>", "Mail delivery failed: returning message to sender", "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  front.desk@harbor.example\n    host mx [1.2.3.4]\n    SMTP error: 550 5.1.1 user unknown\n\n------ This is a copy of the message, including all the headers. ------\n\n" + _COPY, X_Failed_Recipients="front.desk@harbor.example"),
    "Exim, its report": report("Mail Delivery System <Mailer-Daemon@mx.example>", "Mail delivery failed: returning message to sender", "A message that you sent could not be delivered.", _status("failed", "5.0.0"), _COPY),
    "Exchange": report("Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@harbor.example>", "Undeliverable: Referral", "front.desk@harbor.example wasn't found at harbor.example.", _status("failed", "5.1.10"), _COPY, In_Reply_To="<{id}@clinic.example>"),
    "Gmail": report("Mail Delivery Subsystem <mailer-daemon@googlemail.com>", "Delivery Status Notification (Failure)", "** Address not found **\n\nYour message wasn't delivered to front.desk@harbor.example because the address couldn't be found.", _status("failed", "5.1.1"), _COPY, X_Failed_Recipients="front.desk@harbor.example"),
    "Yahoo": plain("MAILER-DAEMON@yahoo.com", "Failure Notice", "Sorry, we were unable to deliver your message to the following address.\n\n<front.desk@harbor.example>:\n554: delivery error: dd This user doesn't have a yahoo.com account\n\n--- Below this line is a copy of the message.\n\n" + _COPY),
    "SES": report("MAILER-DAEMON@amazonses.com", "Delivery Status Notification (Failure)", "An error occurred while trying to deliver the mail to the following recipients:\nfront.desk@harbor.example", _status("failed", "5.1.1"), _WITHOUT_ID),
    "qmail": plain("MAILER-DAEMON@mx.example", "failure notice", "Hi. This is the qmail-send program at mx.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<front.desk@harbor.example>:\nUser unknown\n\n--- Below this line is a copy of the message.\n\n" + _COPY, Return_Path="<>"),
    "Mimecast": plain("postmaster@harbor.example", "[Postmaster] Email Delivery Failure", "This is a delivery failure notification message indicating that an email you addressed to email address :\n-- front.desk@harbor.example\n\ncould not be delivered. The problem appears to be :\n-- Recipient email server rejected the message: 550 5.1.1\n", In_Reply_To="<{id}@clinic.example>"),
    "Domino": report("postmaster@harbor.example", "DELIVERY FAILURE: User front.desk not listed in Domino Directory", "Your message was not delivered.", _status("failed", "5.1.1"), _COPY),
    "German": plain("Mail Delivery System <mailer-daemon@harbor.example>", "Unzustellbar: Referral", "Die Nachricht konnte nicht zugestellt werden: front.desk@harbor.example 550 5.1.1\n\n" + _COPY),
    "without a copy": report("MAILER-DAEMON@mx.example", "Undeliverable mail", "failed", _status("failed", "5.2.2", "X-Original-Message-ID: <{id}@clinic.example>\r\n"), "Subject: Referral\r\n"),
}  # fmt: skip
DELAYED: dict[str, str] = {
    "Postfix": report("MAILER-DAEMON@mx.example", "Delayed Mail (still being retried)", "THIS IS A WARNING ONLY. YOU DO NOT NEED TO RESEND YOUR MESSAGE.", _status("delayed", "4.4.1"), _COPY, "text/rfc822-headers"),
    "Exim": plain("Mail Delivery System <Mailer-Daemon@mx.example>", "Warning: message 1kfX2-0001 delayed 24 hours", "This message was created automatically by mail delivery software.\nA message that you sent has not yet been delivered to one or more of its recipients after more than 24 hours on the queue.\n\n  front.desk@harbor.example\n\nNo action is required on your part. Delivery attempts will continue for some time.\n\n" + _COPY),
    "Gmail": report("Mail Delivery Subsystem <mailer-daemon@googlemail.com>", "Delivery Status Notification (Delay)", "There was a temporary problem delivering your message. Gmail will retry for 46 more hours.", _status("delayed", "4.4.2"), _COPY),
    "Exchange": report("Microsoft Outlook <MicrosoftExchange329@harbor.example>", "Delivery delayed: Referral", "This message hasn't been delivered yet. Delivery will continue to be attempted.", _status("delayed", "4.4.7"), _COPY),
    "sendmail": plain("Mail Delivery Subsystem <MAILER-DAEMON@mx.example>", "Warning: could not send message for past 4 hours", "**********************************************\n**      THIS IS A WARNING MESSAGE ONLY      **\n**  YOU DO NOT NEED TO RESEND YOUR MESSAGE  **\n\nThe original message was received from clinic.example\n\n" + _COPY),
}  # fmt: skip
_AWAY = "I am out of the office until Monday, December 7 and will answer when I am back. For urgent matters call 508-555-0101."
_RE = "<{id}@clinic.example>"
MACHINES: dict[str, str] = {
    "Outlook": plain("front.desk@harbor.example", "Automatic reply: Referral", _AWAY, Auto_Submitted="auto-generated", In_Reply_To=_RE),
    "Outlook German": plain("front.desk@harbor.example", "Automatische Antwort: Referral", "Ich bin bis zum 7. Dezember nicht im Haus.", In_Reply_To=_RE),
    "Outlook Spanish": plain("front.desk@harbor.example", "Respuesta automática: Referral", "Estoy fuera de la oficina.", In_Reply_To=_RE),
    "Outlook French": plain("front.desk@harbor.example", "Réponse automatique : Referral", "Je suis absent.", In_Reply_To=_RE),
    "Outlook Italian": plain("front.desk@harbor.example", "Risposta automatica: Referral", "Sono fuori sede.", In_Reply_To=_RE),
    "Outlook Portuguese": plain("front.desk@harbor.example", "Resposta automática: Referral", "Estou fora.", In_Reply_To=_RE),
    "Outlook Dutch": plain("front.desk@harbor.example", "Automatisch antwoord: Referral", "Ik ben er niet.", In_Reply_To=_RE),
    "Outlook Swedish": plain("front.desk@harbor.example", "Autosvar: Referral", "Jag är borta.", In_Reply_To=_RE),
    "Outlook Japanese": plain("front.desk@harbor.example", "自動応答: Referral", "不在です。", In_Reply_To=_RE),
    "Gmail": plain("front.desk@harbor.example", "Out of office Re: Referral", _AWAY, Auto_Submitted="auto-replied", Precedence="bulk", X_Autoreply="yes", In_Reply_To=_RE),
    "a ticket system": plain("front.desk@harbor.example", "[#1042] We received your request", "Thank you. Your request was received.", X_Autoreply="yes", In_Reply_To=_RE),
    "cPanel": plain("front.desk@harbor.example", "Auto: Referral", _AWAY, Auto_Submitted="auto-replied", X_Autorespond="Referral", In_Reply_To=_RE),
    "to the token only": plain("front.desk@harbor.example", "Out of Office", _AWAY, Delivered_To="referrals+{token}@clinic.example"),
    "a read receipt": report("front.desk@harbor.example", "Read: Referral", "Your message was read on Friday.", "Reporting-UA: x\r\nOriginal-Message-ID: <{id}@clinic.example>\r\nDisposition: manual-action/MDN-sent-manually; displayed", _COPY, In_Reply_To=_RE).replace("report-type=delivery-status", "report-type=disposition-notification").replace("message/delivery-status", "message/disposition-notification"),
    "a delivery receipt": report("postmaster@harbor.example", "Delivered: Referral", "Your message has been delivered.", _status("delivered", "2.0.0"), _COPY),
    "relayed": report("MAILER-DAEMON@mx.example", "Successful Mail Delivery Report", "Your message was successfully relayed.", _status("relayed", "2.0.0"), _COPY, "text/rfc822-headers"),
}  # fmt: skip


def mdn(disposition: str, more: str = "") -> str:
    """A receipt in the form of RFC 8098."""
    return (
        f"From: front.desk@harbor.example\r\nSubject: Read: Referral\r\n{_HEAD}"
        'Content-Type: multipart/report; report-type=disposition-notification; boundary="B"\r\n\r\n'
        "--B\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nYour message was processed.\r\n\r\n"
        "--B\r\nContent-Type: message/disposition-notification\r\n\r\nReporting-UA: mail.harbor.example; 1\r\n"
        "Final-Recipient: rfc822; front.desk@harbor.example\r\nOriginal-Message-ID: <{id}@clinic.example>\r\n"
        f"{more}Disposition: {disposition}\r\n\r\n--B--\r\n"
    )


_DIRECT = "X-DIRECT-FINAL-DESTINATION-DELIVERY: \r\n"
ARRIVED = {
    "MDN displayed": mdn("manual-action/MDN-sent-manually; displayed"),
    "Direct dispatched": mdn("automatic-action/MDN-sent-automatically; dispatched", _DIRECT),
    "Direct processed": mdn("automatic-action/MDN-sent-automatically;processed"),
    "DSN delivered": report(
        "MAILER-DAEMON@mx.example",
        "Successful Mail Delivery Report",
        "Your message was delivered.",
        _status("delivered", "2.0.0"),
        _COPY,
        "text/rfc822-headers",
    ),
}
LOST = {
    "Direct failed": mdn("automatic-action/MDN-sent-automatically; failed", "Failure: no such mailbox\r\n"),
}
SAYS_NOTHING = {
    "MDN deleted": mdn("manual-action/MDN-sent-manually; deleted"),
    "DSN relayed": report(
        "MAILER-DAEMON@mx.example",
        "Delivery Report",
        "Relayed to a server that reports nothing.",
        _status("relayed", "2.0.0"),
        _COPY,
        "text/rfc822-headers",
    ),
}
ARRIVED.update({name: MACHINES.pop(name) for name in ("a delivery receipt", "a read receipt")})
