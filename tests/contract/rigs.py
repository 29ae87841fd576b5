"""What the carrier contract needs of each carrier: a way to send through it and to see what arrived."""

import asyncio
import email
import email.policy
import io
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pikepdf
from PIL import Image, ImageDraw, ImageSequence

from outbound.carriers.fax_by_email import FaxByEmail, FaxService
from outbound.carriers.loopback import LoopbackFax
from outbound.mail import SmtpSender
from outbound.sender import Packet, Sender
from outbound.tiff_file import FaxTiff
from tests.integration.mail_server import Mailroom, mail_server
from tests.rigs.fax_line import THEIRS, fax_line
from tests.rigs.signalwire_server import signalwire_server
from tests.rigs.sinch_server import sinch_server
from tests.rigs.telnyx_server import telnyx_server


async def _at_once() -> None:
    """What was accepted has ended."""


@dataclass(frozen=True, slots=True)
class Rig:
    """A carrier in a known good state. `arrived` is what the recipient holds, oldest first, and `content` what counts
    of it: the very bytes, or on a fax line the dots of each page."""

    sender: Sender
    packet: Packet
    to: str
    nowhere: str  # a destination that can never work
    arrived: Callable[[], list[bytes]]
    reopen: Callable[[], Sender]  # a new object after a crash: same settings, nothing in memory
    go_down: Callable[[], Awaitable[None]]  # from now on the carrier takes nothing
    content: Callable[[bytes], object] = bytes
    settle: Callable[[], Awaitable[None]] = _at_once  # until what was accepted has ended
    names_it_in_its_answer: bool = False  # the reference that is committed is made of the key alone


def dots(fax: bytes) -> list[bytes]:
    """The pages of a fax, TIFF or PDF, as their dots."""
    if fax.startswith(b"%PDF"):
        with pikepdf.open(io.BytesIO(fax)) as pdf:
            images: list[Any] = [next(iter(page.get_images().values())) for page in pdf.pages]
            return [pikepdf.PdfImage(image).as_pil_image().convert("1").tobytes() for image in images]
    with Image.open(io.BytesIO(fax)) as image:
        return [frame.convert("1").tobytes() for frame in ImageSequence.Iterator(image)]


async def commit_nothing(reference: str) -> None:
    """A caller whose commit always succeeds."""
    assert reference


def tiff_pages(count: int, tag: int = 0) -> bytes:
    """A fax of `count` different pages, 1728 wide at 204x196."""
    pages = []
    for number in range(count):
        page = Image.new("1", (1728, 2156), 1)
        ImageDraw.Draw(page).rectangle((100, 100 + 50 * number, 900 + tag, 140 + 50 * number), fill=0)
        pages.append(page)
    out = io.BytesIO()
    pages[0].save(out, format="TIFF", compression="group4", dpi=(204, 196), save_all=True, append_images=pages[1:])
    return out.getvalue()


def tiff_packet(folder: Path, pages: int, tag: int = 0) -> Packet:
    """A fax packet of so many pages."""
    path = folder / f"packet-{pages}-{tag}.tiff"
    path.write_bytes(tiff_pages(pages, tag))
    return Packet(path, "image/tiff", pages, "4K7M-92XQ")


async def loopback_rig(stack: AsyncExitStack, folder: Path) -> Rig:
    """Two numbers on an exchange of their own."""
    exchange, to = folder / "exchange", "+15085550199"

    def arrived() -> list[bytes]:
        return [path.read_bytes() for path in sorted((exchange / to[1:]).glob("*.tiff"))]

    async def go_down() -> None:
        exchange.write_bytes(b"a file where the exchange's folder should be")

    def opened() -> LoopbackFax:
        return LoopbackFax(exchange, "+15085550100", lambda: datetime.now(UTC))

    return Rig(opened(), tiff_packet(folder, 3), to, "5085550199", arrived, opened, go_down)


