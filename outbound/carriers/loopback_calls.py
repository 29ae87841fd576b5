"""One call on the loopback exchange: placed once a key, carried once, its pages counted and cut.

Both steps run under the exchange's lock and may be repeated after a crash at any point between them.
"""

import hashlib
import io
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

from outbound.carriers.loopback_exchange import Exchange
from outbound.carriers.loopback_script import Fate
from outbound.sender import Cause


@dataclass(frozen=True, slots=True)
class Call:
    """The durable record of a call: who faxes whom, and how it goes. Times are ISO 8601 with an offset."""

    caller: str
    number: str
    key: str
    station_id: str
    placed_at: str
    pages: int
    packet_reference: str = ""
    ordinal: int = 0
    cause: str = Cause.NONE.value
    pages_landing: int = 0
    is_silent: bool = False
    late_seconds: float = 0.0
    is_cancelled: bool = False

    @property
    def reference(self) -> str:
        """The call's name, made from its key alone, so that a key names one call."""
        return reference_of(self.key)


def reference_of(key: str) -> str:
    """The reference under which a key is placed."""
    return f"LB-{hashlib.sha256(key.encode()).hexdigest()[:32]}"


def call_of(record: dict[str, object]) -> Call:
    """The call a record was written from."""
    return Call(**record)  # pyright: ignore[reportArgumentType] - the record is asdict of a Call


def place(exchange: Exchange, call: Call, data: bytes, fate_of: Callable[[int], Fate]) -> Call:
    """Make the call durable with the fate of its turn, unless its key was placed before; returns what holds.

    Raises:
        OSError: nothing holds, unless the record can be found afterwards.
    """
    with exchange.locked():
        if (record := exchange.record(call.reference)) is not None:
            return call_of(record)
        ordinal = exchange.calls_to(call.number) + 1
        fate = fate_of(ordinal)
        placed = replace(
            call,
            ordinal=ordinal,
            cause=fate.cause.value,
            pages_landing=fate.pages,
            is_silent=fate.is_silent,
            late_seconds=fate.late_seconds,
        )
        exchange.place(call.number, call.reference, asdict(placed), data)
        return placed


def carry(exchange: Exchange, call: Call) -> None:
    """Land the call's pages in the tray it was made to, if they have not landed before."""
    if call.pages_landing == 0:
        return
    with exchange.locked():
        if exchange.has_landed(call.number, call.reference):
            return
        data = exchange.pages_of(call.number, call.reference)
        is_partial = call.pages_landing < call.pages
        sidecar: dict[str, object] = {
            "from": call.caller,
            "to": call.number,
            "station_id": call.station_id,
            "received_at": call.placed_at,
            "pages": call.pages_landing,
            "partial": is_partial,
            "key": call.key,
            "reference": call.reference,
            "packet_reference": call.packet_reference,
            "line": "SIMULATED",
        }
        whole = first_pages(data, call.pages_landing) if is_partial else data
        exchange.land(call.number, call.reference, sidecar, whole)


def first_pages(tiff: bytes, pages: int) -> bytes:
    """The first pages of a fax, coded again in group 4 with the same pixels and resolution."""
    from PIL import Image, ImageSequence

    with Image.open(io.BytesIO(tiff), formats=["TIFF"]) as image:
        dpi = image.info.get("dpi", (204, 196))
        kept = [page.convert("1") for _, page in zip(range(pages), ImageSequence.Iterator(image), strict=False)]
    out = io.BytesIO()
    kept[0].save(out, format="TIFF", compression="group4", dpi=dpi, save_all=True, append_images=kept[1:])
    return out.getvalue()
