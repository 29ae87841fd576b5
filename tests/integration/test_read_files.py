"""Whole files through the reader: forms, letters, broken pages, and what is not read is said."""

import io
import zipfile
from dataclasses import replace
from datetime import date
from email.message import EmailMessage

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from config.form import load_form
from config.reference import SAMPLE_KEY
from config.vocabulary import AnswerId, DocumentKind
from gateway.demo.paper.fax_channel import SOURCE_DPI, Channel, Grey, send
from gateway.demo.paper.pens import Pen, tick
from parsers.options import ReadOptions
from parsers.read import read
from parsers.reading import Role
from tests.blank_form import NUMBER, draw_blank

OPTIONS = ReadOptions(keys=(SAMPLE_KEY,), written=date(2026, 11, 24))
LETTER = """HARBOR CARDIOLOGY ASSOCIATES

Patient: Doe, Jane     DOB: 03/04/1961     MRN: 445566

Dear Dr. Ray,

Thank you for referring this pleasant 65 year old woman, whom I
saw on November 18, 2026 for chest pain on exertion. Her exam
was normal. Electrocardiogram showed sinus rhythm.

Impression: atypical chest pain.
Plan: stress echocardiogram, continue aspirin."""


def a_letter() -> Grey:
    picture = Image.new("L", (round(8.5 * SOURCE_DPI), round(11 * SOURCE_DPI)), 255)
    draw = ImageDraw.Draw(picture)
    draw.multiline_text((260, 400), LETTER, font=ImageFont.load_default(46), fill=0, spacing=24)
    return np.array(picture)


def a_ticked_form() -> Grey:
    page, rect = draw_blank(), load_form().box(AnswerId.ACCEPTED_WAITING)
    tick(page, (rect.x, rect.y, rect.w, rect.h), "cross", Pen(0.6, 20), np.random.default_rng(1))
    return page


def a_fax(pages: list[Grey], channel: Channel) -> bytes:
    received = [send(page, channel, np.random.default_rng(i)) for i, page in enumerate(pages)]
    frames = [Image.fromarray(one.grey).convert("1", dither=Image.Dither.NONE) for one in received]
    out = io.BytesIO()
    dpi = (channel.x_dpi, channel.y_dpi)
    frames[0].save(out, "TIFF", save_all=True, append_images=frames[1:], compression="group4", dpi=dpi)
    return out.getvalue()


def test_a_faxed_confirmation_names_its_referral_and_answer() -> None:
    reading = read(a_fax([a_ticked_form()], Channel(y_dpi=98.0, skew=2.0)), "fax.tif", OPTIONS)
    [document] = reading.documents
    assert document.kind is DocumentKind.CONFIRMATION
    assert document.code is not None
    assert (document.code.number, document.code.verified) == (NUMBER, True)
    assert [box for box, answer in document.answers.items() if answer.value] == [AnswerId.ACCEPTED_WAITING]
    assert document.doubts == ()
    assert document.text == ""


def test_a_key_that_is_not_ours_leaves_the_code_unverified() -> None:
    reading = read(a_fax([a_ticked_form()], Channel()), "fax.tif", ReadOptions(keys=(b"another clinic",)))
    assert reading.documents[0].code is not None
    assert not reading.documents[0].code.verified


@pytest.mark.parametrize("is_upside_down", [False, True])
def test_a_letter_is_recognised_either_way_up(is_upside_down: bool) -> None:
    channel = Channel(skew=1.0, is_upside_down=is_upside_down)
    reading = read(a_fax([a_letter()], channel), "fax.tif", OPTIONS)
    assert reading.pages[0].rotation == (180 if is_upside_down else 0)
    [document] = reading.documents
    assert document.kind is DocumentKind.CONSULT_NOTE
    patient = next(person for person in document.people if person.role is Role.PATIENT)
    assert (patient.family, patient.given, patient.birth_date) == ("Doe", "Jane", date(1961, 3, 4))


def test_a_blank_page_is_flagged_not_dropped() -> None:
    reading = read(a_fax([a_ticked_form(), np.full_like(draw_blank(), 255)], Channel()), "fax.tif", OPTIONS)
    assert [page.is_blank for page in reading.pages] == [False, True]
    assert sorted(page for document in reading.documents for page in document.pages) == [0, 1]


def test_when_time_is_up_the_form_is_still_kept_and_the_rest_is_said() -> None:
    hurried = ReadOptions(keys=(SAMPLE_KEY,), written=date(2026, 11, 24), max_recognised_pages=0)
    reading = read(a_fax([a_ticked_form(), a_letter()], Channel()), "fax.tif", hurried)
    assert "1 of 2 pages were not read" in reading.error
    assert reading.documents[0].answers[AnswerId.ACCEPTED_WAITING].value


def test_pages_read_side_by_side_say_what_they_say_one_after_the_other() -> None:
    fax = a_fax([a_ticked_form(), a_letter(), np.full_like(draw_blank(), 255), a_letter()], Channel())
    heard: list[int] = []
    together = read(fax, "fax.tif", replace(OPTIONS, pages_at_once=3), lambda done, _: heard.append(done))
    assert heard == [1, 2, 3, 4]
    assert replace(together, seconds=0) == replace(read(fax, "fax.tif", OPTIONS), seconds=0)


def test_pages_beyond_the_limit_are_said() -> None:
    few = ReadOptions(keys=(SAMPLE_KEY,), max_pages=1)
    reading = read(a_fax([a_ticked_form()] * 3, Channel()), "fax.tif", few)
    assert reading.error.startswith("only the first 1 of 3 pages")


def test_what_is_no_document_is_an_error_and_no_document() -> None:
    reading = read(b"\x7fELF\2\1\1\0\0\0\0", "invoice.pdf", OPTIONS)
    assert reading.documents == ()
    assert "ask for PDF or TIFF" in reading.error


def test_a_broken_attachment_does_not_lose_the_mail() -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "desk@ortho.example", "referrals@clinic.example", "Re: referral"
    mail.set_content("We have booked Jane Doe for Thursday 12/3/2026 at 2:30 pm.")
    mail.add_attachment(b"%PDF-1.4 and nothing more", maintype="application", subtype="pdf", filename="note.pdf")
    reading = read(mail.as_bytes(), "mail.eml", OPTIONS)
    assert "2:30" in reading.documents[0].text
    assert reading.error or any(document.doubts for document in reading.documents)


def test_an_archive_is_taken_for_one_even_if_its_document_lies_bare_in_it() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("note.pdf", b"%PDF-1.4\nPatient: Maria Garcia")
    reading = read(packed.getvalue(), "note.zip", ReadOptions())
    assert reading.documents == ()
    assert reading.media_type == "application/zip"
    assert reading.error.startswith("note.pdf: the PDF cannot be opened")


def test_a_page_of_html_is_read_as_a_person_sees_it() -> None:
    page = b"<!DOCTYPE html><html><script>evil()</script><p>Patient no-showed today.</p></html>"
    [document] = read(page, "portal.html", ReadOptions()).documents
    assert document.text == "Patient no-showed today."


def test_rich_text_is_told_of() -> None:
    assert "RTF" in read(b"{\\rtf1 Patient: Maria Garcia}", "note.rtf", ReadOptions()).error
