"""A clinic and an office with a fax machine each, on one modelled line: what the office gets, it reads, ticks and sends
back. The office sees its own received faxes and nothing else."""

import io
import json
import os
import shutil
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import tomlkit
from PIL import Image, ImageSequence

from config.load import load_settings
from config.reference import PageCode
from config.template import write_clinic_folder
from gateway.demo.office_hand import fax_back, fill_in, pages_of
from gateway.demo.offices import Act, Deed
from gateway.desk import Desk, open_desk
from gateway.domain.referral import Referral
from gateway.domain.transmission import Transmission
from gateway.services.recipient_form import parse_recipient_json
from outbound.carriers.hylafax import HylafaxFax
from outbound.sender import Accepted, Packet
from outbound.tiff_file import FaxTiff
from parsers.codes import find_codes
from parsers.raster import Scan, square
from parsers.tiff import scans
from tests.contract.rigs import commit_nothing
from tests.rigs.fax_line import OURS, FaxLine

HOOK = Path(__file__).parents[2] / "scripts" / "hylafax-faxrcvd"
_RETRY = 'waits = ["2 seconds", "2 seconds", "2 seconds", "3 seconds", "3 seconds", "4 seconds", "4 seconds"]'
_FAMILIES = ("Okafor", "Lindqvist", "Brandt", "Haddad", "Villanueva", "Nguyen", "Kowalczyk", "Beaumont", "Schreiber")


@dataclass(frozen=True, slots=True)
class FaxClinic:
    """The clinic's folder. Its daemon is started by the test."""

    config: Path
    _numbers: Any = field(default_factory=count)

    def add_office(self, name: str, fax: str) -> None:
        """An office in the directory."""
        entry = {"name": name, "specialty": "cardiology", "fax": fax, "phone": "+15085550211"}
        with self.desk() as desk:
            desk.intake.save_recipient(parse_recipient_json(json.dumps(entry).encode()), "test")

    def refer(self, office: str, attachments: Sequence[Path] = ()) -> str:
        """Drop a referral into the watched folder, as an EHR does; its own id there."""
        ordinal = next(self._numbers)
        external_id = f"F-{ordinal}"
        drop = load_settings(self.config).inbox.drop_dir
        drop.mkdir(parents=True, exist_ok=True)
        for path in attachments:
            shutil.copy(path, drop / f"{external_id}-{path.name}")
        told = {
            "external_id": external_id,
            "patient": {
                "family": _FAMILIES[ordinal % len(_FAMILIES)],
                "given": "Maria",
                "birth_date": f"19{60 + ordinal}-04-23",
                "mrn": f"00{48213 + ordinal}",
            },
            "clinician": {"name": "Helen Marsh MD", "npi": "1245319599"},
            "recipient": office,
            "specialty": "cardiology",
            "service": "specialist_consult",
            "question": "Exertional chest tightness for three weeks. Please evaluate.",
            "urgency": "routine",
            "attachments": [f"{external_id}-{path.name}" for path in attachments],
        }
        half = drop / f".{external_id}.part"
        half.write_text(json.dumps(told))
        half.rename(drop / f"{external_id}.json")
        return external_id

    @contextmanager
    def desk(self) -> Generator[Desk]:
        """Its store, beside the daemon's."""
        with open_desk(load_settings(self.config)) as desk:
            yield desk

    def referral(self, external_id: str) -> Referral | None:
        """As it stands; None while it is not open yet."""
        with self.desk() as desk, desk.store.transaction() as tx:
            return next((one for one in tx.referrals(limit=1000) if one.intake.external_id == external_id), None)

    def rows(self, external_id: str) -> list[Transmission]:
        """Every sending of it."""
        referral = self.referral(external_id)
        if referral is None:
            return []
        with self.desk() as desk, desk.store.transaction() as tx:
            return tx.transmissions_of(referral.id)

    @property
    def keys(self) -> tuple[bytes, ...]:
        """What signs the codes on its pages."""
        return (load_settings(self.config).code_key.get_secret_value().encode(),)


