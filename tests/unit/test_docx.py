"""A Word file's words come out; a bomb does not go off."""

import zipfile
from io import BytesIO

import pytest

from parsers.docx import docx_text
from parsers.errors import DamagedFile, LimitExceeded


def a_file(**members: bytes) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(f"word/{name}.xml", data)
    return out.getvalue()


def test_paragraphs_cells_and_headers_are_read() -> None:
    body = (
        b"<w:p><w:r><w:t>Patient: Ana &amp; Co</w:t></w:r></w:p><w:tr><w:tc><w:p><w:r><w:t>DOB</w:t></w:r></w:p></w:tc>"
        b'<w:tc><w:p><w:r><w:t xml:space="preserve">3/4/61</w:t></w:r></w:p></w:tc></w:tr>'
        b"<w:del><w:r><w:t>gone</w:t></w:r></w:del>"
    )
    text = docx_text(a_file(document=body, header1=b"<w:p><w:r><w:t>Valley</w:t></w:r></w:p>"))
    assert text.split("\n")[0] == "Valley"
    assert "Patient: Ana & Co" in text
    assert "DOB\t3/4/61" in text
    assert "gone" not in text


def test_a_bomb_is_refused() -> None:
    with pytest.raises(LimitExceeded):
        docx_text(a_file(document=b"<w:t>" + b"0" * 30_000_000))


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04junk", a_file(other=b"x"), a_file(document=b"x")[:-30]])
def test_a_damaged_file_says_so(data: bytes) -> None:
    with pytest.raises(DamagedFile):
        docx_text(data)


def test_no_entity_is_expanded() -> None:
    body = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><w:t>&e;</w:t>'
    assert docx_text(a_file(document=body)) == "&e;"
