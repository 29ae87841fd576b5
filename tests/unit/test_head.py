"""The head of a page is read first; the rest only where it has not said enough."""

import io

import numpy as np
import pytest
from PIL import Image

from config.vocabulary import DocumentKind
from parsers.head import Head, arranged, told
from parsers.line_finder import Cell
from parsers.ocr.line_reader import LineText
from parsers.ocr.tesseract import Word
from parsers.options import ReadOptions
from parsers.places import place_of_date, place_of_name, place_of_number
from parsers.raster import Grey, for_recognition, turn
from parsers.read import read
from parsers.reading import Reading, Role
from tests.unit.lines_of_print import a_page_of

BODY = ("The lungs are clear and the heart has a regular rhythm.",) * 24
REPORT = (
    ("Harborview Cardiology",),
    ("CONSULTATION NOTE",),
    ("Patient: Okafor, Maria", "", "DOB: 04/23/1961"),
    ("MRN: 46140425", "", "Date of service: 11/03/2026"),
    ("Referring provider: Otto Brandt, MD",),
    ("Reason for consultation: chest pain.",),
    ("History of present illness: six weeks of chest pain on exertion.",),
    *((line,) for line in BODY),
    ("Assessment and plan: stable angina. Margin words: zebrawood.",),
)


def as_read(page: Grey) -> Reading:
    out = io.BytesIO()
    Image.fromarray(page).convert("1", dither=Image.Dither.NONE).save(out, "TIFF", compression="group4", dpi=(204, 204))
    return read(out.getvalue(), "page.tif", ReadOptions())


@pytest.mark.parametrize("degrees", [0, 180])
def test_a_report_whose_head_says_enough_is_read_no_further_either_way_up(degrees: int) -> None:
    reading = as_read(turn(a_page_of(*REPORT), degrees))
    (page,), (document,) = reading.pages, reading.documents
    assert page.is_head_only
    assert page.rotation == degrees
    assert "zebrawood" not in page.text
    assert document.kind is DocumentKind.CONSULT_NOTE
    (patient,) = [one for one in document.people if one.role is Role.PATIENT]
    assert (patient.family, patient.given, patient.mrn) == ("Okafor", "Maria", "46140425")


def test_a_page_whose_head_leaves_something_open_is_read_whole() -> None:
    without_birth_date = [row if "DOB" not in str(row) else ("Patient: Okafor, Maria",) for row in REPORT]
    (page,) = as_read(a_page_of(*without_birth_date)).pages
    assert not page.is_head_only
    assert "zebrawood" in page.text


def test_a_letter_that_asks_for_something_is_read_whole() -> None:
    (page,) = as_read(
        a_page_of(
            ("Harborview Cardiology",),
            ("Patient: Okafor, Maria", "", "DOB: 04/23/1961"),
            ("MRN: 46140425",),
            ("Date: 11/03/2026",),
            ("Dear Dr. Brandt,",),
            ("We cannot accept this referral: it is outside of our scope.",),
            ("Sincerely,",),
        )
    ).pages
    assert not page.is_head_only
    assert "outside of our scope" in page.text


def test_a_value_that_was_read_has_its_place_on_the_page() -> None:
    drawn = a_page_of(*REPORT)
    (page,) = as_read(drawn).pages
    name = place_of_name([page], "Maria", "Okafor")
    assert name is not None
    assert name.y * drawn.shape[0] == pytest.approx(150 + 2 * 52, abs=20)
    (patient,) = [one for one in as_read(drawn).documents[0].people if one.role is Role.PATIENT]
    assert patient.birth_date is not None
    born, record = place_of_date([page], patient.birth_date), place_of_number([page], "46140425")
    assert born is not None
    assert record is not None
    assert born.y < record.y
    assert place_of_name([page], "Nobody", "Else") is None
    assert place_of_number([page], "12") is None


def test_an_upside_down_head_is_unsure() -> None:
    page = a_page_of(*REPORT)
    upright = Head.of(for_recognition(page, is_bilevel=True)).sureness
    assert upright > Head.of(for_recognition(turn(page, 180), is_bilevel=True)).sureness + 0.2


def test_a_cell_in_which_nothing_was_recognised_is_read_by_the_other_eye() -> None:
    from parsers.key_lines import second_look

    page = a_page_of(("Patient: Okafor, Maria",), ("DOB: 04/23/1961",))
    head = Head.of(for_recognition(page, is_bilevel=True))
    cell = head.lines[0][0]
    words = [Word("Patient: Okafor, Maria", 0.95, cell.x, cell.y, cell.w, cell.h, (1, 1, 1))]
    lines = arranged(words, head.lines, page.shape[0])
    assert [line.text for line in lines] == ["Patient: Okafor, Maria", ""]
    assert "04/23/1961" in second_look(lines, head.strips)[1].text.replace(" ", "")


def test_running_text_that_was_badly_read_is_read_again_where_the_page_does_not_name_its_kind() -> None:
    page = a_page_of(("MEMO",), ("We cannot accept this referral: it is outside of our scope.",))
    head = Head.of(for_recognition(page, is_bilevel=True))
    memo, running = (line[0] for line in head.lines)
    words = [
        Word("MEMO", 0.95, memo.x, memo.y, memo.w, memo.h, (1, 1, 1)),
        Word("Wc canuot accopt thls reterrai: lt ls outsido ot our scopc", 0.8, *_place(running), (1, 1, 2)),
    ]
    lines = arranged(words, head.lines, page.shape[0])
    assert "outside of our scope" in told(lines, head.strips)[1].text
    assert (
        told(lines, head.strips, "CONSULTATION NOTE\nHistory of present illness: cough\nAssessment and plan: rest")[
            1
        ].text
        == words[1].text
    )


def test_words_that_another_recogniser_reads_alike_in_the_head_are_sure() -> None:
    page = a_page_of(*REPORT)
    head = Head.of(for_recognition(page, is_bilevel=True))
    head.read_on()
    line = next(cells for cells in head.lines if "Okafor" in head.strips.text(cells[0]).text)
    cell = line[0]
    head.strips.read[cell] = LineText(
        "Patient: Okafor, Maria", 0.7, (("Patient:", 0.9), ("Okafor,", 0.7), ("Maria", 0.7))
    )
    words = [
        Word(text, 0.9, cell.x + 90 * at, cell.y, 80, cell.h, (1, 1, 1)) for at, text in enumerate(("Okafor,", "Mario"))
    ]
    said = head.checked(words)
    at = next(number for number, text in enumerate(said.text.split("\n")) if "Okafor" in text)
    assert said.sureness.of_name(at, "Okafor") > 0.85
    assert said.sureness.of_name(at, "Maria") == 0.7


def _place(cell: Cell) -> tuple[int, int, int, int]:
    return cell.x, cell.y, cell.w, cell.h


def test_a_blank_page_has_no_head() -> None:
    head = Head.of(for_recognition(np.full((2244, 1734), 255, dtype=np.uint8), is_bilevel=True))
    assert head.sureness == 0.0
    head.read_on()
    assert not head.is_enough
