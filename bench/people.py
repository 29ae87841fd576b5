"""Invented patients, as many as wanted, with the collisions of a real town."""

import random
from collections.abc import Iterator
from datetime import date, timedelta

_FAMILY = (
    "Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Wilson "
    "Anderson Thomas Taylor Moore Jackson Martin Lee Perez Thompson White Harris Sanchez Clark Ramirez Lewis Robinson "
    "Walker Young Allen King Wright Scott Torres Nguyen Hill Flores Green Adams Nelson Baker Hall Rivera Campbell "
    "Mitchell Carter Roberts Okafor Abdullahi Kowalczyk Papadopoulos Whitfield Beaumont Hollingsworth Schreiber"
).split()
_GIVEN = (
    "James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara Richard Susan Joseph "
    "Jessica Thomas Sarah Charles Karen Christopher Lisa Daniel Nancy Matthew Betty Anthony Sandra Mark Margaret "
    "Fatima Minh Luis Dorothy Nikos Tamika Hannah Alice Joan Kathleen Omar Ingrid Mei Rosa Ahmed Yusuf"
).split()


def patients(seed: int) -> Iterator[dict[str, str]]:
    """For ever; the same for the same seed."""
    rng = random.Random(seed)
    ordinal = 40_000
    while True:
        ordinal += 1
        born = date(1935, 1, 1) + timedelta(days=rng.randrange(31_000))
        yield {
            "family": rng.choice(_FAMILY),
            "given": rng.choice(_GIVEN),
            "birth_date": born.isoformat(),
            "sex": rng.choice("FM"),
            "mrn": str(ordinal),
            "phone": f"+1508555{rng.randrange(10_000):04d}",
        }
