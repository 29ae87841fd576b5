"""Invented patients and doctors of many origins, and the ways their names, dates and numbers are written."""

import random
from dataclasses import dataclass
from datetime import date, timedelta

WRITTEN = date(2026, 11, 20)
_GIVEN = (
    "Maria James Aisha Wei Olufemi Priya Siobhan Jean-Pierre Nguyet Fatima Dmitri Guadalupe Ingrid Tomasz Yuki "
    "Mohammed Chloe Xiomara Zbigniew Leilani Rashid Bridget Hyun-woo Anneliese Kwame Noor Thanh Esperanza Bjorn Ana "
    "Lakshmi Shanice Deshawn Kateryna Ioana Ngozi April June Grace Rose Sunil Haruto Malia Robert Linda Patricia "
    "Michael Dorothy Harold Eugene Phyllis Gloria Carlos Miguel Rosa Elena Viktor Svetlana Hassan Layla Omar Beatrice "
    "Gerald Marjorie Clarence Tyrone Latoya Brandon Kimberly Joshua Megan Ethan Abigail Mary-Kate Luis Jorge Marta"
).split()
_FAMILY = (
    "Garcia|O'Brien|Smith-Jones|de la Cruz|Nguyen|van der Berg|Okonkwo|Kowalczyk|Patel|MacDonald|St. John|Al-Sayed|Li|"
    "Kim|Johnson|Washington|Hernandez Lopez|D'Angelo|Petrov|Yamamoto|Haddad|Begay|Kealoha|Andersson|Chukwu|Fernandes|"
    "Bauer|Rossi|Novak|Papadopoulos|Tran|Singh|Abdi|McCarthy|Ramirez Ortiz|Young|West|Bell|Moreau|Castillo|Miller|"
    "Davis|Wilson|Thompson|Martinez|Robinson|Hall|Baker|Mitchell|Phillips|Stewart|Murphy|Hollingsworth|Schwartz|"
    "Feldman|Oyelaran|Gutierrez|Vasquez|Delgado|Whitaker|Lindqvist|O'Connor|Fitzgerald-Hayes|Quintero|Ivanova|Chen|"
    "Wu|Park|Sato|Khan|Hussain|Mehta|Desai|Goldberg|Ferraro|Esposito|Kaminski|Horvath|Nakamura|Tsosie|Dubois|Laurent"
).split("|")
_MIDDLES = ("", "", "", "", "A", "T.", "Rose", "Lee", "J", "Marie", "M.")
_SUFFIXES = ("", "", "", "", "", "", "", "Jr", "Sr.", "III")
_DOCTORS = (
    "Ann Lee, MD|Samuel Okafor, DO|Ravi Menon, MD, FACC|Helen Brandt, NP|Luis Ortega, M.D.|Grace Chen, PA-C|"
    "Omar Farouk, MD|Kirsten Dahl, MD, PhD|Peter Marsh, MD|Joanna Weiss, MD|Ibrahim Saleh, MD, FACP|Tanya Brooks, DO"
).split("|")


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person with all that may be printed of them."""

    family: str
    given: str
    middle: str
    suffix: str
    born: date
    mrn: str
    phone: str


def somebody(rng: random.Random) -> Somebody:
    """Anybody at all, from newborn to very old."""
    born = min(date(1930, 1, 1) + timedelta(days=rng.randrange(35_000)), date(2026, 5, 1))
    mrn = rng.choice(("", "", "", "M", "E-", "MR")) + str(rng.randrange(10_000, 99_999_999))
    phone = f"({rng.choice((312, 508, 617, 415, 773))}) 555-{rng.randrange(10_000):04d}"
    return Somebody(
        rng.choice(_FAMILY), rng.choice(_GIVEN), rng.choice(_MIDDLES), rng.choice(_SUFFIXES), born, mrn, phone
    )


def doctor(rng: random.Random) -> str:
    """A clinician with credentials."""
    return rng.choice(_DOCTORS)


def surname(clinician: str) -> str:
    """`Lee` of `Ann Lee, MD`."""
    return clinician.split(",", maxsplit=1)[0].rsplit(maxsplit=1)[-1]


def written_date(rng: random.Random, day: date, *, may_be_short: bool = False) -> str:
    """A date in one of the forms of American offices; two-digit years only where they are unmistakable."""
    forms = [
        f"{day:%m/%d/%Y}",
        f"{day:%m/%d/%Y}",
        f"{day.month}/{day.day}/{day.year}",
        f"{day:%m-%d-%Y}",
        f"{day:%B} {day.day}, {day.year}",
        f"{day:%b} {day.day}, {day.year}",
        f"{day:%d-%b-%Y}",
        f"{day:%Y-%m-%d}",
        f"{day:%m.%d.%Y}",
        f"{day:%d %B %Y}",
    ]
    if may_be_short:
        forms += [f"{day:%m/%d/%y}", f"{day:%m-%d-%y}"]
    return rng.choice(forms)


def born(rng: random.Random, who: Somebody) -> str:
    """The birth date as printed; a two-digit year only where the century is plain."""
    return written_date(rng, who.born, may_be_short=1930 <= who.born.year < 2000)


def first_last(rng: random.Random, who: Somebody) -> str:
    """`Maria T. Garcia Jr`, at times in capitals."""
    name = " ".join(part for part in (who.given, who.middle, who.family, who.suffix) if part)
    return name.upper() if rng.random() < 0.2 else name


def last_first(rng: random.Random, who: Somebody) -> str:
    """`GARCIA, MARIA T`."""
    suffix = f" {who.suffix}" if who.suffix else ""
    name = rng.choice(
        (f"{who.family}{suffix}, {who.given} {who.middle}", f"{who.family}, {who.given} {who.middle}{suffix}")
    ).strip()
    return name.upper() if rng.random() < 0.5 else name


def a_name(rng: random.Random, who: Somebody) -> str:
    """Either way round."""
    return rng.choice((first_last, last_first))(rng, who)
