"""One fax of several documents is taken apart where a page says so, and nowhere else."""

import pytest

from config.reference import PageCode
from parsers.assemble import assemble
from parsers.page import ReadPage
from parsers.reading import Page, Role
from parsers.split import split_pages


def code(number: str, page: int) -> PageCode:
    return PageCode(1, number, 1, page, 9, verified=True)


def runs(*pages: Page) -> list[tuple[int, ...]]:
    return [run.pages for run in split_pages(pages)]


A, B = "4K7M92XQ", "9T2B45WZ"
NOTE = "Valley Cardiology\nPatient: {} DOB: {}\nHPI: chest pain"


def test_one_page_is_one_document_without_a_reason() -> None:
    [run] = split_pages([Page(0, "hello")])
    assert (run.pages, run.reason) == ((0,), "")


def test_the_code_of_another_referral_begins_a_document() -> None:
    split = split_pages([Page(0, "x", codes=(code(A, 1),)), Page(1, "y", codes=(code(B, 1),))])
    assert [run.pages for run in split] == [(0,), (1,)]
    assert split[1].reason == "the code of another referral begins here"


def test_pages_of_one_code_out_of_order_belong_together() -> None:
    pages = (Page(0, "c", codes=(code(A, 3),)), Page(1, "z", codes=(code(B, 1),)), Page(2, "a", codes=(code(A, 1),)))
    assert runs(*pages) == [(2, 0), (1,)]


def test_another_patient_begins_a_document() -> None:
    pages = (
        Page(0, NOTE.format("Maria Garcia", "3/4/1961")),
        Page(1, "continued: she does well"),
        Page(2, NOTE.format("John Smith", "5/6/1970")),
    )
    assert runs(*pages) == [(0, 1), (2,)]


def test_the_same_patient_written_otherwise_does_not() -> None:
    assert runs(
        Page(0, NOTE.format("Maria Garcia", "3/4/1961")), Page(1, NOTE.format("GARCIA, MARIA T", "03/04/1961"))
    ) == [(0, 1)]


def test_a_blank_page_stays_with_what_it_follows() -> None:
    pages = (
        Page(0, NOTE.format("Maria Garcia", "3/4/1961")),
        Page(1, is_blank=True),
        Page(2, NOTE.format("John Smith", "5/6/1970")),
    )
    assert runs(*pages) == [(0, 1), (2,)]


def test_a_cover_sheet_goes_with_what_follows() -> None:
    cover = "FAX COVER SHEET\nTo: Clinic\nFrom: Valley\nPages: 3\nRe: records"
    assert runs(Page(0, cover), Page(1, NOTE.format("Maria Garcia", "3/4/1961"))) == [(0, 1)]


LETTER = "Valley Cardiology\n12 Elm St\n\nRE: {0}  DOB: {1}\n\nDear Dr. Marsh,\n{2}\n\nPage {3} of {4}"
MARIA, JOHN = ("Maria Garcia", "3/4/1961"), ("John Smith", "5/6/1970")
SECOND = "Valley Cardiology\nRE: Maria Garcia DOB: 3/4/1961\n(continued)\nPlan: echo. Page 2 of 3"
THIRD = "Valley Cardiology\nMaria Garcia\nSigned Dr. Lee\nPage 3 of 3"
COVERS = (
    "FAX COVER SHEET\nTo: Maple Street Clinic\nFrom: Valley / Kim Doe\nFax: 617-555-0199\nPages: 3\nRe: John Other",
    "facsimile transmittal\nTO: Dr. Lena Marsh\nFROM: Ana Ruiz\nPHONE: 508-555-0100\nDATE: 11/20/2026\nTOTAL PAGES: 2",
    "FAX\nDate: 11/20/2026\nNumber of pages: 2\nTo: Dr. Marsh\nFrom: Harbor Heart\nSubject: John Other",
)


