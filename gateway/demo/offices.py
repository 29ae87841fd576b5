"""The demo's offices with habits of their own: what each does once a packet lies on its desk.

Only values. An office's process is told its own habit and nothing of the referrals: what it knows of a patient it
reads from the packet, as a real office does.
"""

from dataclasses import dataclass
from enum import StrEnum


class Act(StrEnum):
    """What an office does once a packet lies on its desk."""

    TICK = "tick"  # pen on the cover page, faxed back
    TICK_BY_MAIL = "tick_by_mail"  # pen on the cover page, scanned and mailed as a PDF
    MAIL_BODY = "mail_body"  # a reply in words
    NOTE = "note"  # a consult note or result, faxed, with no code on it
    NOTE_BY_MAIL = "note_by_mail"  # the same, as a PDF on a reply
    NOTE_WITH_COVER = "note_with_cover"  # the note behind the packet's own cover page
    JOINT_NOTES = "joint_notes"  # one fax with the notes of every patient it has heard of
    VAGUE_NOTE = "vague_note"  # a note that leaves out the birth date and every number


@dataclass(frozen=True, slots=True)
class Deed:
    """One act, so many seconds after the packet (or the deed before it)."""

    act: Act
    after_s: float
    boxes: tuple[str, ...] = ()
    appointment_in_days: int = 0
    text: str = ""
    kind: str = "consult_note"
    resolution: str = "fine"  # of the fax that goes back
    rotation: int = 0
    skew: float = 0.0
    patients: int = 1  # JOINT_NOTES waits until it has read this many packets


@dataclass(frozen=True, slots=True)
class Office:
    """A recipient and its habit."""

    slug: str
    name: str
    doctor: str
    specialty: str
    fax: str = ""
    email: str = ""
    phone: str = ""
    preferred: str = "fax"
    fallback: str = ""
    deeds: tuple[Deed, ...] = ()
    line: str = ""  # what the exchange does to calls to it, in the words of its script.toml


OFFICES: tuple[Office, ...] = (
    Office(
        "bayview-cardiology",
        "Bayview Cardiology",
        "Amara Okafor MD",
        "cardiology",
        fax="+15085550111",
        phone="+15085550211",
        deeds=(
            Deed(Act.TICK, 2, boxes=("received", "appointment_booked"), appointment_in_days=9, skew=0.8),
            Deed(Act.NOTE, 8),
        ),
    ),
    Office(
        "hillside-dermatology",
        "Hillside Dermatology",
        "Peter Lindqvist MD",
        "dermatology",
        fax="+15085550112",
        phone="+15085550212",
        deeds=(
            Deed(Act.TICK, 2, boxes=("accepted_waiting",), resolution="standard", skew=-1.5),
            Deed(Act.NOTE_WITH_COVER, 9, resolution="standard"),
        ),
    ),
    Office(
        "granite-orthopedics",
        "Granite Orthopedics",
        "Rosa Villanueva MD",
        "orthopedics",
        fax="+15085550113",
        phone="+15085550213",
        line="busy = 2",
        deeds=(
            Deed(Act.TICK, 2, boxes=("appointment_booked",), appointment_in_days=15, rotation=180, skew=2.0),
            Deed(Act.NOTE, 10, resolution="standard"),
        ),
    ),
    Office(
        "lakeside-neurology",
        "Lakeside Neurology",
        "Ilse Brandt MD",
        "neurology",
        fax="+15085550114",
        phone="+15085550214",
        deeds=(Deed(Act.TICK, 3, boxes=("declined_capacity",), skew=-0.6),),
    ),
    Office(
        "harbor-gastro",
        "Harbor Gastroenterology",
        "Minh Nguyen MD",
        "gastroenterology",
        email="frontdesk@harborgi.example",
        phone="+15085550215",
        preferred="email",
        deeds=(
            Deed(
                Act.MAIL_BODY,
                2,
                appointment_in_days=11,
                text="Hello,\n\nThank you for the referral. {given} {family} is scheduled with Dr. Nguyen on "
                "{weekday}, {date} at 2:30 PM.\n\nBest,\nDana at the front desk",
            ),
            Deed(Act.NOTE_BY_MAIL, 10),
        ),
    ),
    Office(
        "summit-endocrine",
        "Summit Endocrine Associates",
        "Farid Haddad MD",
        "endocrinology",
        email="referrals@summitendo.example",
        fax="+15085550116",
        phone="+15085550216",
        preferred="email",
        fallback="fax",
        deeds=(
            Deed(Act.TICK_BY_MAIL, 3, boxes=("received", "appointment_booked"), appointment_in_days=20, skew=1.1),
            Deed(Act.NOTE_BY_MAIL, 12),
        ),
    ),
    Office(
        "northgate-imaging",
        "Northgate Imaging Center",
        "Grace Park MD",
        "radiology",
        fax="+15085550117",
        phone="+15085550217",
        deeds=(Deed(Act.NOTE, 4, kind="result"),),
    ),
    Office(
        "two-rivers-pulmonary",
        "Two Rivers Pulmonary Group",
        "Samuel Adeyemi MD",
        "pulmonology",
        fax="+15085550118",
        phone="+15085550218",
        deeds=(Deed(Act.JOINT_NOTES, 4, patients=2),),
    ),
    Office(
        "stride-therapy",
        "Stride Physical Therapy",
        "Colleen Murphy PT",
        "physical therapy",
        fax="+15085550119",
        phone="+15085550219",
        deeds=(Deed(Act.TICK, 3, boxes=("need_information",), skew=0.4),),
    ),
    Office(
        "quiet-rheumatology",
        "Quiet Corner Rheumatology",
        "Noel Sandoval MD",
        "rheumatology",
        fax="+15085550120",
        email="office@quietcorner.example",
        phone="+15085550220",
        fallback="email",
        deeds=(),
    ),
    Office(
        "westfield-nephrology",
        "Westfield Nephrology",
        "Tomasz Zielinski MD",
        "nephrology",
        fax="+15085550121",
        phone="+15085550221",
        deeds=(Deed(Act.TICK, 3, boxes=("received",), resolution="standard", skew=1.0), Deed(Act.VAGUE_NOTE, 6)),
    ),
)
