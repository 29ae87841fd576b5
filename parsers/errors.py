"""What can be wrong with a file. Each says what happened and what a person should do."""


class ParseError(Exception):
    """Root of this package's errors; the document goes to the queue with this text."""


class UnknownFormat(ParseError):
    """Not a format we read: look at the original, ask the sender for PDF or TIFF."""


class DamagedFile(ParseError):
    """The file breaks its own format's rules: ask the sender to send it again."""


class LimitExceeded(ParseError):
    """Too many pages, pixels, parts or seconds: a person opens the original with care."""


class EncryptedFile(ParseError):
    """Needs a password: ask the sender for it, or for an open copy."""


class EngineMissing(ParseError):
    """A recogniser is not installed: the message names the package to install."""
