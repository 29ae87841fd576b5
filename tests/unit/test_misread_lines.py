"""What bad lines make of names, labels, dates and tables, and who is meant all the same."""

from datetime import date

import pytest

from parsers.fields import read_fields
from parsers.key_lines import Line
from parsers.line_finder import Cell
from parsers.mend import mend
from parsers.names import Name, parse_name
from parsers.ocr.tesseract import Word
from parsers.reading import Person, Role

WRITTEN = date(2026, 11, 20)


def patient(text: str) -> Person:
    lines = "\n".join(mend(line) for line in text.split("\n"))
    return next(one for one in read_fields(lines, WRITTEN).people if one.role is Role.PATIENT)


@pytest.mark.parametrize(
    ("read", "name"),
    [
        ("MEHTA. LAKSHMI A", Name("Mehta", "Lakshmi", "A")),
        ("Mitchell, .Rashid M.", Name("Mitchell", "Rashid", "M")),
        ("Papadopoulos JII, Olufemi", Name("Papadopoulos", "Olufemi", suffix="III")),
        ("CARLOS JOHNSON IR", Name("Johnson", "Carlos", suffix="Jr")),
        ("DMITRi LEE BELL", Name("Bell", "Dmitri", "Lee")),
        ("Wm. Smith", Name("Smith", "Wm")),
        ("Li. Ethan", Name("Li", "Ethan")),
    ],
)
def test_a_name_survives_slips_in_what_stands_around_its_letters(read: str, name: Name) -> None:
    assert parse_name(read) == name


@pytest.mark.parametrize(
    ("read", "given"),
    [("Petrov, loana Sr.", "Ioana"), ("lan Petrov", "Ian"), ("Garcia, luis", "Luis"), ("lopez, ana", "Ana")],
)
def test_a_small_l_that_begins_a_name_among_capitals_is_an_i(read: str, given: str) -> None:
    assert patient(f"Patient Name: {read}\nDOB: 10/31/1966").given == given


@pytest.mark.parametrize(
    ("read", "mrn"),
    [
        ("Sex: M MRN/f MR21362321", "MR21362321"),
        ("MRN#t M1234567", "M1234567"),
        ("MRN: E 78778542", "E-78778542"),
        ("Rec #: M51750666", "M51750666"),
        ("Chart #1 MR51837540", "MR51837540"),
        ("MRN NO.I M62257018", "M62257018"),
        ("Chart ##1 36278562", "36278562"),
    ],
)
def test_a_record_number_is_found_behind_a_misread_label(read: str, mrn: str) -> None:
    assert patient(f"Patient: Ruiz, Ana\n{read}").mrn == mrn


@pytest.mark.parametrize(
    ("read", "born"),
    [
        ("D.O.K.: 02.14.2019", date(2019, 2, 14)),
        ("Bintth Date: November 15, 1949", date(1949, 11, 15)),
        ("Date of Birth: (0/22/2012", date(2012, 10, 22)),
        ("Date of Birth: 05-27 65", date(1965, 5, 27)),
        ("DOB: 10/3171966", date(1966, 10, 31)),
        ("DOB 0314-31", date(1931, 3, 14)),
        ("DOB: 03-141931", date(1931, 3, 14)),
    ],
)
def test_a_birth_date_is_found_in_spite_of_a_lost_separator_or_label(read: str, born: date) -> None:
    assert patient(f"Patient: Ruiz, Ana\n{read}").birth_date == born


def test_a_line_that_begins_with_the_particle_of_a_family_name_loses_nothing_of_it() -> None:
    who = patient("van der Berg, Deshawn Lee Birthdate: 11/30/2011 Chart #: M61802512\nProgress Note")
    assert (who.family, who.given, who.middle) == ("van der Berg", "Deshawn", "Lee")


def test_nobody_is_sure_of_a_birth_date_that_had_to_be_mended() -> None:
    assert patient("Patient: Ruiz, Ana\nDOB: 10/31/1966").confidence > 0.9
    assert patient("Patient: Ruiz, Ana\nDOB: 10/3171966").confidence < 0.85


def test_a_heading_of_two_words_that_are_labels_is_no_table_over_a_line_with_labels_of_its_own() -> None:
    assert patient("REFERRAL RECEIVED\nRe: April Al-Sayed, Birth Date: 12/06/31").birth_date == date(1931, 12, 6)


@pytest.mark.parametrize(
    "head",
    [
        "Patient NameDOB MRNVisit Date",
        "PatientDate of BirthMRNDate of ervice",
        "Patient Date of Birth MRNDate of Service",
    ],
)
def test_a_tables_head_whose_columns_ran_together_is_still_one(head: str) -> None:
    who = patient(f"CONSULTATION REPORT\n{head}\nQuintero, Thanh 09/05/1976 99643782 10/05/2026")
    assert (who.family, who.given, who.birth_date, who.mrn) == ("Quintero", "Thanh", date(1976, 9, 5), "99643782")


def test_dust_between_a_tables_head_and_its_row_is_passed_over() -> None:
    text = "Patient   DOB   MRN\no\n27702\nFELDMAN, LINDA LEE   06/23/1934   5156870"
    assert (patient(text).family, patient(text).mrn) == ("Feldman", "5156870")


def test_a_row_under_a_tables_head_names_its_patient_once() -> None:
    row = "Patient   DOB   MRN\nX. LAKSHMI A   03/31/1960   MR44418688"
    assert all(one.family != "Lak" for one in read_fields(row, WRITTEN).people)


def _line(*places: tuple[str, int, int]) -> Line:
    words = [Word(text, 0.9, x, 0, w, 20, (0, 0, 0)) for text, x, w in places]
    return Line(tuple((word,) for word in words), tuple(Cell(word.x, 0, word.w, 20) for word in words), 20)


def test_a_monospaced_space_parts_words_and_three_part_columns() -> None:
    assert _line(("Hassan M.", 0, 144), ("Bell", 174, 64)).text == "Hassan M. Bell"
    assert _line(("Hassan M.", 0, 144), ("Bell", 200, 64)).text == "Hassan M.   Bell"
