"""Handing one packet to a cloud carrier, the same for each: look, commit, send once, look again if nobody answered."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from outbound.errors import CarrierBusy, CarrierRefused, CarrierSilent, CarrierTrouble
from outbound.fax_pdf import fax_pdf
from outbound.sender import Accepted, Commit, Deferred, Outcome, Packet, Refused, Unknown

_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_KEY = r"[A-Za-z0-9._-]{1,80}"
_ID = r"[A-Za-z0-9-]{1,64}"


@dataclass(frozen=True, slots=True)
class CloudReference:
    """How a packet is named: by our key alone until the carrier gave its id. Neither holds a slash."""

    prefix: str  # two letters, the carrier's
    key: str
    id: str = ""

    def __str__(self) -> str:
        return f"{self.prefix}/{self.id}/{self.key}"


def read_reference(prefix: str, text: str) -> CloudReference | None:
    """The reference that was written so; None if we never wrote it."""
    found = re.fullmatch(rf"{prefix}/({_ID})?/({_KEY})", text, re.ASCII)
    return CloudReference(prefix, found[2], found[1] or "") if found else None


def is_id(text: str) -> bool:
    """Whether a carrier's id is one that may stand in a path and name a file."""
    return re.fullmatch(_ID, text, re.ASCII) is not None


class CloudSending(Protocol):
    """What of a cloud carrier differs. Each method raises CarrierTrouble."""

    prefix: str

    async def post(self, pdf: bytes, to: str, key: str) -> str:
        """Hand the packet over, once; the carrier's id."""
        ...

    async def id_of(self, key: str, to: str = "") -> str | None:
        """The id of what was handed over under `key`, perhaps to that number; None if none is listed."""
        ...


async def hand_over(carrier: CloudSending, packet: Packet, to: str, key: str, commit: Commit) -> Outcome:
    """Send `packet` unless its key is known at the carrier.

    Raises:
        ValueError: the key would not come back from the carrier as it went in.
    """
    if not re.fullmatch(_KEY, key, re.ASCII):
        raise ValueError("a key is letters, digits, dots, underscores and hyphens")
    if not _NUMBER.fullmatch(to):
        return Refused(f"{to!r} is not a fax number in E.164")
    pdf = await asyncio.to_thread(_pdf, packet.path)
    if not isinstance(pdf, bytes):
        return pdf
    try:
        known = await carrier.id_of(key, to)
    except CarrierTrouble as trouble:
        return _nothing_sent(trouble)
    if known is not None:
        await commit(str(CloudReference(carrier.prefix, key, known)))
        return Accepted(str(CloudReference(carrier.prefix, key, known)))
    await commit(str(CloudReference(carrier.prefix, key)))
    return await _post(carrier, pdf, to, key)


async def _post(carrier: CloudSending, pdf: bytes, to: str, key: str) -> Outcome:
    try:
        found = await carrier.post(pdf, to, key)
    except CarrierSilent as silence:
        return await _was_it_taken(lambda: carrier.id_of(key, to), carrier.prefix, key, silence)
    except CarrierTrouble as trouble:
        return _nothing_sent(trouble)
    return Accepted(str(CloudReference(carrier.prefix, key, found)))


async def _was_it_taken(
    id_of: Callable[[], Awaitable[str | None]], prefix: str, key: str, silence: CarrierSilent
) -> Outcome:
    """A yes of the carrier's list is sure; a no so soon is not."""
    try:
        found = await id_of()
    except CarrierTrouble:
        found = None
    if found is None:
        return Unknown(f"nobody knows whether the carrier took it: {silence}")
    return Accepted(str(CloudReference(prefix, key, found)))


def _pdf(tiff: Path) -> bytes | Deferred | Refused:
    try:
        return fax_pdf(tiff)[0]
    except ValueError as error:
        return Refused(f"the packet is not a fax: {error}")
    except OSError as error:
        return Deferred(f"the packet could not be read: {error.strerror}")


def _nothing_sent(trouble: CarrierTrouble) -> Deferred | Refused:
    match trouble:
        case CarrierBusy():
            return Deferred(str(trouble), trouble.retry_after_s)
        case CarrierRefused():
            return Refused(str(trouble))
        case _:
            return Deferred(str(trouble))
