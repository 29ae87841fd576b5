"""What a person should know before sending: who is referred already, and whether the office can be reached."""

from dataclasses import dataclass, replace
from datetime import datetime, time

from config.reference import format_number
from config.vocabulary import Channel
from gateway.domain.calendar import Calendar
from gateway.domain.directory import Recipient
from gateway.domain.intake_sheet import IntakeSheet
from gateway.domain.matching.names import folded
from gateway.domain.referral import Patient, Referral
from gateway.services.intend import no_way_there
from gateway.services.ports import Transaction
from gateway.services.preview_packet import goes_after_test
from gateway.services.rules import Rules


@dataclass(frozen=True, slots=True)
class Caution:
    """One thing to know. `number` names a referral to look at; `draft` another sheet."""

    text: str
    number: str = ""
    draft: int = 0
    is_stern: bool = True  # the packet would not arrive, or be the second for the same thing


def office_cautions(recipient: Recipient, channel: Channel | None, rules: Rules, now: datetime) -> list[Caution]:
    """About reaching the office."""
    found: list[Caution] = []
    if channel is None:
        found.append(Caution(no_way_there(recipient, rules.channels)))
    elif recipient.fax_set_aside_at:
        found.append(Caution(f"The fax number keeps failing and is set aside: it goes by {channel.value} instead"))
    if channel is Channel.FAX and recipient.fax_confirmed_at is None:
        test = "a test page without patient data goes first, and the packet once somebody confirmed it"
        words = "nobody has confirmed that this fax number is theirs"
        found.append(Caution(f"{words}: {test}" if goes_after_test(recipient, channel, rules) else words))
    calendar = office_hours(recipient, rules.calendar)
    if channel is not None and not calendar.is_open(now):
        opens = calendar.next_open(now).astimezone(rules.zone)
        told = f"{opens:%A, %B} {opens.day}, {opens:%H:%M}"
        text = f"the office is closed until {told}: it goes out at once and is answered then"
        found.append(Caution(text, is_stern=False))
    return found


def office_hours(recipient: Recipient, clinic: Calendar) -> Calendar:
    """When an office works; its holidays are taken to be the clinic's."""
    opens, closes = time.fromisoformat(recipient.opens), time.fromisoformat(recipient.closes)
    return replace(clinic, zone=recipient.zone or clinic.zone, opens=opens, closes=closes)


def patient_cautions(tx: Transaction, patient: Patient, specialty: str, own: IntakeSheet) -> list[Caution]:
    """About the same person being referred already."""
    found = [_known(tx, one) for one in tx.open_for_patient(patient) if is_alike(one.intake.specialty, specialty)]
    for sheet in tx.sheets_open():
        if sheet.id != own.id and _is_about(sheet, patient) and is_alike(sheet.fields.get("specialty", ""), specialty):
            found.append(Caution(f"{sheet.saved_by} has a draft for the same patient", draft=sheet.id))
    return found


def _known(tx: Transaction, referral: Referral) -> Caution:
    office = tx.recipient(referral.intake.recipient_id).name
    words = referral.status.value.replace("_", " ")
    text = f"the same patient is referred to {referral.intake.specialty} already: {office}, {words}"
    return Caution(text, number=format_number(referral.number))


def is_alike(one: str, other: str) -> bool:
    """Whether two names of specialties mean the same: cardiology and Pediatric Cardiologist share a stem."""
    ones, others = (_stems(text) for text in (one, other))
    return bool(ones & others)


def _stems(text: str) -> set[str]:
    return {word[:6] for word in folded(text).split() if len(word) > 2}


def _is_about(sheet: IntakeSheet, patient: Patient) -> bool:
    typed = sheet.fields
    if patient.mrn and typed.get("patient.mrn", "") == patient.mrn:
        return True
    return typed.get("patient.birth_date", "") == patient.birth_date.isoformat() and folded(
        typed.get("patient.family", "")
    ) == folded(patient.family)
