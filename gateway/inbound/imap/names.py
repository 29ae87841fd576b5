"""Folder names and strings as IMAP writes them (RFC 3501, sections 4.3 and 5.1.3)."""

import base64
import re

_SHIFTED = re.compile(r"[^\x20-\x7e]+")


def quoted(text: str) -> str:
    """A quoted string; line breaks, which would start another command, are refused.

    Raises:
        ValueError: it holds a line break or NUL.
    """
    if any(char in text for char in "\r\n\0"):
        raise ValueError("a user name, password or folder name in mail.imap holds a line break: take it out")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def folder_argument(name: str) -> str:
    """A folder name in modified UTF-7, quoted: `Fax In` and `Télécopies` as servers know them."""
    return quoted(_SHIFTED.sub(_shift, name.replace("&", "&-")))


def _shift(match: re.Match[str]) -> str:
    packed = base64.b64encode(match[0].encode("utf-16-be")).decode().rstrip("=")
    return "&" + packed.replace("/", ",") + "-"
