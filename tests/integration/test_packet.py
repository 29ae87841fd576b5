"""A packet as it leaves: read back from the very bytes that go out, at both fax resolutions."""

import io
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pypdfium2
import pytest
import zxingcpp
from numpy.typing import NDArray
from PIL import Image, ImageSequence

from config.form import FormSpec, Rect, load_form
from config.reference import SAMPLE_KEY, decode_page, format_number, mint_number
from config.vocabulary import Channel
from outbound.content import Addressee, ChecklistItem, Enclosure, PacketContent, Sender, Subject
from outbound.packet import build_packet, draw_pdf
from outbound.sample import sample_content, write_cover_sample

Grey = NDArray[np.uint8]
LONG_NAME = "The Reverend Josephine K. Whitmore Memorial Neighborhood Clinic for Families and Older Adults of the North"


def a_content(**changes: Any) -> PacketContent:
    content = PacketContent(
        sender=Sender("Maple Clinic", "12 Maple St", "+15085550100", "+15085550101", "a@maple.example", "US/Eastern"),
        addressee=Addressee("Bayview Cardiology", "+16175550199"),
        subject=Subject("Łukaszewicz", "Nguyễn", date(1952, 3, 11), mrn="778812", phone="+15085550123"),
        number=mint_number([3, 1, 4, 1, 5, 9, 26]),
        transmission=1,
        code_key=SAMPLE_KEY,
        clinician="Helen Marsh, MD",
        clinician_npi="1245319599",
        clinician_phone="+15085550102",
        specialty="cardiology",
        service="specialist consult",
        question="Exertional chest tightness for three weeks.",
        urgency="urgent",
        respond_by=datetime(2026, 3, 4, 22, 0, tzinfo=UTC),
        built_at=datetime(2026, 3, 2, 22, 30, tzinfo=UTC),
        icd10=("R07.89", "I10"),
        checklist=(ChecklistItem("ECG", is_enclosed=False), ChecklistItem("Recent labs", is_enclosed=True)),
    )
    return replace(content, **changes)


def fax_pages(content: PacketContent, folder: Path) -> list[Grey]:
    with Image.open(build_packet(content, folder).path) as tiff:
        return [np.asarray(frame.convert("L")) for frame in ImageSequence.Iterator(tiff)]


def page_texts(content: PacketContent) -> list[str]:
    with pypdfium2.PdfDocument(draw_pdf(content)[0]) as pdf:
        return [page.get_textpage().get_text_range() for page in pdf]


def symbols(page: Grey, y_dpi: int) -> dict[str, str]:
    """What a decoder finds on the page made square."""
    square = Image.fromarray(page).resize((page.shape[1], round(page.shape[0] * 204 / y_dpi)), Image.Resampling.NEAREST)
    formats: Any = [zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.PDF417]  # its stub misses lists
    return {str(found.format): found.text for found in zxingcpp.read_barcodes(np.asarray(square), formats=formats)}


@pytest.mark.parametrize(("step", "y_dpi"), [(1, 196), (2, 98)])
def test_both_codes_of_every_page_are_read_from_the_fax(tmp_path: Path, step: int, y_dpi: int) -> None:
    content = a_content(question="Please see this patient. " * 250)
    pages = fax_pages(content, tmp_path)
    assert len(pages) == 4
    for number, page in enumerate(pages, 1):
        found = symbols(page[::step], y_dpi)
        assert len(found) == 2, f"page {number}: {found}"
        for text in found.values():
            code = decode_page(text, [SAMPLE_KEY])
            assert code is not None
            assert (code.number, code.transmission, code.page, code.pages) == (content.number, 1, number, 4)
            assert code.verified


def test_the_fax_is_what_a_modem_takes_as_it_is(tmp_path: Path) -> None:
    path = build_packet(a_content(), tmp_path).path
    assert path.read_bytes()[:4] == b"II*\0"
    with Image.open(path) as tiff:
        for number, frame in enumerate(ImageSequence.Iterator(tiff)):
            tags: Any = frame.tag_v2  # pyright: ignore[reportAttributeAccessIssue]
            assert (frame.width, frame.height, frame.mode) == (1728, 2156, "1")
            assert {tag: tags[tag] for tag in (254, 259, 262, 266, 296)} == {254: 2, 259: 4, 262: 0, 266: 1, 296: 2}
            assert (tags[282], tags[283]) == (204, 196)
            assert len(tags[273]) == 1
            assert tags[297] == (number, 2)
            assert np.asarray(frame).mean() > 0.8  # mostly white, not a negative


