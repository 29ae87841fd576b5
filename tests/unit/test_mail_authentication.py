"""A mail whose sender our own mail server doubts is for a person; what others say of themselves counts for nothing."""

from dataclasses import replace
from email.message import EmailMessage

import pytest

from parsers.message import read_mail
from parsers.options import ReadOptions
from parsers.reading import Reading

OPTIONS = ReadOptions(reply_address="referrals@clinic.example", checked_by="mx.clinic.example")


def nothing_attached(data: bytes, name: str) -> Reading:
    raise AssertionError((data, name))


def doubts(*results: str, options: ReadOptions = OPTIONS) -> str:
    mail = EmailMessage()
    mail["From"] = "Front Desk <desk@heart.example>"
    mail["To"] = "referrals@clinic.example"
    mail["Subject"] = "Re: Referral"
    mail.set_content("We have received the referral of Maria Garcia, born 3/4/1961.")
    checked = "".join(f"Authentication-Results: {result}\n" for result in results).encode()
    [document] = read_mail(checked + mail.as_bytes(), options, nothing_attached).documents
    return "; ".join(document.doubts)


@pytest.mark.parametrize(
    ("result", "failed"),
    [
        ("mx.clinic.example; dmarc=fail (p=REJECT) header.from=heart.example; spf=pass", "dmarc=fail"),
        ("MX.clinic.example 1; spf=softfail smtp.mailfrom=heart.example; dkim=none", "spf=fail"),
        ("mx.clinic.example;\n dkim=fail (bad; signature) header.d=heart.example;\n spf=none", "dkim=fail"),
    ],
)
def test_a_failed_check_is_a_doubt(result: str, failed: str) -> None:
    assert failed in doubts(result)


@pytest.mark.parametrize(
    "result",
    [
        "mx.clinic.example; dmarc=pass header.from=heart.example; spf=fail; dkim=fail",
        "mx.clinic.example; spf=fail smtp.mailfrom=list.example; dkim=pass header.d=heart.example",
        "mx.clinic.example; none",
        "mx.elsewhere.example; dmarc=fail",
    ],
)
def test_a_check_that_passed_or_that_a_stranger_made_is_none(result: str) -> None:
    assert doubts(result) == ""


def test_only_the_topmost_line_of_our_server_counts() -> None:
    ours, forged = "mx.clinic.example; dmarc=fail", "mx.clinic.example; dmarc=pass"
    assert "dmarc=fail" in doubts(ours, forged)
    assert doubts(forged, ours) == ""


def test_without_a_trusted_server_nothing_is_believed() -> None:
    assert doubts("mx.clinic.example; dmarc=fail", options=replace(OPTIONS, checked_by="")) == ""
