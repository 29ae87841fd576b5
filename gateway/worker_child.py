"""The other end of `gateway/workers.py`: one process that reads or draws, job after job, within its limits.

Speaks length-prefixed JSON over its standard input and output. Owns no state between jobs; never logs, because
what it sees are patients' papers.
"""

import json
import os
import struct
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from time import monotonic
from typing import Any, BinaryIO

from pydantic import TypeAdapter

from gateway import sandbox

Reply = dict[str, Any]
Tell = Callable[[Reply], None]
"""Says something before the reply."""
_MAX_REPLY = 60 << 20  # what the daemon takes is a little more
_TELL_EVERY_S = 0.3


def read_file(job: dict[str, Any], tell: Tell) -> Reply:
    """Read one file; the reading as JSON text."""
    from parsers.options import ReadOptions
    from parsers.read import read
    from parsers.reading import READING

    reading = read(Path(job["path"]).read_bytes(), job["name"], ReadOptions(**_options(job)), _seldom(tell))
    return {"reading": READING.dump_json(reading).decode()}


def name_keys(job: dict[str, Any], tell: Tell) -> Reply:
    """The DNS names of the keys that verify a mail's signatures, and whose certificate does."""
    del tell
    from parsers.errors import ParseError
    from parsers.message import keys_to_ask_for
    from parsers.smime import signer_to_look_up

    data = Path(job["path"]).read_bytes()
    try:
        return {"names": keys_to_ask_for(data, job["checked_by"]), "signer": signer_to_look_up(data)}
    except ParseError:
        return {"names": (), "signer": ""}


def _options(job: dict[str, Any]) -> dict[str, Any]:
    from parsers.options import Smime

    options = dict(job["options"])
    options["smime"] = Smime.told(options.get("smime"))
    options["keys"] = tuple(bytes.fromhex(key) for key in options["keys"])
    options["written"] = date.fromisoformat(options["written"]) if options["written"] else None
    return options


def read_arranged(job: dict[str, Any], tell: Tell) -> Reply:
    """Read chosen pages as the documents that a person says they are; the reading as JSON text."""
    from parsers.arranged import read_arranged as read
    from parsers.errors import ParseError
    from parsers.options import ReadOptions
    from parsers.reading import READING

    groups = [[(page, degrees) for page, degrees in group] for group in job["groups"]]
    options = ReadOptions(**_options(job))
    try:
        reading = read(Path(job["path"]).read_bytes(), job["name"], options, groups, _seldom(tell))
    except ParseError as error:
        return {"refused": str(error)}
    return {"reading": READING.dump_json(reading).decode()}


def _seldom(tell: Tell) -> Callable[[int, int], None]:
    """Progress at most a few times a second: a file of blank pages has thousands of them."""
    told_at = monotonic()

    def on_page(done: int, total: int) -> None:
        nonlocal told_at
        if monotonic() - told_at >= _TELL_EVERY_S:
            told_at = monotonic()
            tell({"progress": [done, total]})

    return on_page


def _refused(error: Exception) -> Reply:
    """Why outbound would not, so that the parent raises it again."""
    return {"refused": type(error).__name__, "message": str(error)}


def build_packet(job: dict[str, Any], tell: Tell) -> Reply:
    """Draw one packet into a folder; the packet's description as JSON text."""
    del tell
    from gateway.packet_content import PACKET_CONTENT
    from outbound.errors import OutboundError
    from outbound.packet import build_packet as build
    from outbound.sender import Packet

    try:
        packet = build(PACKET_CONTENT.validate_json(job["content"]), Path(job["into"]))
    except OutboundError as error:
        return _refused(error)
    return {"packet": TypeAdapter(Packet).dump_json(packet).decode()}


def preview_packet(job: dict[str, Any], tell: Tell) -> Reply:
    """Draw one packet's pages as PNG into a folder, as they will be sent; their names and the time on the line."""
    del tell
    from gateway.packet_content import PACKET_CONTENT
    from outbound.errors import OutboundError
    from outbound.preview import draw_preview

    try:
        pages, seconds = draw_preview(PACKET_CONTENT.validate_json(job["content"]), Path(job["into"]))
    except OutboundError as error:
        return _refused(error)
    return {"pages": pages, "seconds": seconds}


