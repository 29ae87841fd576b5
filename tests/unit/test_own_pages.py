from config.reference import PageCode
from config.vocabulary import DocumentKind
from parsers.assemble import assemble
from parsers.page import ReadPage
from parsers.reading import Origin, Page

NOTE = """HARBOR CARDIOLOGY
Consultation report
Patient: Jane Doe   DOB: 03/04/1961
Thank you for referring this patient, whom I saw in consultation today.
Assessment: atypical chest pain. Plan: stress echocardiogram, continue aspirin."""


def a_page(index: int, text: str, code_page: int = 0) -> ReadPage:
    codes = (PageCode(1, "4K7M92XQ", 1, code_page, 3, verified=True),) if code_page else ()
    return ReadPage(Page(index, text, Origin.OCR, codes=codes))


def test_a_note_of_their_own_is_a_report() -> None:
    [document] = assemble([a_page(0, NOTE)], None)
    assert document.kind is DocumentKind.CONSULT_NOTE


def test_an_old_note_we_enclosed_is_no_report_when_it_comes_back() -> None:
    [document] = assemble([a_page(0, NOTE, code_page=3)], None)
    assert document.kind is DocumentKind.OTHER
    assert "our own packet" in document.doubts[0]


def test_their_note_behind_our_pages_is_still_theirs() -> None:
    documents = assemble([a_page(0, "Referral letter", code_page=2), a_page(1, NOTE)], None)
    assert DocumentKind.CONSULT_NOTE in {document.kind for document in documents}
