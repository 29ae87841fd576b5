"""The log: one event a line, ids only, safe to ship anywhere.

Our own messages are constants with ids beside them. What others bring, libraries that log what passes through them
and exceptions whose text may quote a patient, is held to warnings and reduced to type and place.
"""

import logging
import sys
import threading
from types import TracebackType

from pythonjsonlogger.json import JsonFormatter

_QUIET = (
    "aioimaplib",
    "aiosmtplib",
    "alembic",
    "apscheduler",
    "asyncio",
    "fontTools",
    "httpcore",
    "httpx",
    "pdfminer",
    "PIL",
    "requests",
    "sqlalchemy",
    "twilio",
    "urllib3",
    "uvicorn",
    "watchfiles",
)
_PLAIN = "%(asctime)s %(levelname)s %(name)s %(message)s"
_log = logging.getLogger(__name__)


def set_up_logging(level: str, style: str) -> None:
    """Send the log to standard error, as JSON lines or as text, and with it what would end the process."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json() if style == "json" else _Text(_PLAIN))
    handler.addFilter(_first_line_only)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.raiseExceptions = False  # a record that cannot be written must not show itself by another way
    least = max(logging.WARNING, logging.getLogger().level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(least)
    sys.excepthook = _log_crash
    threading.excepthook = _log_thread_crash


def reduced(error: BaseException) -> str:
    """The exception's type and place, and those of what caused it or what it groups; never its text."""
    said = f"{type(error).__name__} at {_where(error.__traceback__)}"
    if isinstance(error, BaseExceptionGroup):
        return f"{said}: " + ", ".join(reduced(inner) for inner in error.exceptions)
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return f"{said} from {reduced(cause)}" if cause else said


def _where(trace: TracebackType | None) -> str:
    """The innermost frame, as file:line."""
    place = "?"
    while trace is not None:
        place = f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


def _first_line_only(record: logging.LogRecord) -> bool:
    """Asyncio writes the failed task, exception text and all, on further lines of its message."""
    if record.name == "asyncio":
        record.msg, record.args = str(record.msg).partition("\n")[0], None
    return True


def _log_crash(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    _log.critical("crashed", extra={"action": "crash"}, exc_info=(kind, error, trace))


def _log_thread_crash(crash: threading.ExceptHookArgs) -> None:
    if crash.exc_value is not None:
        _log_crash(crash.exc_type, crash.exc_value, crash.exc_traceback)


def _reduced_info(info: object) -> str:
    return reduced(info[1]) if isinstance(info, tuple) and isinstance(info[1], BaseException) else ""


class _Json(JsonFormatter):
    def __init__(self) -> None:
        names = {"asctime": "at", "levelname": "level", "name": "logger", "exc_info": "error_at"}
        super().__init__(_PLAIN, rename_fields=names)

    def formatException(self, ei: object) -> str:  # noqa: N802 - logging's own name
        return _reduced_info(ei)


class _Text(logging.Formatter):
    def formatException(self, ei: object) -> str:  # noqa: N802 - logging's own name
        return _reduced_info(ei)

    def format(self, record: logging.LogRecord) -> str:
        """One line, with the ids behind the message."""
        extra = {name: value for name, value in record.__dict__.items() if name not in _USUAL}
        told = "".join(f" {name}={value}" for name, value in extra.items())
        return " | ".join((super().format(record) + told).splitlines())


_USUAL = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
