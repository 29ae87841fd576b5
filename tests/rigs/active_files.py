"""Files that could act when a person opens them, each with what it holds; none does anything."""

import io
import zipfile

import pikepdf
from PIL import Image, ImageDraw, ImageFont

LETTER = "Patient: Doe, Jane\nDOB: 03/04/1961\nThank you for referring her.\nImpression: atypical chest pain."


def a_pdf(change: object = None) -> bytes:
    """One page of a letter; `change` is called with the document before it is saved."""
    picture = Image.new("L", (1700, 2200), 255)
    ImageDraw.Draw(picture).multiline_text((150, 200), LETTER, font=ImageFont.load_default(48), fill=0, spacing=24)
    out = io.BytesIO()
    picture.save(out, "PDF", resolution=200)
    with pikepdf.open(io.BytesIO(out.getvalue())) as document:
        if callable(change):
            change(document)
        saved = io.BytesIO()
        document.save(saved, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return saved.getvalue()


def with_javascript(document: pikepdf.Pdf) -> None:
    document.Root.OpenAction = pikepdf.Dictionary(
        S=pikepdf.Name("/JavaScript"), JS=pikepdf.String("app.launchURL('http://evil.example')")
    )


def with_launch(document: pikepdf.Pdf) -> None:
    action = pikepdf.Dictionary(S=pikepdf.Name("/Launch"), F=pikepdf.String("cmd.exe"))
    link = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=pikepdf.Array([0, 0, 100, 100]), A=action
    )
    document.pages[0].Annots = pikepdf.Array([link])


def with_embedded_file(document: pikepdf.Pdf) -> None:
    document.attachments["invoice.exe"] = b"MZ" + bytes(200)


def as_portfolio(document: pikepdf.Pdf) -> None:
    with_embedded_file(document)
    document.Root.Collection = pikepdf.Dictionary(View=pikepdf.Name("/D"))


def a_docx(*, extra: dict[str, bytes] | None = None) -> bytes:
    """A Word document with a letter in it, and more members."""
    text = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in LETTER.split("\n"))
    members = {
        "[Content_Types].xml": b"<Types/>",
        "word/document.xml": f"<w:document><w:body>{text}</w:body></w:document>".encode(),
        **(extra or {}),
    }
    return a_zip(members)


def a_zip(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def a_program() -> bytes:
    """What a Windows program begins with."""
    return b"MZ" + bytes(58) + (64).to_bytes(4, "little") + b"PE\0\0" + bytes(200)


def an_old_word_file() -> bytes:
    """A compound file whose directory names a macro project."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "_VBA_PROJECT".encode("utf-16-le") + bytes(512)
