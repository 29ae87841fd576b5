"""Files and mails made to hurt whoever reads them, each small and each for another reason."""

import io
import struct
import zlib


def a_pdf(objects: list[bytes]) -> bytes:
    out = io.BytesIO()
    out.write(b"%PDF-1.7\n")
    places: list[int] = []
    for number, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n" % number + body + b"\nendobj\n")
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start))
    return out.getvalue()


def a_page_with(content: bytes, more: list[bytes], resources: bytes = b"<< >>") -> bytes:
    return a_pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources " + resources + b" >>",
            content,
            *more,
        ]
    )


def a_stream(data: bytes, extra: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n" % (len(data), extra) + data + b"\nendstream"


def flate_bomb(megabytes: int = 1_200) -> bytes:
    """So many MB of drawing orders in a thousandth of that: one squeezed block, again and again."""
    orders, squeeze, check = b"0 0 m 1 1 l S " * 75_000, zlib.compressobj(9), 1
    block = squeeze.compress(orders) + squeeze.flush(zlib.Z_FULL_FLUSH)
    for _ in range(megabytes):
        check = zlib.adler32(orders, check)
    packed = block + block[2:] * (megabytes - 1) + b"\x03\x00" + struct.pack(">I", check)
    return a_page_with(a_stream(packed, b"/Filter /FlateDecode"), [])


def nested_forms() -> bytes:
    """Nine forms, each drawing the next ten times: a billion draws from a small file."""
    forms: list[bytes] = []
    for level in range(9):
        head = b"/Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources << /XObject << /X %d 0 R >> >>" % (
            level + 6
        )
        forms.append(a_stream(b"/X Do " * 10, head))
    last = a_stream(b"0 0 100 100 re f", b"/Type /XObject /Subtype /Form /BBox [0 0 612 792]")
    return a_page_with(a_stream(b"/X Do " * 10), [*forms, last], b"<< /XObject << /X 5 0 R >> >>")


def endless_tiff(side_px: int = 40_000) -> bytes:
    """One Group 4 page that claims to be a square of so many pixels a side."""
    entries = [
        (256, 4, side_px),
        (257, 4, side_px),
        (258, 3, 1),
        (259, 3, 4),
        (262, 3, 0),
        (273, 4, 8),
        (278, 4, side_px),
        (279, 4, 64),
    ]
    body = b"\0" * 64
    directory = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", t, k, 1, v) for t, k, v in entries)
    return b"II*\0" + struct.pack("<I", 8 + len(body)) + body + directory + b"\0\0\0\0"


def encoded_subject() -> bytes:
    """A subject of 840 kB of encoded words."""
    return b"From: a@b.example\r\nSubject: " + b"=?utf-8?q?a=C3=A9?=\r\n " * 36_000 + b"\r\n\r\nbody\r\n"


def nested_parts() -> bytes:
    """2,000 multiparts, each in the one before."""
    head = b"From: a@b.example\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
    parts = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level) for level in range(2_000)
    )
    return head + parts + b"Content-Type: text/plain\r\n\r\nhello\r\n"
