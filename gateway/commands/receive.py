"""`referloop receive`: hand the daemon a document as if it had come over the line."""

import hashlib
from pathlib import Path
from typing import Annotated

import typer

from gateway.commands.output import AsJson, print_rows
from gateway.commands.state import Config, desk
from gateway.domain.arrival import Envelope
from gateway.services.by_hand import envelope_by_hand
from gateway.services.receive_document import ReceiveDocument


def receive(
    config: Config,
    files: Annotated[list[Path], typer.Argument(help="PDF, TIFF, image, DOCX or mail (.eml) files.", exists=True)],
    sender: Annotated[str, typer.Option("--from", help="The fax number or mail address it came from.")] = "",
    as_json: AsJson = False,
) -> None:
    """Take documents in by hand; the daemon reads, matches and files them."""
    with desk(config) as at_desk:
        door = ReceiveDocument(at_desk.store, at_desk.vault, at_desk.clock, lambda: None)
        rows: list[dict[str, object]] = []
        for path in files:
            arrival, is_new = door.take_in(path, _envelope(path, sender))
            rows.append({"document": arrival.id, "file": str(path), "is_new": is_new, "state": arrival.state.value})
    print_rows(rows, as_json=as_json, empty="")


def _envelope(path: Path, sender: str) -> Envelope:
    return envelope_by_hand(path.name, hashlib.sha256(path.read_bytes()).hexdigest(), sender)