def texts(*told: str) -> list[Page]:
    return [Page(index, text, is_blank=not text) for index, text in enumerate(told)]


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (2, 1, 0), (2, 0, 1)])
def test_pages_that_came_out_of_order_are_put_right_and_it_is_said(order: tuple[int, ...]) -> None:
    letter = (LETTER.format(*MARIA, "note", 1, 3), SECOND, THIRD)
    [run] = split_pages(texts(*(letter[place] for place in order)))
    assert [order[page] for page in run.pages] == [0, 1, 2]
    assert bool(run.reason) is (order != (0, 1, 2))
    assert run.doubts == ()


def test_a_page_missing_by_the_letters_own_count_is_a_doubt() -> None:
    [run] = split_pages(texts(LETTER.format(*MARIA, "note", 1, 3), THIRD))
    assert run.doubts == ("by its own count page 2 of 3 is missing",)


@pytest.mark.parametrize("cover", COVERS)
def test_a_strangers_cover_goes_with_its_letter_and_names_nobody(cover: str) -> None:
    pages = texts(cover, LETTER.format(*MARIA, "note", 1, 1), cover, LETTER.format(*JOHN, "note", 1, 1))
    split = split_pages(pages)
    assert [(run.pages, run.covers) for run in split] == [((0, 1), (0,)), ((2, 3), (2,))]
    documents = assemble([ReadPage(page) for page in pages], None)
    named = [{one.family for one in document.people if one.role is Role.PATIENT} for document in documents]
    assert named == [{"Garcia"}, {"Smith"}]


def test_a_blank_page_between_the_pages_of_a_letter_stays_where_it_was() -> None:
    assert runs(*texts(SECOND, "", LETTER.format(*MARIA, "note", 1, 3), THIRD)) == [(2, 0, 1, 3)]


def test_a_letters_own_header_on_its_second_page_begins_nothing() -> None:
    second = "RE: Maria Garcia\nNovember 18, 2026\nPage 2\nmore of the note"
    assert runs(*texts(LETTER.format(*MARIA, "note", 1, 2), second)) == [(0, 1)]


def test_two_letters_whose_pages_lie_between_each_other_are_told_apart() -> None:
    pages = (
        LETTER.format(*MARIA, "a", 1, 2),
        LETTER.format(*JOHN, "b", 1, 2),
        "Valley Cardiology\nRE: Maria Garcia DOB: 3/4/1961\nPage 2 of 2",
        "Valley Cardiology\nRE: John Smith DOB: 5/6/1970\nPage 2 of 2",
    )
    assert runs(*texts(*pages)) == [(0, 2), (1, 3)]


def test_two_letters_of_one_patient_stay_two() -> None:
    assert runs(*texts(LETTER.format(*MARIA, "a", 1, 1), LETTER.format(*MARIA, "b", 1, 1))) == [(0,), (1,)]


def test_the_count_in_a_machines_header_line_is_no_letters_count() -> None:
    header = "11/20/2026 09:14 FROM: VALLEY 5085550101 P. {}/2\n"
    pages = (header.format(1) + LETTER.format(*MARIA, "a", 1, 1), header.format(2) + LETTER.format(*JOHN, "b", 1, 1))
    assert runs(*texts(*pages)) == [(0,), (1,)]


def test_words_of_going_on_in_a_letter_do_not_join_it_to_the_one_before() -> None:
    other = "Lakeside Imaging\n\nDear Dr. Marsh,\nThe patient continued her medication. Page 1 of 1"
    assert runs(*texts(LETTER.format(*MARIA, "a", 1, 1), other)) == [(0,), (1,)]


def test_every_page_is_in_exactly_one_run() -> None:
    pages = [Page(i, text) for i, text in enumerate(["", "Dear Dr. Lee", "Page 1 of 2", "RE: x", "", "Page 1 of 1"])]
    assert sorted(index for run in runs(*pages) for index in run) == list(range(6))
