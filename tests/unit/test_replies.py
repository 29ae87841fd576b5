# ruff: noqa: E501 - texts as they stand in mails
"""Whose words are whose: replies and forwards as mail programs write them, and what must not be cut out of them."""

import re

import pytest

from config.vocabulary import DocumentKind
from parsers.mail_body import own_words
from parsers.message import read_mail
from parsers.options import ReadOptions
from parsers.reading import Reading, Role
from tests.unit.replies import ADDRESS, reply

OPTIONS = ReadOptions(reply_address=ADDRESS, zone="America/New_York")
SEEN_WHILE_WRITING = range(1000)
HELD_OUT = range(50_000, 50_300)


def nothing_attached(data: bytes, name: str) -> Reading:
    raise AssertionError(name)


def told(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def faults(seed: int) -> list[str]:
    """What of one reply was lost, or was taken for its sender's words."""
    mail = reply(seed)
    [document] = read_mail(mail.data, OPTIONS, nothing_attached).documents
    text = told(document.text)
    found = [f"lost: {words}" for words in mail.own if len(words) > 7 and told(words) not in text]
    found += [f"kept: {words}" for words in mail.foreign if words in text]
    found += [f"kind: {document.kind}"] if document.kind is not mail.kind else []
    patients = {one.family for one in document.people if one.role is Role.PATIENT}
    return found + [f"patient: {name}" for name in patients if name == "Other"]


def test_of_replies_of_all_programs_the_senders_words_are_left_and_nothing_else() -> None:
    assert not set(HELD_OUT) & set(SEEN_WHILE_WRITING)
    wrong = {seed: found for seed in HELD_OUT if (found := faults(seed))}
    assert not any(one.startswith(("lost", "patient")) for found in wrong.values() for one in found), wrong
    assert len(wrong) <= len(HELD_OUT) // 100, wrong


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ("CAUTION: External email.\nWe cannot see Maria until her labs arrive.", "until her labs arrive"),
        ("[EXTERNAL] Patient no-showed on 12/3.", "no-showed on 12/3"),
        ("Hi,\nThank you!\nMaria Garcia is booked for 12/3 at 2:30 pm.\nKim", "12/3 at 2:30"),
        ("Appt made.\n\nThanks,\nKim\n\nP.S. Please send her insurance card.", "insurance card"),
        ("Booked.\n--\nThe patient is coming in 12/3 at 9:00", "12/3 at 9:00"),
        ("She is booked 12/3 at 9. CONFIDENTIALITY NOTICE: this email is intended only for you.", "booked 12/3 at 9."),
        ("This email is confidential.\nPatient declined the appointment.", "declined the appointment"),
        ("On 12/3 Dr. Lee wrote orders for the patient and she is booked 12/9 at 10:00.", "12/9 at 10:00"),
    ],
)
def test_an_answer_beside_a_banner_a_closing_or_a_notice_is_not_lost(body: str, kept: str) -> None:
    assert kept in own_words(body, "Re: Referral").text


def test_a_paragraph_that_gmail_indents_is_the_writers() -> None:
    html = (
        b"From: a@heart.example\r\nSubject: Re: x\r\nContent-Type: text/html\r\n\r\n<div>Please note:</div>"
        b"<blockquote style='margin:0 0 0 40px;border:none;padding:0px'><div>She is booked 12/3/2026 at 2:30 pm.</div>"
        b"</blockquote>"
    )
    assert "booked 12/3/2026" in read_mail(html, OPTIONS, nothing_attached).documents[0].text


FORWARDS = {
    "gmail": "---------- Forwarded message ---------\nFrom: {who}\nDate: Thu, Nov 19, 2026 at 9:00 AM\nSubject: x\nTo: <d@h.example>\n\n{text}",
    "outlook": "From: {who}\nSent: Thursday, November 19, 2026 9:00 AM\nTo: d@h.example\nSubject: x\n\n{text}",
    "outlook German": "Von: {who}\nGesendet: Donnerstag, 19. November 2026 09:00\nAn: d@h.example\nBetreff: x\n\n{text}",
    "apple": "Begin forwarded message:\n\n> From: {who}\n> Subject: x\n> Date: November 19, 2026 at 9:00:00 AM EST\n> To: d@h.example\n> \n> {text}",
    "yahoo": "----- Forwarded Message -----\nFrom: {who}\nTo: d@h.example\nSent: Thursday\nSubject: x\n\n{text}",
    "thunderbird": "-------- Forwarded Message --------\nSubject: \tx\nDate: \tThu, 19 Nov 2026 09:00:00 -0500\nFrom: \t{who}\nTo: \td@h.example\n\n{text}",
}


@pytest.mark.parametrize("form", sorted(FORWARDS))
def test_what_a_colleague_wrote_is_read_and_named_as_hers(form: str) -> None:
    body = "FYI\n\n" + FORWARDS[form].format(who="Dana <dana@heart.example>", text="Patient no-showed today.")
    words = own_words(body, "Fwd: x", ADDRESS)
    assert "no-showed today" in words.text
    assert "dana@heart.example" in words.forwarded_from


@pytest.mark.parametrize("form", sorted(FORWARDS))
def test_our_own_mail_forwarded_back_is_not_their_answer(form: str) -> None:
    ours = f"Clinic <{ADDRESS.replace('@', '+4k7m92xqtoken@')}>"
    body = "She is booked 12/3 at 2:30.\n\n" + FORWARDS[form].format(who=ours, text="Patient: John Other")
    assert own_words(body, "FW: x", ADDRESS).text == "She is booked 12/3 at 2:30."


def test_within_a_forward_what_we_had_written_is_still_not_theirs() -> None:
    reply_of_a_colleague = (
        f"She did not show up.\n\nOn Thu, Nov 19, 2026 at 9:00 AM Clinic <{ADDRESS}> wrote:\n> Patient: John Other"
    )
    body = FORWARDS["gmail"].format(who="Dana <dana@heart.example>", text=reply_of_a_colleague)
    words = own_words(body, "Fwd: x", ADDRESS)
    assert "did not show" in words.text
    assert "Other" not in words.text


def test_answers_written_into_the_quotation_are_for_a_person() -> None:
    raw = (
        b"From: a@heart.example\r\nSubject: Re: x\r\n\r\nSee my answers below in red.\r\n\r\nFrom: Clinic\r\n"
        b"Sent: Thursday\r\nTo: Kim\r\nSubject: x\r\n\r\nIs she booked? Yes, 12/3\r\n"
    )
    [document] = read_mail(raw, OPTIONS, nothing_attached).documents
    assert document.kind is DocumentKind.OTHER or "within the quoted mail" in document.doubts[0]
    assert any("within the quoted mail" in doubt for doubt in document.doubts)
