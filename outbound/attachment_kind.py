"""What an attachment is, told by its bytes and not by its name. Opens nothing."""

PDF = "application/pdf"
TIFF = "image/tiff"
JPEG = "image/jpeg"
PNG = "image/png"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
KINDS = "PDF, TIFF, JPEG, PNG or DOCX"
"""What may be enclosed, in words."""


def kind_of(data: bytes) -> str:
    """The media type of what can become pages; empty for anything else."""
    if b"%PDF-" in data[:1024]:
        return PDF
    if data[:4] in (b"II*\0", b"MM\0*"):
        return TIFF
    if data.startswith(b"\xff\xd8\xff"):
        return JPEG
    if data.startswith(b"\x89PNG\r\n"):
        return PNG
    return DOCX if data.startswith(b"PK\x03\x04") and b"word/" in data else ""