def test_the_printed_form_stands_where_its_geometry_says(tmp_path: Path) -> None:
    form, page = load_form(), fax_pages(a_content(), tmp_path)[0]
    for mark in form.marks:
        assert darkness(page, form, mark.rect, 0.4) > 0.97
    cells = [cell for comb in form.combs for cell in comb.cells]
    for rect in (*(box.rect for box in form.boxes), *cells):
        assert darkness(page, form, rect, 1.3) < 0.005, "something is printed inside"
        edges = (Rect(rect.x, rect.y, rect.w, 0.5), Rect(rect.x, rect.y, 0.5, rect.h))
        assert all(darkness(page, form, edge, 0.0) > 0.5 for edge in edges)
    for zone in form.zones:
        above = Rect(zone.rect.x, zone.rect.y, zone.rect.w, zone.rect.h - 1)
        assert darkness(page, form, above, 0.2) < 0.01, zone.id


def darkness(page: Grey, form: FormSpec, rect: Rect, inside_mm: float) -> float:
    x, y = page.shape[1] / form.page_mm[0], page.shape[0] / form.page_mm[1]
    rows = slice(round((rect.y + inside_mm) * y), round((rect.bottom - inside_mm) * y))
    columns = slice(round((rect.x + inside_mm) * x), round((rect.right - inside_mm) * x))
    return float((page[rows, columns] < 128).mean())


def test_the_cover_tells_the_desk_what_to_do() -> None:
    cover = page_texts(a_content())[0]
    for words in (
        "(508) 555-0101",
        "a@maple.example",
        "Wednesday, March 4, 2026, 5:00 PM EST",
        "2 pages in all",
        "ECG",
    ):
        assert words in cover
    assert format_number(a_content().number) in cover
    assert "Recent labs" not in cover
    assert "SECOND REQUEST" not in cover
    assert "SECOND REQUEST" in page_texts(a_content(is_second_request=True))[0]


def test_every_page_carries_the_senders_header_line() -> None:
    texts = page_texts(a_content(question="Please see. " * 400, sender=replace(a_content().sender, name=LONG_NAME)))
    for number, text in enumerate(texts, 1):
        for words in ("03/02/2026 17:30 EST", "The Reverend", "+15085550101", f"Page {number} of {len(texts)}"):
            assert words in text


def test_the_cover_shows_only_as_much_identity_as_the_clinic_allows(tmp_path: Path) -> None:
    image = tmp_path / "scan.png"
    Image.new("L", (200, 200), 200).save(image)
    named = Enclosure(image, "LUKASZEWICZ_Nguyen 1952-03-11 MRN778812 lukaszewicznguyen labs.png", "image/png")
    shy = page_texts(a_content(enclosures=(named,)))[0]
    for secret in ("ukaszewicz", "UKASZEWICZ", "Nguy", "778812 ", "03-11"):
        assert secret not in shy
    assert "Patient N. Ł. born 1952" in shy
    assert "labs" in shy
    assert "1952" not in page_texts(a_content(identity="none"))[0]
    assert "Nguyễn Łukaszewicz, born 03/11/1952" in page_texts(a_content(identity="full"))[0]


def test_the_letter_says_everything_and_again_whose_it_is_on_a_later_page() -> None:
    subject = replace(a_content().subject, insurance="Medicare 1EG4", address="18 Elm St", sex="F", language="Polish")
    texts = page_texts(a_content(subject=subject, question="Please see. " * 500))
    for words in ("Nguyễn Łukaszewicz", "03/11/1952", "778812", "Medicare 1EG4", "18 Elm St", "R07.89, I10", "Polish"):
        assert words in texts[1]
    assert "Nguyễn Łukaszewicz, born 03/11/1952" in texts[2]
    assert "Helen Marsh, MD" in texts[-1]