def inspect_attachment(job: dict[str, Any], tell: Tell) -> Reply:
    """What a file is and how many pages it becomes."""
    del tell
    from outbound.errors import OutboundError
    from outbound.pages import inspect

    try:
        media_type, pages = inspect(Path(job["path"]).read_bytes(), job["name"])
    except OutboundError as error:
        return _refused(error)
    return {"media_type": media_type, "pages": pages}


def paint_page(job: dict[str, Any], tell: Tell) -> Reply:
    """Draw one page of a file as PNG into the file that is named."""
    del tell
    from parsers.errors import ParseError
    from parsers.options import Smime
    from parsers.picture import picture

    try:
        painted = picture(Path(job["path"]).read_bytes(), job["page"], job["turn"], Smime.told(job.get("smime")))
    except ParseError as error:
        return {"refused": str(error)}
    Path(job["into"]).write_bytes(painted)
    return {}


def cut_page(job: dict[str, Any], tell: Tell) -> Reply:
    """Cut a spot out of a page that `paint_page` drew."""
    del tell
    from parsers.picture import cut_out

    Path(job["into"]).write_bytes(cut_out(Path(job["path"]).read_bytes(), tuple(job["box"])))
    return {}


_OPERATIONS: dict[str, Callable[[dict[str, Any], Tell], Reply]] = {
    "read": read_file,
    "keys": name_keys,
    "arrange": read_arranged,
    "build": build_packet,
    "preview": preview_packet,
    "inspect": inspect_attachment,
    "paint": paint_page,
    "cut": cut_page,
}


def main() -> None:
    """Serve jobs until the pipe closes or memory ran out."""
    limits = json.loads(sys.argv[1])
    sandbox.enter(limits["memory_mb"], limits["file_mb"], parent_pid=int(sys.argv[2]))
    pipe_in, pipe_out = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)  # a library that prints must not talk into the pipe
    _be_single_threaded()
    while (job := _receive(pipe_in)) is not None:
        sandbox.allow_cpu(job["seconds"])
        reply, may_go_on = _answer(job, lambda told: _send(pipe_out, told))
        reply["resident_mb"] = sandbox.resident_mb()
        _send(pipe_out, reply)
        if not may_go_on:
            return


def _be_single_threaded() -> None:
    import cv2

    cv2.setNumThreads(1)  # one process a core; threads would only fight


def _answer(job: dict[str, Any], tell: Tell) -> tuple[Reply, bool]:
    try:
        return _OPERATIONS[job["op"]](job, tell), True
    except MemoryError:
        return {"failed": "it passed its limit of memory"}, False
    except RecursionError:
        return {"failed": "it is nested deeper than we follow"}, False
    except Exception as error:  # noqa: BLE001 - one file's surprise must not take the worker; the text may hold patient data
        place = _place(error)
        return {"failed": f"the reader met {type(error).__name__} at {place}"}, True


def _place(error: BaseException) -> str:
    """File and line of ours where it happened: what a developer needs, without the message's data."""
    trace, place = error.__traceback__, "?"
    while trace is not None:
        place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


def _receive(pipe: BinaryIO) -> dict[str, Any] | None:
    head = pipe.read(4)
    if len(head) < 4:
        return None
    (length,) = struct.unpack(">I", head)
    return json.loads(pipe.read(length))


def _send(pipe: BinaryIO, reply: Reply) -> None:
    body = json.dumps(reply).encode()
    if len(body) > _MAX_REPLY:
        what = f"its reading is larger than {_MAX_REPLY >> 20} MB"
        body = json.dumps({"failed": what, "resident_mb": reply["resident_mb"]}).encode()
    pipe.write(struct.pack(">I", len(body)) + body)
    pipe.flush()


if __name__ == "__main__":
    main()
