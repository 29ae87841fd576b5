"""The log: one event a line, ids only, safe to ship anywhere.

Libraries that log what passes through them (mails, URLs with numbers in them) are held to warnings, and a
traceback is reduced to its type and place, because an exception's text may quote a patient.
"""

import logging
import sys
from types import TracebackType

from pythonjsonlogger.json import JsonFormatter

_QUIET = ("aioimaplib", "aiosmtplib", "apscheduler", "asyncio", "pdfminer", "PIL", "urllib3", "uvicorn", "watchfiles")
_PLAIN = "%(asctime)s %(levelname)s %(name)s %(message)s"


def set_up_logging(level: str, style: str) -> None:
    """Send the log to standard error, as JSON lines or as text."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json() if style == "json" else _Text(_PLAIN))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(level)))


def where(trace: TracebackType | None) -> str:
    """The innermost frame, as file:line."""
    place = ""
    while trace is not None:
        place = f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


class _Json(JsonFormatter):
    def __init__(self) -> None:
        super().__init__(_PLAIN, rename_fields={"asctime": "at", "levelname": "level", "name": "logger"})

    def formatException(self, ei: object) -> str:  # noqa: N802 - logging's own name
        """The exception's type and place, never its text."""
        return _reduced(ei)


class _Text(logging.Formatter):
    def formatException(self, ei: object) -> str:  # noqa: N802 - logging's own name
        """The exception's type and place, never its text."""
        return _reduced(ei)

    def format(self, record: logging.LogRecord) -> str:
        """One line, with the ids behind the message."""
        extra = {name: value for name, value in record.__dict__.items() if name not in _USUAL}
        told = "".join(f" {name}={value}" for name, value in extra.items())
        return (super().format(record) + told).replace("\n", " | ")


_USUAL = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


def _reduced(ei: object) -> str:
    if isinstance(ei, tuple) and len(ei) == 3 and ei[0] is not None:
        return f"{ei[0].__name__} at {where(ei[2])}"
    return ""