@pytest.mark.parametrize("identity", ["initials", "full", "none"])
def test_long_and_odd_names_stay_on_the_page_and_off_the_codes(tmp_path: Path, identity: str) -> None:
    long = a_content(
        sender=Sender(LONG_NAME, LONG_NAME, "+15085550100", "+15085550101", f"{'x' * 60}@{'y' * 60}.example", "UTC"),
        addressee=Addressee(LONG_NAME, "+16175550199", LONG_NAME[::-1]),
        subject=Subject("Wolfeschlegelsteinhausenbergerdorff" * 3, "Nguye\u0302\u0303n\x07\t", date(1952, 3, 11)),
        clinician=LONG_NAME,
        specialty=LONG_NAME,
        service=LONG_NAME,
        identity=identity,
        checklist=tuple(ChecklistItem(LONG_NAME, is_enclosed=False) for _ in range(9)),
    )
    pages = fax_pages(long, tmp_path)
    form = load_form()
    for page in pages:
        assert len(symbols(page[::2], 98)) == 2
        right = Rect(form.page_mm[0] - 8.5, 0, 8, form.page_mm[1])
        assert darkness(page, form, right, 0.0) == 0


def test_the_same_content_gives_the_same_bytes(tmp_path: Path) -> None:
    for channel in (Channel.FAX, Channel.EMAIL):
        first, again = (build_packet(a_content(channel=channel), tmp_path).path.read_bytes() for _ in range(2))
        assert first == again


def test_mail_gets_a_pdf_with_its_own_faces_and_nothing_that_runs(tmp_path: Path) -> None:
    packet = build_packet(a_content(channel=Channel.EMAIL), tmp_path)
    assert (packet.media_type, packet.pages) == ("application/pdf", 2)
    with pikepdf.open(packet.path) as pdf:
        assert len(pdf.pages) == 2
        assert "/Names" not in pdf.Root
        assert "/OpenAction" not in pdf.Root
        assert "/OutputIntents" in pdf.Root
        assert pdf.open_metadata()["pdfaid:part"] == "2"
        for page in pdf.pages:
            for font in dict(page.resources.Font).values():
                assert "/FontFile2" in font.FontDescriptor
    assert "Łukaszewicz" not in packet.subject + packet.body


def test_a_locked_pdf_opens_only_with_its_password(tmp_path: Path) -> None:
    packet = build_packet(a_content(channel=Channel.EMAIL, password="maple-7712"), tmp_path)
    for wrong in ("", "maple", packet.reference):
        with pytest.raises(pikepdf.PasswordError):
            pikepdf.open(packet.path, password=wrong)
    with pikepdf.open(packet.path, password="maple-7712") as pdf:
        assert (pdf.encryption.R, pdf.encryption.bits) == (6, 256)
        assert len(pdf.pages) == 2


def test_a_number_test_is_one_page_that_names_no_patient(tmp_path: Path) -> None:
    content = a_content(is_number_test=True)
    assert build_packet(content, tmp_path).pages == 1
    (text,) = page_texts(content)
    assert "(617) 555-0199" in text
    assert "(508) 555-0101" in text
    for secret in ("ukaszewicz", "N. Ł.", "1952", "778812", "chest", "R07", "cardiology,"):
        assert secret not in text


def test_samples_vary_and_repeat(tmp_path: Path) -> None:
    samples = [sample_content(seed) for seed in range(40)]
    assert len({sample.number for sample in samples}) == 40
    assert {sample.urgency for sample in samples} == {"emergent", "urgent", "routine"}
    assert len({sample.specialty for sample in samples}) > 8
    told = write_cover_sample(7, tmp_path / "a.pdf")
    assert told == write_cover_sample(7, tmp_path / "b.pdf")
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()
    with pypdfium2.PdfDocument(io.BytesIO((tmp_path / "a.pdf").read_bytes())) as pdf:
        assert len(pdf) == 1
        assert told["referral"]["printed_number"] in pdf[0].get_textpage().get_text_range()
