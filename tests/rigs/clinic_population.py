"""A clinic's open referrals with the collisions of real life, and the papers that come in about them.

Everything is drawn from one seed. A paper carries its truth: the referrals it may be filed on, which are none when
it is about somebody never referred, or written by an office that was never asked.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from random import Random

from config.vocabulary import Channel, DocumentKind, ServiceKind
from gateway.domain.directory import Recipient
from gateway.domain.evidence import CodeClaim, Evidence, PersonClaim
from gateway.domain.referral import Clinician, Intake, Patient

SENT = datetime(2026, 3, 2, 12, tzinfo=UTC)
_FAMILIES = (
    "Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez "
    "Wilson Anderson Thomas Taylor Moore Jackson Martin Lee Perez Thompson White Harris Sanchez Clark "
    "Ramirez Lewis Robinson Walker Young Allen King Wright Scott Torres Nguyen Hill Flores Green Adams "
    "Nelson Baker Hall Rivera Campbell Mitchell Carter Roberts Kowalczyk Papadopoulos O'Brien "
    "Castellanos-Rivera Okafor Nowak Lindqvist Abdullahi Hansen Hanson Johansen Meyer Meier Mayer Stein "
    "Stern Byrne Burns Clarke Reid Reed Steven Stevens"
).split()
_GIVENS = (
    "James John Robert Michael William David Richard Joseph Thomas Charles Christopher Daniel Matthew "
    "Anthony Mark Mary Patricia Jennifer Linda Elizabeth Barbara Susan Jessica Sarah Karen Nancy Lisa "
    "Margaret Sandra Ashley Jayden Hayden Brayden Jordan Morgan Michaela Michelle Maria Marie Marta "
    "Martha Jose Juan Luis Carlos Ana Anna Hanna Hannah Eric Erica Paul Paula Daniela Alexander Alexandra "
    "Alex Kathleen Katherine Stephen Steven Jon Minh Linh"
).split()
_SECONDS = ("Ann Beth Elena Teresa Luis Carlos Pablo Lynn Lee Marie Jean Anh").split()
_NICKNAMES = {
    "James": "Jim", "Robert": "Bob", "Michael": "Mike", "William": "Bill", "Richard": "Rick", "Joseph": "Joe",
    "Christopher": "Chris", "Daniel": "Dan", "Elizabeth": "Beth", "Patricia": "Pat", "Jennifer": "Jen",
    "Katherine": "Kate", "Alexander": "Alex", "Alexandra": "Alex", "Margaret": "Peggy", "Anthony": "Tony",
}  # fmt: skip
_CONFUSIONS = (
    ("rn", "m"),
    ("m", "rn"),
    ("cl", "d"),
    ("l", "1"),
    ("o", "0"),
    ("i", "l"),
    ("e", "c"),
    ("a", "o"),
    ("n", "u"),
)
_WORDS = ("Harbor Lakeside Granite Summit Bayview Hillside Northgate Westfield Riverbend Oakmont").split()
_FIELDS = ("Cardiology Dermatology Neurology Orthopedics Imaging Gastroenterology").split()


@dataclass(frozen=True, slots=True)
class Opened:
    """A referral of the clinic: what is referred, to which of `OFFICES`."""

    intake: Intake
    number: str


@dataclass(frozen=True, slots=True)
class Paper:
    """What came in, and on which referral numbers it may be filed."""

    evidence: Evidence
    may_be_filed_on: frozenset[str]


def offices() -> list[Recipient]:
    """Sixty offices, some with a mail address."""
    return [
        Recipient(
            name=f"Dr. {given} {family}",
            organization=f"{word} {kind}",
            specialty=kind.lower(),
            fax=f"+1508555{place:04}",
            email=f"desk@{word}{kind}.example".lower() if place % 3 == 0 else "",
        )
        for place, (word, kind, given, family) in enumerate(
            (word, kind, _GIVENS[(7 * i + j) % 60], _FAMILIES[(11 * i + 5 * j) % 60])
            for i, word in enumerate(_WORDS)
            for j, kind in enumerate(_FIELDS)
        )
    ]


class Population:
    """Patients in households: some referred, some twice, some never, though the offices write about them all."""

    def __init__(self, seed: int, people: int) -> None:
        self._random = Random(seed)
        self._offices = offices()
        self.people: list[Patient] = []
        while len(self.people) < people:
            self.people += self._household()

    def _household(self) -> list[Patient]:
        draw = self._random
        family, phone = self._family(), f"+1617{draw.randrange(2000000, 9999999)}"
        kind = draw.choices(["alone", "couple", "twins", "namesakes", "siblings"], [60, 20, 6, 6, 8])[0]
        first = self._person(family, phone)
        if kind == "alone":
            return [first]
        other = self._person(family, phone)
        if kind == "twins":
            return [first, replace(other, birth_date=first.birth_date)]
        if kind == "namesakes":
            return [first, replace(other, given=first.given, middle=first.middle)]
        return [first, other]

    def _family(self) -> str:
        place = min(int(self._random.expovariate(1 / 18)), len(_FAMILIES) - 1)
        family = _FAMILIES[place]
        return f"{family}-{self._random.choice(_FAMILIES)}" if self._random.random() < 0.04 else family

    def _person(self, family: str, phone: str) -> Patient:
        draw = self._random
        given = draw.choice(_GIVENS)
        return Patient(
            family=family,
            given=f"{given} {draw.choice(_SECONDS)}" if draw.random() < 0.06 else given,
            middle=draw.choice([*_SECONDS, "J.", "M"]) if draw.random() < 0.3 else "",
            birth_date=date(1935, 1, 1) + timedelta(days=draw.randrange(0, 80 * 365, 3)),
            mrn=f"{draw.randrange(10000, 60000):07}" if draw.random() < 0.9 else "",
            phone=phone if draw.random() < 0.85 else "",
        )

    def referrals(self, numbers: Iterator[str]) -> list[Opened]:
        """Four in five are referred, one in four of those twice."""
        draw, found = self._random, list[Opened]()
        for patient in self.people:
            for _ in range(draw.choices([0, 1, 2], [20, 60, 20])[0]):
                office = draw.randrange(len(self._offices))
                found.append(Opened(self._intake(patient, office, len(found)), next(numbers)))
        return found

    def _intake(self, patient: Patient, office: int, place: int) -> Intake:
        kind = self._offices[office].specialty
        service = ServiceKind.IMAGING if kind == "imaging" else ServiceKind.SPECIALIST_CONSULT
        who = Clinician("Dr. Lena Marsh")
        return Intake(f"ehr-{place}", patient, who, office + 1, kind, service, "Please evaluate", "routine")

    def papers(self, opened: list[Opened], count: int) -> Iterator[Paper]:
        """Answers mostly; some about people never referred, from strangers, or on somebody else's cover page."""
        draw = self._random
        for _ in range(count):
            kind = draw.choices(["answer", "never referred", "stranger", "reused cover"], [76, 10, 10, 4])[0]
            one = draw.choice(opened)
            if kind == "answer":
                yield Paper(self._evidence(one.intake.patient, one, one), frozenset({one.number}))
            elif kind == "never referred":
                yield self._of_nobody(opened, one)
            elif kind == "stranger":
                yield Paper(self._from_stranger(opened, one), frozenset())
            else:
                other = draw.choice(opened)
                mixed = replace(self._evidence(other.intake.patient, other, None), code=_code(one))
                yield Paper(
                    mixed, frozenset({one.number}) if one.intake.patient == other.intake.patient else frozenset()
                )

    def _of_nobody(self, opened: list[Opened], office_of: Opened) -> Paper:
        referred = {id(one.intake.patient) for one in opened}
        never = [patient for patient in self.people if id(patient) not in referred]
        return Paper(self._evidence(self._random.choice(never), office_of, None), frozenset())

    def _from_stranger(self, opened: list[Opened], one: Opened) -> Evidence:
        asked = {other.intake.recipient_id for other in opened if other.intake.patient == one.intake.patient}
        writer = self._random.choice([place for place in range(len(self._offices)) if place + 1 not in asked])
        told = self._evidence(one.intake.patient, one, None)
        office = self._offices[writer]
        return replace(told, sender=office.fax, specialists=(office.name, office.organization))

    def _evidence(self, patient: Patient, office_of: Opened, coded: Opened | None) -> Evidence:
        draw = self._random
        office = self._offices[office_of.intake.recipient_id - 1]
        is_imaging = office_of.intake.service is ServiceKind.IMAGING
        trust = draw.random()
        return Evidence(
            kind=DocumentKind.RESULT if is_imaging else DocumentKind.CONSULT_NOTE,
            kind_confidence=0.9,
            channel=Channel.FAX,
            received_at=SENT + timedelta(days=20),
            code=_code(coded, verified=trust > 0.05) if coded and draw.random() < 0.25 else None,
            numbers=(coded.number,) if coded and draw.random() < 0.15 else (),
            patients=(self._claim(patient),),
            sender=draw.choices([office.fax, "", "+17815550000"], [70, 20, 10])[0],
            specialists=(office.name, office.organization)[: draw.choice([0, 1, 2])],
            dates=((SENT + timedelta(days=draw.randrange(2, 19))).date(),),
        )

    def _claim(self, patient: Patient) -> PersonClaim:
        """As a tired front desk writes it, and a fax and a reader make of it."""
        draw = self._random
        family, given, middle = patient.family, patient.given, patient.middle if draw.random() < 0.5 else ""
        slip = draw.choices(
            ["none", "nickname", "initial", "swapped", "married", "half surname", "half given", "unnamed"],
            [74, 6, 4, 4, 2, 4, 4, 2],
        )[0]
        if slip == "nickname":
            given = _NICKNAMES.get(given, given)
        elif slip == "initial":
            given = given[0] + "."
        elif slip == "swapped":
            family, given = given, family
        elif slip == "married":
            family = draw.choice(_FAMILIES)
        elif slip == "half surname":
            family = family.partition("-")[0]
        elif slip == "half given":
            given = given.partition(" ")[0]
        elif slip == "unnamed":
            family, given = "", ""
        return PersonClaim(
            family=self._misread(family),
            given=self._misread(given),
            middle=middle,
            birth_date=self._birth_date(patient.birth_date),
            mrn=self._mrn(patient.mrn),
            phone=patient.phone if draw.random() < 0.4 else "",
            confidence=0.9,
        )

    def _misread(self, name: str) -> str:
        draw = self._random
        if not name or draw.random() > 0.12:
            return name.upper() if draw.random() < 0.2 else name
        if draw.random() < 0.6:
            seen, read = draw.choice(_CONFUSIONS)
            return name.replace(seen, read, 1)
        place = draw.randrange(len(name))
        return name[:place] + draw.choice(["", "aeinrst"[draw.randrange(7)]]) + name[place + 1 :]

    def _birth_date(self, born: date) -> date | None:
        draw = self._random
        slip = draw.choices(["none", "missing", "swapped", "digit"], [76, 16, 3, 5])[0]
        if slip == "swapped" and born.day <= 12:
            return date(born.year, born.day, born.month)
        if slip == "digit":
            return born.replace(
                year=born.year + draw.choice([-10, -3, 1, 5, 10]), day=draw.choice([born.day, 1, 11, 21])
            )
        return None if slip == "missing" else born

    def _mrn(self, mrn: str) -> str:
        """Ours, none, the other office's own, or another patient's of ours."""
        own = f"{self._random.randrange(10000, 99999)}"
        other = self._random.choice(self.people).mrn
        return self._random.choices([mrn, "", own, other], [30, 45, 20, 5])[0]


def _code(one: Opened, *, verified: bool = True) -> CodeClaim:
    return CodeClaim(one.number, 1, verified)
