"""HylaFAX's receive queue: what waits there, fetched whole, and what of it is ours already.

Deleting a received fax needs HylaFAX's administrator. Without that password the faxes stay where they are, and a
list on our disk says which were taken.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from outbound.carriers.hylafax_notes import HookNote, HookNotes
from outbound.carriers.hylafax_server import HylafaxAccount, Waiting, logged_in
from outbound.carriers.taken import Taken
from outbound.sender import ReceivedFax

_HOOK_TAKES = timedelta(minutes=1)
_FILE = re.compile(r"fax[\w.-]+\.tif", re.ASCII)


@dataclass(frozen=True, slots=True)
class WaitingFax:
    """A fax in the queue under a name that no later one has: HylaFAX counts from 1 again in a new spool."""

    source_id: str
    listed: Waiting
    received_at: datetime


class ReceivedFaxes:
    """The receive queue as one reader sees it."""

    def __init__(self, account: HylafaxAccount, folder: Path, country: str) -> None:
        self._account = account
        self._notes = HookNotes(account.notes) if account.notes else None
        self._folder = folder
        self._taken = Taken(folder / "taken.txt")
        self._country = country
        self._times: dict[Waiting, datetime] = {}

    def waiting(self) -> list[WaitingFax]:
        """Faxes that came in whole or were cut off, not those coming in, nor those taken before; oldest first."""
        with logged_in(self._account) as server:
            listed = [one for one in server.received() if _FILE.fullmatch(one.file) and not one.is_coming_in]
            self._times = {one: self._times.get(one) or server.received_at(one.file) for one in listed}
        found = [_named(one, at) for one, at in self._times.items()]
        taken = self._taken.names()
        self._taken.keep_only({one.source_id for one in found})
        ours = [one for one in found if one.source_id not in taken and not self._awaits_note(one)]
        return sorted(ours, key=lambda one: (one.received_at, one.source_id))

    def _awaits_note(self, fax: WaitingFax) -> bool:
        """Whether the hook, which HylaFAX runs when a fax has ended, may still be at work."""
        is_fresh = datetime.now(UTC) - fax.received_at < _HOOK_TAKES
        return self._notes is not None and is_fresh and self._notes.of(fax.listed.file) is None

    def fetch(self, fax: WaitingFax) -> ReceivedFax:
        """Its bytes in our folder."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._folder / f"{fax.source_id}.tif"
        with logged_in(self._account) as server:
            server.download(fax.listed.file, path)
        note = (self._notes.of(fax.listed.file) if self._notes else None) or HookNote()
        return ReceivedFax(
            source_id=fax.source_id,
            path=path,
            sender_number=_e164(fax.listed.caller or note.caller, self._country),
            station_id=fax.listed.station_id,
            called_number=_e164(note.called, self._country),
            received_at=fax.received_at,
            is_partial=bool(fax.listed.error or note.error),
        )

    def forget(self, source_id: str) -> None:
        """It is durable with us."""
        if self._account.admin_password:
            with logged_in(self._account) as server:
                server.become_administrator(self._account.admin_password)
                server.delete(source_id.partition("@")[0])
        else:
            self._taken.add(source_id)
        if self._notes:
            self._notes.forget(source_id.partition("@")[0])
        (self._folder / f"{source_id}.tif").unlink(missing_ok=True)


def _named(listed: Waiting, at: datetime) -> WaitingFax:
    return WaitingFax(f"{listed.file}@{at:%Y%m%d%H%M%S}", listed, at)


def _e164(caller: str, country: str) -> str:
    """The caller's number in E.164; as it came if it is no number of a plan we know; empty if withheld."""
    import phonenumbers  # 30 MB of number plans

    if not any(char.isdigit() for char in caller):
        return ""
    try:
        number = phonenumbers.parse(caller, country or None)
    except phonenumbers.NumberParseException:
        return caller
    if not phonenumbers.is_possible_number(number):
        return caller
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
