"""Zip archives: what is in them is read within limits; bombs, locks, links and odd names are sentences."""

import io
import struct
import zipfile
from email.message import EmailMessage

import pytest

from parsers.archive import ArchiveLimits, members
from parsers.errors import DamagedFile, EncryptedFile, LimitExceeded
from parsers.leaves import leaf
from parsers.options import ReadOptions
from parsers.picture import picture
from parsers.read import read
from tests.rigs.active_files import a_docx, a_pdf, a_program, a_zip

TEXT = b"Thank you for referring Jane Doe, born 3/4/1961. Impression: atypical chest pain. Plan: stress test."


def locked(data: bytes) -> bytes:
    """The archive with every member marked as encrypted."""
    changed = bytearray(data)
    for signature, place in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        at = changed.find(signature)
        while at >= 0:
            flags = struct.unpack_from("<H", changed, at + place)[0]
            struct.pack_into("<H", changed, at + place, flags | 1)
            at = changed.find(signature, at + 4)
    return bytes(changed)


def test_documents_in_an_archive_are_read_and_it_is_listed() -> None:
    reading = read(a_zip({"in/letter.txt": TEXT, "scan.pdf": a_pdf(), "word.docx": a_docx()}), "all.zip", ReadOptions())
    assert reading.error == ""
    assert [document.attachment for document in reading.documents] == ["letter.txt", "scan.pdf", "word.docx"]
    assert sorted(page.index for page in reading.pages) == [0, 1, 2]
    assert all("chest pain" in document.text.lower() for document in reading.documents)
    listed = next(one.value for one in reading.documents[0].fields if one.name == "archive_holds")
    assert listed == "3 files: letter.txt; scan.pdf; word.docx"


def test_a_page_in_an_archive_is_drawn_by_its_number() -> None:
    data = a_zip({"letter.txt": TEXT, "bad.pdf": b"%PDF-1.7 nothing", "deep.zip": a_zip({"scan.pdf": a_pdf()})})
    reading = read(data, "all.zip", ReadOptions())
    place = next(page.index for page in reading.pages if page.origin and page.origin.value == "ocr")
    assert leaf(data, place).scan.grey.size > 1_000_000
    assert picture(data, place, 0).startswith(b"\x89PNG")


def test_an_archive_attached_to_a_mail_is_read_too() -> None:
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "desk@harbor.example", "Report"
    mail.set_content("Please see attached.")
    mail.add_attachment(a_zip({"scan.pdf": a_pdf()}), maintype="application", subtype="zip", filename="all.zip")
    reading = read(mail.as_bytes(), "mail", ReadOptions())
    assert any("chest pain" in document.text.lower() for document in reading.documents)
    place = next(page.index for page in reading.pages)
    assert leaf(mail.as_bytes(), place).scan.grey.size > 1_000_000


def test_one_bad_member_is_said_and_the_others_are_read() -> None:
    reading = read(a_zip({"setup.exe": a_program(), "letter.txt": TEXT}), "all.zip", ReadOptions())
    assert len(reading.documents) == 1
    assert "setup.exe: a program" in reading.error
    assert "setup.exe: a Windows program" in reading.active


def test_a_bomb_is_stopped_by_what_comes_out_and_not_by_what_its_directory_says() -> None:
    bomb = bytearray(a_zip({"zeros.txt": b"0" * (60 << 20)}))
    place = bomb.find(b"PK\1\2")
    struct.pack_into("<I", bomb, place + 24, 10)  # the directory claims ten bytes
    [member] = members(bytes(bomb))
    assert member.data == b"" or len(member.data) <= 10
    assert member.error
    [honest] = members(a_zip({"zeros.txt": b"0" * (60 << 20)}))
    assert "far more than its size" in honest.error


def test_many_members_share_one_allowance() -> None:
    noise = bytes(range(256)) * 400
    limits = ArchiveLimits(all_bytes=250_000)
    found = list(members(a_zip({f"{n}.bin": noise for n in range(5)}), limits))
    assert [bool(one.error) for one in found] == [False, False, True, True, True]


def test_too_many_files_are_not_unpacked() -> None:
    with pytest.raises(LimitExceeded, match="more than 200 files"):
        list(members(a_zip({f"{n}.txt": b"x" for n in range(201)})))


def test_archives_are_opened_two_deep_and_no_deeper() -> None:
    deep = a_zip({"three.zip": a_zip({"letter.txt": TEXT})})
    assert read(deep, "all.zip", ReadOptions()).documents
    deeper = read(a_zip({"four.zip": deep}), "all.zip", ReadOptions())
    assert deeper.documents == ()
    assert "an archive within archives" in deeper.error


def test_an_archive_that_holds_itself_ends() -> None:
    mail = EmailMessage()
    mail.set_content("x")
    inner = a_zip({"letter.txt": TEXT})
    for level in range(6):
        wrapped = EmailMessage()
        wrapped["From"], wrapped["Subject"] = "a@b.example", str(level)
        wrapped.set_content("see")
        wrapped.add_attachment(inner, maintype="application", subtype="zip", filename="x.zip")
        inner = a_zip({"mail.eml": wrapped.as_bytes()})
    assert "an archive within archives" in read(inner, "all.zip", ReadOptions()).error


@pytest.mark.parametrize("name", ["../../etc/cron.d/evil.txt", "/etc/passwd", "C:\\Windows\\evil.txt", "a/../../b.txt"])
def test_a_name_that_points_elsewhere_is_only_a_name(name: str) -> None:
    [member] = members(a_zip({name: TEXT}))
    assert "/" not in member.name
    assert "\\" not in member.name
    assert ".." not in member.name
    assert member.data == TEXT


def test_a_link_is_not_followed() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("letter.txt")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    [member] = members(out.getvalue())
    assert "link" in member.error


def test_an_archive_with_a_password_says_so_and_what_it_holds() -> None:
    data = locked(a_zip({"letter.pdf": a_pdf()}))
    with pytest.raises(EncryptedFile, match=r"needs a password.*letter\.pdf"):
        list(members(data))
    assert "needs a password" in read(data, "all.zip", ReadOptions()).error


@pytest.mark.parametrize("data", [b"PK\3\4", b"PK\3\4" + bytes(100), a_zip({"letter.txt": TEXT})[:-30]])
def test_a_damaged_archive_is_a_sentence(data: bytes) -> None:
    assert "damaged" in read(data, "all.zip", ReadOptions()).error


def test_an_empty_archive_and_clutter_are_nothing() -> None:
    with pytest.raises(DamagedFile, match="empty"):
        list(members(a_zip({"__MACOSX/._letter": b"x", ".DS_Store": b"x"})))


def test_a_damaged_member_does_not_hide_the_next() -> None:
    data = bytearray(a_zip({"a.txt": bytes(range(256)) * 30, "b.txt": TEXT}))
    data[60:80] = bytes(20)
    first, second = members(bytes(data))
    assert first.error
    assert second.data == TEXT