async def smtp_rig(stack: AsyncExitStack, folder: Path) -> Rig:
    """A mail server with STARTTLS and a login."""
    room = Mailroom()
    listening = await stack.enter_async_context(mail_server(folder, room))
    path = folder / "packet.pdf"
    path.write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 200 + b"\n%%EOF\n")

    async def go_down() -> None:
        listening.server.close()

    def opened() -> SmtpSender:
        return SmtpSender(listening.account)

    packet = Packet(path, "application/pdf", 3, "4K7M-92XQ", token="RL1-4K7M92XQ-01-00-00-ABCDEFGH")
    to = "frontdesk@office.example"
    return Rig(opened(), packet, to, "nobody@office.example", lambda: attachments(room), opened, go_down)


def attachments(room: Mailroom) -> list[bytes]:
    """The PDFs a mail server got."""
    found: list[bytes] = []
    for envelope in room.received:
        assert isinstance(envelope.content, bytes)
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        parts = [part.get_payload(decode=True) for part in message.walk() if part.get_filename()]
        found += [part for part in parts if isinstance(part, bytes)]
    return found


async def email_rig(stack: AsyncExitStack, folder: Path) -> Rig:
    """A fax-by-email service behind a mail server."""
    room = Mailroom()
    listening = await stack.enter_async_context(mail_server(folder, room))
    service = FaxService("{number}@fax.example", "Referral {reference}", "+15085550100")

    async def go_down() -> None:
        listening.server.close()

    def opened() -> FaxByEmail:
        return FaxByEmail(service, listening.account)

    packet = tiff_packet(folder, 3)
    return Rig(opened(), packet, THEIRS, "5085550199", lambda: attachments(room), opened, go_down, dots)


async def hylafax_rig(stack: AsyncExitStack, folder: Path) -> Rig:
    """HylaFAX and two modems on a modelled line."""
    line = await stack.enter_async_context(fax_line())
    carrier = line.carrier()
    path = folder / "packet.tiff"
    image = Image.new("1", (1728, 2156), 1)
    ImageDraw.Draw(image).rectangle((100, 100, 900, 140), fill=0)
    with FaxTiff(path, pages=1, x_dpi=204, y_dpi=196) as file:
        file.add(image)

    async def go_down() -> None:
        line.stop_server()

    async def settle() -> None:
        for _ in range(600):
            if await asyncio.to_thread(line.is_idle):
                return
            await asyncio.sleep(0.2)
        raise AssertionError("the line is still busy")

    packet = Packet(path, "image/tiff", 1, "4K7M-92XQ")
    return Rig(carrier, packet, THEIRS, "5085550199", line.received, line.carrier, go_down, dots, settle)


async def sinch_rig(stack: AsyncExitStack, folder: Path) -> Rig:
    """Sinch's documented API."""
    sinch = stack.enter_context(sinch_server())

    async def go_down() -> None:
        await asyncio.to_thread(sinch.http.stop)

    return _cloud(folder, lambda: sinch.carrier(folder), lambda: [form["file"] for form in sinch.forms], go_down)


async def telnyx_rig(stack: AsyncExitStack, folder: Path) -> Rig:
    """Telnyx's documented API."""
    telnyx = stack.enter_context(telnyx_server())

    async def go_down() -> None:
        await asyncio.to_thread(telnyx.http.stop)

    return _cloud(folder, lambda: telnyx.carrier(folder), lambda: [form["contents"] for form in telnyx.forms], go_down)


async def signalwire_rig(stack: AsyncExitStack, folder: Path) -> Rig:
    """SignalWire's documented API."""
    signalwire = stack.enter_context(signalwire_server(folder))

    async def go_down() -> None:
        await asyncio.to_thread(signalwire.http.stop)

    return _cloud(folder, lambda: signalwire.carrier(folder), lambda: signalwire.fetched, go_down)


def _cloud(
    folder: Path,
    opened: Callable[[], Sender],
    arrived: Callable[[], list[bytes]],
    go_down: Callable[[], Awaitable[None]],
) -> Rig:
    packet, to = tiff_packet(folder, 3), "+15085550199"
    return Rig(opened(), packet, to, "5085550199", arrived, opened, go_down, content=dots, names_it_in_its_answer=True)
