"""One fax of several documents is taken apart where a page says so, and nowhere else."""

from config.reference import PageCode
from parsers.reading import Page
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


def test_every_page_is_in_exactly_one_run() -> None:
    pages = [Page(i, text) for i, text in enumerate(["", "Dear Dr. Lee", "Page 1 of 2", "RE: x", "", "Page 1 of 1"])]
    assert sorted(index for run in runs(*pages) for index in run) == list(range(6))