def a_fax_clinic(folder: Path, line: FaxLine, *, notes: Path | None = None, **fax: object) -> FaxClinic:
    """As `referloop init` makes it, on its own HylaFAX, with short waits."""
    config = write_clinic_folder(folder)[0]
    document: Any = tomlkit.parse(config.read_text(encoding="utf-8"))
    document["clinic"].update({"name": "Maple Street Family Medicine", "fax_number": OURS, "always_open": True})
    document["fax"].update({"carrier": "hylafax", "poll_seconds": 1, **fax})
    hylafax = {"host": "127.0.0.1", "port": line.port, "max_dials": 2, "max_tries": 2}
    document["fax"]["hylafax"].update(hylafax | ({"notes_dir": str(notes)} if notes else {}))
    document["loop"].update({"send_seconds": 1, "poll_seconds": 1, "sweep_seconds": 2, "chase_seconds": 2})
    document["web"].update({"port": 0})
    config.write_text(tomlkit.dumps(document), encoding="utf-8")
    policy = folder / "policy.toml"
    head, _, rest = policy.read_text(encoding="utf-8").partition("waits =")
    policy.write_text(f"{head}{_RETRY}\n{rest.partition(chr(10))[2]}", encoding="utf-8")
    return FaxClinic(config)


@contextmanager
def a_notes_folder() -> Generator[Path]:
    """Where HylaFAX's user may leave notes and the daemon may take them."""
    notes = Path("/var/tmp") / f"referloop-notes-{os.getpid()}"
    notes.mkdir()
    notes.chmod(0o777)
    try:
        yield notes
    finally:
        shutil.rmtree(notes)


@dataclass(slots=True)
class FaxOffice:
    """The office's desk: a tray, a pen, and its own fax machine."""

    line: FaxLine
    _answers: Any = field(default_factory=count)

    def tray(self) -> list[bytes]:
        """Every fax that came in, oldest first."""
        return self.line.received()

    async def tick(self, packet: bytes, boxes: tuple[str, ...], appointment: datetime | None) -> str:
        """Tick the cover that came in, write the appointment, fax it back; our key of that fax."""
        ordinal = next(self._answers)
        deed = Deed(Act.TICK, 0, boxes=boxes, skew=0.7)
        cover = fill_in(pages_of(packet)[0], deed, appointment, 7 + ordinal)
        return await self.send(fax_back([cover], deed, 70 + ordinal), f"answer-{ordinal}")

    async def send(self, tiff: bytes, key: str) -> str:
        """Fax pages to the clinic."""
        path = self.line.folder.parent / f"{key}.tiff"
        pages = rewritten(tiff, path)
        outcome = await self.carrier.submit(Packet(path, "image/tiff", pages, ""), OURS, key, commit_nothing)
        assert isinstance(outcome, Accepted), outcome
        return outcome.reference

    @property
    def carrier(self) -> HylafaxFax:
        """The office's own HylaFAX."""
        return self.line.carrier()


def rewritten(tiff: bytes, path: Path) -> int:
    """As a modem takes it: Pillow's own fax TIFFs would go out as a negative. The number of pages."""
    with Image.open(io.BytesIO(tiff)) as image:
        frames = [frame.convert("1") for frame in ImageSequence.Iterator(image)]
        x_dpi, y_dpi = (round(float(dpi)) for dpi in image.info["dpi"])
    with FaxTiff(path, pages=len(frames), x_dpi=x_dpi, y_dpi=y_dpi) as file:
        for frame in frames:
            file.add(frame)
    return len(frames)


def codes_of(tiff: bytes, keys: tuple[bytes, ...]) -> list[PageCode]:
    """The signed code of each page that can be read."""
    found: list[PageCode] = []
    for page in scans(tiff, 99):
        if isinstance(page, Scan):
            symbols = find_codes(square(page).grey, keys)
            found += [symbols[0].code] if symbols else []
    return found


def at_once(calls: Sequence[str], number: str) -> int:
    """How many calls to a number were under way at most at the same time, by the exchange's log."""
    busy: set[str] = set()
    called_by: dict[str, str] = {}
    most = 0
    for line in calls:
        words = line.split()
        if "dials" in words and words[-1] == number.removeprefix("+"):
            busy.add(words[1])
            most = max(most, len(busy))
        elif "answers" in words:
            called_by[words[1]] = words[-1]
        elif "call over" in line:
            modem = words[1].rstrip(":")
            busy -= {modem, called_by.pop(modem, modem)}
    return most


def dialled(calls: Sequence[str], number: str) -> int:
    """How often a number was dialled."""
    return sum(line.endswith(f"dials {number.removeprefix('+')}") for line in calls)
