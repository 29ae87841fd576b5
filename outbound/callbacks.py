"""What carriers call us back with: one request, read and proven by its carrier's own file.

A callback is a hint with at best a signature. What is signed may say how a packet fares; what is not only makes us ask.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from outbound.sender import DeliveryStatus


@dataclass(frozen=True, slots=True)
class Callback:
    """One request as it came. `url` is the public one, by which the carrier called; header names are lower case."""

    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Told:
    """What a callback says.

    `status` is there only if the carrier's signature holds; without it the callback is a reason to ask. `answer` is
    what the carrier wants to hear, in XML; empty where it wants nothing.
    """

    key: str = ""  # our key of the packet it speaks of
    reference: str = ""  # under which that packet is found at the carrier
    status: DeliveryStatus | None = None
    brings_fax: bool = False
    answer: str = ""


@runtime_checkable
class CallbackReader(Protocol):
    """A carrier that calls back."""

    async def hear(self, callback: Callback) -> Told | None:
        """Read one callback; None refuses it: no signature, a wrong one, or one too old.

        What it announces of a received fax is durable when this returns.
        """
        ...
