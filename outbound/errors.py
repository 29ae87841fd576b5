"""What can go wrong on the way out. Expected carrier outcomes are values, not these."""


class OutboundError(Exception):
    """Root of this package's errors; the message is shown to staff."""


class UnusableAttachment(OutboundError):
    """An attachment cannot become pages: replace it with a PDF, TIFF, JPEG or PNG."""


class ConverterMissing(OutboundError):
    """A DOCX needs LibreOffice, which is not installed: install it or attach a PDF."""


class CarrierMisconfigured(OutboundError):
    """The carrier's settings cannot work: the message names the key and the fix."""
