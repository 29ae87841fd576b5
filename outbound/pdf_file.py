"""The PDF that goes out by email: embedded faces and metadata as PDF/A asks, or locked with a password.

A locked file cannot be PDF/A, which forbids encryption. Conformance is not certified by a validator here.
"""

import io
import struct

import pikepdf

_ICC_DATE = slice(24, 36)  # ICC.1 specification, profile header: dateTimeNumber


def finish_pdf(pdf: bytes, *, title: str, password: str) -> bytes:
    """Add XMP metadata and an output intent, or encrypt with AES-256."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        with document.open_metadata(set_pikepdf_as_editor=False) as metadata:
            metadata["dc:title"] = title
            metadata["pdf:Producer"] = "Referloop"
            if not password:
                metadata["pdfaid:part"] = "2"
                metadata["pdfaid:conformance"] = "B"
        if password:
            document.save(
                out,
                encryption=pikepdf.Encryption(
                    user=password, owner=password, R=6, allow=pikepdf.Permissions(extract=True)
                ),
            )
            return out.getvalue()
        document.Root.OutputIntents = pikepdf.Array([_grey_intent(document)])
        document.save(out, deterministic_id=True, min_version="1.7")
    return out.getvalue()


def _grey_intent(document: pikepdf.Pdf) -> pikepdf.Object:
    from PIL import ImageCms

    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    # The profile says to the second when it was made: the same packet would be other bytes a second later.
    profile[_ICC_DATE] = struct.pack(">6H", 2000, 1, 1, 0, 0, 0)
    stream = document.make_stream(bytes(profile), N=3)
    return pikepdf.Dictionary(
        Type=pikepdf.Name.OutputIntent,
        S=pikepdf.Name("/GTS_PDFA1"),
        OutputConditionIdentifier=pikepdf.String("sRGB"),
        DestOutputProfile=stream,
    )
