"""One letter to be drawn: who it is about, what it will print, and what stands around the patient to mislead."""

import random
from dataclasses import dataclass
from datetime import date, timedelta

from bench.written.people import WRITTEN, Somebody, doctor, somebody
from config.reference import mint_number
from config.vocabulary import DocumentKind


@dataclass(slots=True)
class Facts:
    """What a layout may print; it notes what it did print, which is then the truth to be read."""

    who: Somebody
    relative: Somebody
    author: str
    referrer: str
    service: date
    coming: date
    number: str
    prints_mrn: bool = False
    prints_service: bool = False
    prints_number: bool = False


@dataclass(frozen=True, slots=True)
class Truth:
    """What a page prints of the four key fields; empty and None for what it does not."""

    kind: DocumentKind
    layout: str
    face: str
    who: Somebody
    mrn: str
    service: date | None
    number: str


def facts(rng: random.Random) -> Facts:
    """Invented, and consistent: the visit after the birth, the appointment after the letter."""
    who = somebody(rng)
    latest = (WRITTEN - who.born).days
    return Facts(
        who,
        somebody(rng),
        doctor(rng),
        doctor(rng),
        WRITTEN - timedelta(days=rng.randrange(1, min(60, latest))),
        WRITTEN + timedelta(days=rng.randrange(2, 90)),
        mint_number([rng.randrange(10), *(rng.randrange(32) for _ in range(6))]),
    )
