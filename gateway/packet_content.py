"""From a referral's own words to what a packet says. A pure mapping; draws nothing and reads nothing."""

from pydantic import TypeAdapter

from config.checklists import load_checklists, missing_and_present
from config.settings import ClinicSettings, Settings
from gateway.domain.referral import Patient
from gateway.domain.transmission import Purpose
from gateway.services.ports import PacketRequest
from outbound.content import Addressee, ChecklistItem, Enclosure, PacketContent, Sender, Subject

PACKET_CONTENT: TypeAdapter[PacketContent] = TypeAdapter(PacketContent)
"""Carries a content to the drawing process as JSON."""


def describe_packet(request: PacketRequest, settings: Settings, code_key: bytes) -> str:
    """What the drawing process is told, as JSON."""
    return PACKET_CONTENT.dump_json(packet_content(request, settings, code_key)).decode()


def packet_content(request: PacketRequest, settings: Settings, code_key: bytes) -> PacketContent:
    """Everything one packet says, for the channel of its transmission."""
    intake, recipient, transmission = request.referral.intake, request.recipient, request.transmission
    clinician = intake.clinician
    return PacketContent(
        sender=_sender(settings.clinic),
        addressee=Addressee(recipient.name, transmission.destination, recipient.organization),
        subject=_subject(intake.patient),
        number=request.referral.number,
        transmission=transmission.ordinal,
        code_key=code_key,
        clinician=clinician.name,
        clinician_npi=clinician.npi,
        clinician_phone=clinician.phone or settings.clinic.phone,
        specialty=intake.specialty,
        service=intake.service.value.replace("_", " "),
        question=intake.question,
        urgency=intake.urgency,
        respond_by=request.respond_by,
        built_at=request.built_at,
        icd10=intake.icd10,
        checklist=_checklist(intake.specialty, [name for _, name, _ in request.attachments]),
        enclosures=tuple(Enclosure(path, name, media_type) for path, name, media_type in request.attachments),
        channel=transmission.channel,
        identity=settings.cover.identity,
        is_second_request=transmission.purpose is Purpose.SECOND_REQUEST,
        is_number_test=transmission.purpose is Purpose.NUMBER_TEST,
        password=recipient.pdf_password if recipient.email_security == "password" else "",
    )


def _checklist(specialty: str, names: list[str]) -> tuple[ChecklistItem, ...]:
    """What the specialty asks for, and whether an attachment's name speaks of it."""
    found = missing_and_present(load_checklists(), specialty, names)
    return tuple(ChecklistItem(label, is_enclosed) for label, is_enclosed in found)


def _sender(clinic: ClinicSettings) -> Sender:
    return Sender(clinic.name, clinic.address, clinic.phone, clinic.fax_number, clinic.reply_address, clinic.zone)


def _subject(patient: Patient) -> Subject:
    return Subject(
        family=patient.family,
        given=patient.given,
        birth_date=patient.birth_date,
        middle=patient.middle,
        suffix=patient.suffix,
        sex=patient.sex,
        mrn=patient.mrn,
        phone=patient.phone,
        address=patient.address,
        insurance=patient.insurance,
        language=patient.language,
        needs_interpreter=patient.needs_interpreter,
    )
