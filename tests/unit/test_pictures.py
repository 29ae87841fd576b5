"""Pages for people's eyes: found again by the index their Reading gave them, upright, and cut out where they stand."""

import io
from email.message import EmailMessage

import numpy as np
import pytest
from PIL import Image

from parsers.errors import ParseError
from parsers.leaves import leaf
from parsers.options import ReadOptions
from parsers.picture import cut_out, picture
from parsers.read import read


def a_page(shade: int, size: tuple[int, int] = (850, 1100)) -> Image.Image:
    """White with a dark corner at the top left, whose depth tells pages apart."""
    grey = np.full((size[1], size[0]), 255, dtype=np.uint8)
    grey[: size[1] // 4, : size[0] // 4] = shade
    return Image.fromarray(grey)


def a_file(form: str, *shades: int) -> bytes:
    out = io.BytesIO()
    first, *rest = (a_page(shade) for shade in shades)
    if form == "PNG":
        first.save(out, format=form)
    else:
        first.save(out, format=form, save_all=True, append_images=rest)
    return out.getvalue()


def corner(png: bytes) -> int:
    """The shade of the top left."""
    with Image.open(io.BytesIO(png)) as page:
        return int(np.asarray(page.convert("L"))[20, 20])


def a_mail(*attachments: tuple[str, str, bytes]) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@x.example", "b@y.example", "report"
    mail.set_content("Please find the report attached. Kind regards, the front desk of the office.")
    for name, kind, data in attachments:
        main, _, sub = kind.partition("/")
        mail.add_attachment(data, maintype=main, subtype=sub, filename=name)
    return mail.as_bytes()


@pytest.mark.parametrize("form", ["TIFF", "PDF"])
def test_each_page_of_a_file_is_drawn_by_its_index(form: str) -> None:
    data = a_file(form, 17, 102)
    assert abs(corner(picture(data, 0, 0)) - 17) < 20
    assert abs(corner(picture(data, 1, 0)) - 102) < 20
    with pytest.raises(ParseError):
        picture(data, 2, 0)


def test_a_page_is_turned_clockwise_and_stays_square() -> None:
    png = picture(a_file("PNG", 17), 0, 90)
    with Image.open(io.BytesIO(png)) as page:
        grey = np.asarray(page.convert("L"))
        assert page.width > page.height
        assert page.info.get("transparency") is None
    assert (grey[20, 20], grey[20, -20]) == (255, 17)


def test_pages_of_a_mails_attachments_are_found_by_the_count_that_numbered_them() -> None:
    mail = a_mail(
        ("first.pdf", "application/pdf", a_file("PDF", 17, 34)),
        ("broken.tif", "image/tiff", b"II*\0" + b"\0" * 30),
        ("last.tif", "image/tiff", a_file("TIFF", 102)),
    )
    pages = read(mail, "mail", ReadOptions(max_recognised_pages=0)).pages
    assert [page.index for page in pages] == [0, 1, 2]
    assert [
        abs(corner(picture(mail, page.index, 0)) - shade) < 20 for page, shade in zip(pages, (17, 34, 102), strict=True)
    ]
    with pytest.raises(ParseError):
        leaf(mail, 3)


def test_text_has_no_picture_and_says_so() -> None:
    with pytest.raises(ParseError, match="no picture"):
        leaf(b"only words\n", 0)


def test_a_spot_is_cut_out_where_it_stands() -> None:
    page = picture(a_file("PNG", 17), 0, 0)
    with Image.open(io.BytesIO(cut_out(page, (0.2, 0.2, 0.1, 0.1)))) as cut:
        grey = np.asarray(cut.convert("L"))
    with Image.open(io.BytesIO(page)) as whole:
        assert abs(cut.width - whole.width / 10) <= 1
    assert (grey[0, 0], grey[-1, -1]) == (17, 255)


def test_a_giant_page_is_no_wider_than_a_fax_line() -> None:
    out = io.BytesIO()
    a_page(17, (3400, 4400)).save(out, format="PNG", dpi=(400, 400))
    with Image.open(io.BytesIO(picture(out.getvalue(), 0, 0))) as page:
        assert page.width == 1728
