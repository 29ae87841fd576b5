"""What people type, as settings want it. Each raises ValueError that says what to write instead."""

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from gateway.errors import ReferloopError
from gateway.services.access.passwords import refuse_weak
from gateway.services.phone import to_e164
from outbound.mail_message import is_address


def phone(typed: str) -> str:
    """In E.164, however it is written."""
    return to_e164(typed)


def address(typed: str) -> str:
    """One mail address."""
    if not is_address(typed):
        raise ValueError("write one plain mail address, like referrals@clinic.example")
    return typed


def zone(typed: str) -> str:
    """An IANA zone."""
    try:
        ZoneInfo(typed)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("no such time zone: write one like America/Chicago") from error
    return typed


def port(typed: str) -> int:
    """A TCP port."""
    if not typed.isdigit() or not 1 <= int(typed) <= 65535:
        raise ValueError("a port is a number from 1 to 65535")
    return int(typed)


def file(typed: str) -> str:
    """An absolute path of a file that is there."""
    path = Path(typed)
    if not path.is_absolute() or not path.is_file():
        raise ValueError(f"there is no file {typed}: write its whole path")
    return typed


def beginning(typed: str) -> str:
    """From when on a mailbox is read."""
    try:
        return typed if typed in ("now", "all") else date.fromisoformat(typed).isoformat()
    except ValueError as error:
        raise ValueError("write now, all, or a date like 2026-01-31") from error


def names(typed: str) -> list[str]:
    """Names with commas between."""
    return [name.strip() for name in typed.split(",") if name.strip()]


def strong(typed: str) -> str:
    """A password that will do."""
    try:
        refuse_weak(typed, "")
    except ReferloopError as error:
        raise ValueError(str(error)) from error
    return typed


def local_zone() -> str:
    """The zone of this machine, if it says."""
    try:
        place = str(Path("/etc/localtime").resolve())
        return zone(place.partition("/zoneinfo/")[2])
    except (OSError, ValueError):
        return "America/New_York"
