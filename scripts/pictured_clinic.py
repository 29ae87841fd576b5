"""An invented clinic in the middle of a morning, for the pictures of `scripts.picture_pages`."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from gateway.demo.notes import Known
from gateway.domain.directory import Recipient
from gateway.domain.event import Event, EventKind
from gateway.domain.referral import Status
from gateway.domain.task import TaskKind
from gateway.services.record_contact import Barrier
from tests.rigs.entry_site import LINES
from tests.rigs.review_clinic import ReviewClinic, filled, review_clinic
from tests.rigs.site import Site, a_clinic_folder

_LONG = "The Wolfeschlegelsteinhausenbergerdorff Memorial Institute for Cardiovascular Medicine"
_OFFICES = (
    ("North Shore Dermatology", "dermatology", "+15085550121", "Salem, MA 01970"),
    ("Dr. Amira Haddad", "gastroenterology", "+15085550131", "Fall River, MA 02720"),
    ("Harbor Orthopedics & Sports Medicine", "orthopedics", "+15085550141", "Plymouth, MA 02360"),
    ("Harbor Orthopaedics and Sports Med.", "orthopedics", "+15085550142", "Plymouth, MA 02360"),
    (_LONG, "cardiology", "+15085550151", "Boston, MA 02111"),
)
S, K = Status, TaskKind


@dataclass(frozen=True, slots=True)
class PicturedClinic:
    """What pictures are taken of."""

    clinic: ReviewClinic
    referral: str  # one with a story
    office: int
    draft: int
    several: int  # a document of several pages


@contextmanager
def pictured_clinic(folder: Path) -> Generator[PicturedClinic, None, None]:
    """Everything read by the real readers, every state reached by the real use cases."""
    a_clinic_folder(folder, LINES)
    with review_clinic(folder) as clinic:
        people = filled(clinic)
        two = (Known("Brandt", "Otto", date(1938, 7, 30)), Known("Nguyen", "Thi Lan", date(1949, 12, 1)))
        several = clinic.take_unsplit(*two, two[1])
        offices = _directory(clinic)
        _referrals(clinic)
        clinic.desk.marks.hand_to(2, "Omar Farouk", "Lena Ortiz")
        clinic.desk.marks.label(4, "call first", "Lena Ortiz")
        clinic.desk.marks.note(4, "Rita at Bayview says the second answer counts.", "Omar Farouk")
        story = people["Okafor"]
        _tell(clinic, story)
        yield PicturedClinic(clinic, story, offices[0], _draft(clinic), several)


def _directory(clinic: ReviewClinic) -> list[int]:
    desk, now = clinic.desk, clinic.desk.clock.now()
    with desk.store.transaction() as tx:
        bayview = next(one for one in tx.recipients() if one.name.startswith("Bayview"))
        saved = Event(EventKind.RECIPIENT_SAVED, now, "Maria Gomez")
        at = {"city": "New Bedford, MA 02740", "phone": "+15085550112", "email": "referrals@bayview.example"}
        tx.save_recipient(replace(bayview, specialty="cardiology", notes="Rita keeps the calendar.", **at), saved)
        ids = [
            tx.save_recipient(
                Recipient(name=name, specialty=specialty, fax=fax, city=city, phone=f"{fax[:-1]}9"), saved
            ).id
            for name, specialty, fax, city in _OFFICES
        ]
        known = tx.recipient(bayview.id)
    desk.directory.confirm(known, "Maria Gomez")
    return [bayview.id, *ids]


def _referrals(clinic: ReviewClinic) -> None:
    """Others, each where something else is waited for."""
    site = Site(clinic.desk)
    dermatology, stomach, bones, institute = (_OFFICES[place][0] for place in (0, 1, 2, 4))
    hours = timedelta(hours=1)

    def at(family: str, given: str, office: str, specialty: str, *, urgency: str = "routine") -> str:
        born = f"19{40 + len(family) * 3 % 50}-0{1 + len(given) % 9}-1{len(family) % 9}"
        return clinic.refer(family, given, born, recipient=office, specialty=specialty, urgency=urgency)

    number = at("Castellanos", "Ana Luc\u00eda", institute, "cardiology", urgency="emergent")
    site.move(number, S.ACKNOWLEDGED, due_in=-26 * hours, is_escalated=True)
    _to_do(clinic, number, K.TELL_CLINICIAN, f"Tell Helen Marsh MD: {institute} does not answer")
    number = at("Reyes", "Tom\u00e1s", dermatology, "dermatology", urgency="urgent")
    site.move(number, S.ACKNOWLEDGED, due_in=-3 * hours)
    _to_do(clinic, number, K.CALL, f"Call {dermatology}: received, but no appointment after two requests")
    number = at("Silva", "Jo\u00e3o", stomach, "gastroenterology")
    site.move(number, S.DECLINED)
    _to_do(clinic, number, K.DECLINED, "Declined, no capacity before March: choose another office")
    number = at("Ivanova", "Olga", bones, "orthopedics")
    site.move(number, S.NEEDS_INFORMATION)
    _to_do(clinic, number, K.INFORMATION, "They ask for the X-ray of the left knee")
    number = at("Haddad", "Karim", bones, "orthopedics")
    site.move(number, S.ACKNOWLEDGED, S.SCHEDULED, S.NO_SHOW)
    _to_do(clinic, number, K.NO_SHOW, "The patient did not attend: find out why, and help with another appointment")
    number = at("Adeyemi", "Folake", dermatology, "dermatology")
    site.move(number, S.ACKNOWLEDGED, S.SCHEDULED, due_in=200 * hours)
    number = at("Lindqvist", "Sven", stomach, "gastroenterology")
    site.move(number, S.ACKNOWLEDGED, S.SCHEDULED, S.SEEN, S.REPORT_RECEIVED)
    _to_do(clinic, number, K.REVIEW_REPORT, "The report is here: read it, then close")
    site.move(at("Tanaka", "Yuki", dermatology, "dermatology"), S.ACKNOWLEDGED, due_in=80 * hours)
    number = at("Kowalski", "Piotr", bones, "orthopedics")
    _to_do(clinic, number, K.VERIFY_NUMBER, f"{bones}: two packets failed with a voice answer. Ask for the fax number")


def _to_do(clinic: ReviewClinic, number: str, kind: TaskKind, text: str) -> None:
    id_ = clinic.referral(number).id
    with clinic.desk.store.transaction() as tx:
        tx.open_task(id_, kind, text, clinic.desk.clock.now(), None)


def _tell(clinic: ReviewClinic, number: str) -> None:
    """A story on one referral's page."""
    desk = clinic.desk
    desk.contact.call(number, "Rita at the front desk", "They have it and will book this week", "Lena Ortiz")
    desk.contact.barrier(
        number,
        Barrier.TRANSPORT,
        "No bus on weekdays; a neighbour drives on Saturdays",
        "Lena Ortiz",
        asks_for_help=True,
    )


def _draft(clinic: ReviewClinic) -> int:
    now = clinic.desk.clock.now()
    with clinic.desk.store.transaction() as tx:
        office = next(one for one in tx.recipients() if one.name.startswith("Bayview"))
        fields = {
            "patient.family": "Papadopoulos",
            "patient.given": "Eleni",
            "patient.birth_date": "1957-02-03",
            "patient.mrn": "0048213",
            "patient.phone": "(508) 555-0142",
            "patient.language": "Greek",
            "clinician.name": "Helen Marsh MD",
            "clinician.npi": "1234567893",
            "specialty": "cardiology",
            "question": "Exertional chest pain for six weeks, family history of early infarction. "
            "Please evaluate, and advise on stress testing.",
            "icd10": "I20.9, Z82.49",
            "urgency": "urgent",
            "recipient": str(office.id),
        }
        sheet = tx.start_sheet("4K7M92XQ", now, "Lena Ortiz")
        return tx.save_sheet(replace(sheet, fields=fields), now, "Lena Ortiz").id
