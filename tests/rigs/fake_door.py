"""A door in memory: keeps what it is given, and can fail as a full disk does."""

from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from gateway.domain.arrival import Arrival, ArrivalState, Envelope
from gateway.errors import StorageFailed


class FakeDoor:
    """Remembers bytes by source id, in order."""

    def __init__(self) -> None:
        self.taken: dict[str, bytes] = {}
        self.envelopes: dict[str, Envelope] = {}
        self.received = 0
        self.failures_left = 0

    async def receive(self, source: bytes | Path, envelope: Envelope) -> Arrival:
        """As the door: durable or StorageFailed."""
        if self.failures_left:
            self.failures_left -= 1
            raise StorageFailed("no space left")
        data = source.read_bytes() if isinstance(source, Path) else source  # noqa: ASYNC240 - a rig
        self.received += 1
        self.taken.setdefault(envelope.source_id, data)
        self.envelopes.setdefault(envelope.source_id, envelope)
        now = datetime.now(UTC)
        return Arrival(self.received, sha256(data).hexdigest(), len(data), envelope, now, ArrivalState.RECEIVED)

    async def knows(self, source_id: str) -> bool:
        """Whether it was taken."""
        return source_id in self.taken

    @property
    def contents(self) -> list[bytes]:
        """What was taken, sorted: to compare with what was sent."""
        return sorted(self.taken.values())


class FakePlaces:
    """Remembers how far each source was read, as the store does."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    async def place(self, source: str) -> str:
        """What was kept, or empty."""
        return self.kept.get(source, "")

    async def keep_place(self, source: str, value: str) -> None:
        """Keep it."""
        self.kept[source] = value
