"""A packet's pages as pictures for the person who is about to send it: for fax the very dots that will be sent."""

from pathlib import Path
from typing import Any

import pypdfium2
from PIL import Image, ImageSequence

from config.vocabulary import Channel
from outbound.content import PacketContent
from outbound.packet import build_packet, draw_pdf

_SCREEN_DPI = 110  # for mail, whose pages have no dots of their own
_CALL_S = 25.0  # dialling, ringing and the first handshake
_PAGE_S = 5.0  # training, end of page and the answer to it: T.30's own pauses
_BITS_A_SECOND = 9600  # what lines over IP reach; good copper takes two thirds of the time


def draw_preview(content: PacketContent, into: Path) -> tuple[int, float]:
    """Draw `0.png` and on into a folder; how many, and the likely seconds of the fax call (0 for mail).

    Raises:
        OutboundError: an attachment cannot become pages.
    """
    if content.channel is not Channel.FAX:
        return _for_screen(draw_pdf(content)[0], into), 0.0
    packet = build_packet(content, into)
    with Image.open(packet.path) as fax:
        for number, page in enumerate(ImageSequence.Iterator(fax)):
            page.save(into / f"{number}.png", optimize=False)
    return packet.pages, fax_seconds(packet.path.stat().st_size, packet.pages)


def fax_seconds(size_bytes: int, pages: int) -> float:
    """How long the call will likely take, from the size of the coded pages."""
    return _CALL_S + pages * _PAGE_S + size_bytes * 8 / _BITS_A_SECOND


def _for_screen(pdf: bytes, into: Path) -> int:
    with pypdfium2.PdfDocument(pdf) as document:
        for number, page in enumerate(document):
            scale: Any = _SCREEN_DPI / 72  # the library's own annotation says int
            page.render(scale=scale).to_pil().save(into / f"{number}.png")
            page.close()
        return len(document)
