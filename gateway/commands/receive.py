"""`referloop receive`: hand the daemon a document as if it had come over the line."""

import hashlib
from pathlib import Path
from typing import Annotated

import typer

from config.vocabulary import Channel
from gateway.commands.output import AsJson, print_rows
from gateway.commands.state import Config, desk
from gateway.domain.arrival import Envelope
from gateway.errors import InvalidIntake
from gateway.services.phone import to_e164
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
    """The same file by hand twice is one document."""
    content = hashlib.sha256(path.read_bytes()).hexdigest()
    is_mail = path.suffix.lower() == ".eml" or "@" in sender
    channel = Channel.EMAIL if is_mail else Channel.FAX if sender else Channel.HAND
    return Envelope(f"hand:{path.name}:{content}", channel, sender=_number(sender), name=path.name)


def _number(sender: str) -> str:
    if not sender or "@" in sender:
        return sender
    try:
        return to_e164(sender)
    except ValueError as error:
        raise InvalidIntake(f"--from: {error}") from error
