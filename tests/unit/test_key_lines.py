"""Key lines of a bad page: read again, and mended where labels and spaces were misread."""

import cv2
import numpy as np
import pytest

from parsers.fields import read_fields
from parsers.key_lines import first_look, joined, key_lines, lines_of, second_look
from parsers.mend import mend
from parsers.ocr.line_reader import read_line, words_of
from parsers.ocr.tesseract import Word
from parsers.raster import Grey
from parsers.reading import Role
from parsers.strips import Strips


def a_strip(text: str) -> Grey:
    strip = np.full((60, 30 + 22 * len(text)), 255, dtype=np.uint8)
    cv2.putText(strip, text, (12, 42), cv2.FONT_HERSHEY_SIMPLEX, 1.1, 0, 2, cv2.LINE_AA)
    return strip


def words(line: int, *texts: str, confidence: float = 0.5, gap: int = 10) -> list[Word]:
    found: list[Word] = []
    x = 12
    for text in texts:
        found.append(Word(text, confidence, x, 20 + 60 * line, 20 * len(text), 24, (1, 1, line)))
        x += 20 * len(text) + gap
    return found


def test_a_word_that_may_have_lost_one_of_two_equal_letters_is_not_sure() -> None:
    shares = np.full((5, 5), 1e-6, dtype=np.float32)
    for step, column in enumerate((1, 2, 3, 0, 3)):  # B e l, a gap, l
        shares[step, column] = 1.0
    assert words_of(shares, "Bel ")[0] == ("Bell", pytest.approx(1.0, abs=0.001))
    shares[3] = (0.55, 0, 0, 0.45, 0)
    assert words_of(shares, "Bel ")[0] == ("Bell", pytest.approx(0.55 / 0.8 * 0.85, abs=0.001))


@pytest.mark.parametrize("text", ["MRN: 46140425", "DOB: 09/20/1956", "Referral 4ZYJ-0XYN"])
def test_the_line_reader_reads_what_is_printed(text: str) -> None:
    found = read_line(a_strip(text))
    assert found.text.replace(" ", "") == text.replace(" ", "")
    assert found.confidence > 0.5


def test_an_empty_strip_says_nothing() -> None:
    assert read_line(np.full((40, 300), 255, dtype=np.uint8)).text == ""


def test_a_doubtful_key_line_is_read_again_and_a_sure_one_is_left() -> None:
    pixels = np.full((160, 700), 255, dtype=np.uint8)
    strip = a_strip("MRN: 46140425")
    pixels[: strip.shape[0], : strip.shape[1]] = strip
    doubtful = lines_of(words(0, "MRN:", "4614O4Z5"))
    assert "46140425" in second_look(doubtful, Strips(pixels))[0].text
    sure = lines_of(words(0, "MRN:", "12345", confidence=0.99))
    assert [line.text for line in second_look(sure, Strips(pixels))] == ["MRN: 12345"]


def test_a_short_line_at_the_head_that_was_hardly_read_is_read_again_whatever_it_says() -> None:
    pixels = np.full((400, 700), 255, dtype=np.uint8)
    strip = a_strip("MRN: 46140425")
    pixels[: strip.shape[0], : strip.shape[1]] = strip
    assert "46140425" in second_look(lines_of(words(0, "MBN;", "4614O4Z5")), Strips(pixels))[0].text
    below = [Word(word.text, word.confidence, word.x, 300, word.w, word.h, word.line) for word in words(0, "MBN;")]
    assert second_look(lines_of(below), Strips(pixels))[0].text == "MBN;"


def test_running_text_is_no_key_line_and_a_row_under_a_heading_is_one() -> None:
    lines = lines_of(
        words(0, "The", "lungs", "are", "clear")
        + words(1, "Patient", "Name", "DOB", gap=90)
        + words(2, "Ruiz,", "Ana", "03/04/1961", gap=90)
    )
    assert key_lines(lines) == [1, 2]


def test_columns_stay_apart_and_an_empty_line_stays_where_the_page_leaves_one() -> None:
    lines = lines_of(words(0, "Left", "Right", gap=90) + words(3, "Below"))
    assert joined(lines, first_look(lines)).text == "Left   Right\n\nBelow"


@pytest.mark.parametrize(
    ("misread", "printed"),
    [
        ("FE: Svetlana van der Berg", "RE: Svetlana van der Berg"),
        ("Paticnt: Fernandes, Ngozi", "Patient: Fernandes, Ngozi"),
        (".Patient: D'Angelo, Chloe", "Patient: D'Angelo, Chloe"),
        ("PATIENT: NAKAMURA. PATRICIA", "PATIENT: NAKAMURA, PATRICIA"),
        ("DOB: 03-30-62Sex: MMRN 21468831", "DOB: 03-30-62   Sex: M   MRN 21468831"),
        ("Re: LAKSHMI KIMDOB 1964-05-25", "Re: LAKSHMI KIM   DOB 1964-05-25"),
        ("Palicnt Name: Kaminski, Gerald T.", "Patient Name: Kaminski, Gerald T."),
        ("Patient Name: Baker III. Priya Marie", "Patient Name: Baker III, Priya Marie"),
        ("Patient: Guadalupe A RossiBirthdate: 2/21/1953", "Patient: Guadalupe A Rossi   Birthdate: 2/21/1953"),
        ("Ana Ruiz, DOß August 30, 1989", "Ana Ruiz, DOB August 30, 1989"),
        ("MEN No.: E-60134   Charl #: 46", "MRN No.: E-60134   Chart #: 46"),
        ("Medical Record #: M494359/", "Medical Record #: M4943597"),
        ("DOB: 12/5/1|985", "DOB: 12/5/1985"),
        ("Chart #: È-184645Your reference: 6D4F-AN02", "Chart #: E-184645   Your reference: 6D4F-AN02"),
    ],
)
def test_labels_and_lost_spaces_are_mended(misread: str, printed: str) -> None:
    assert mend(misread) == printed


@pytest.mark.parametrize(
    "line", ["Parent: Ana Ruiz", "Re: Ana M. Ruiz", "Mother: Ana Ruiz   DOB: 3/4/1961", "Specialist: Lee"]
)
def test_what_is_right_is_left_alone(line: str) -> None:
    assert mend(line) == line


def test_a_record_number_under_a_note_to_the_referring_office_is_the_patients() -> None:
    people = read_fields("NOTE TO REFERRING OFFICE\n\nRe: Ana Ruiz  DOB: 3/4/1961\nMRN: 68808257\n", None).people
    assert [one.mrn for one in people if one.role is Role.PATIENT] == ["68808257"]
