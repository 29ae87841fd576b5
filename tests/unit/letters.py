# ruff: noqa: E501, ISC004 - texts as they stand on paper
"""Invented letters, notes and messages in many layouts, with what is true in them.

Names come from many cultures; nobody here exists. `letter(seed)` is the same for ever; tests use seeds
that nobody looked at while the reader was written.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from config.vocabulary import DocumentKind as Kind

WRITTEN = date(2026, 11, 20)
GIVEN = [
    "Maria",
    "James",
    "Aisha",
    "Wei",
    "Olufemi",
    "Priya",
    "Siobhan",
    "Jean-Pierre",
    "Nguyet",
    "Fatima",
    "Dmitri",
    "Guadalupe",
    "Keanu",
    "Ingrid",
    "Tomasz",
    "Yuki",
    "Mohammed",
    "Chloe",
    "Xiomara",
    "Zbigniew",
    "Leilani",
    "Rashid",
    "Bridget",
    "Hyun-woo",
    "Anneliese",
    "Kwame",
    "Noor",
    "Thanh",
    "Esperanza",
    "Bjorn",
    "Ana",
    "An",
    "Lakshmi",
    "Shanice",
    "Deshawn",
    "Kateryna",
    "Ioana",
    "Mateusz",
    "Ngozi",
    "April",
    "June",
    "Will",
    "Grace",
    "Rose",
    "Sunil",
    "Haruto",
    "Soo-jin",
    "Malia",
    "Tavita",
]
FAMILY = [
    "Garcia",
    "O'Brien",
    "Smith-Jones",
    "de la Cruz",
    "Nguyen",
    "van der Berg",
    "Okonkwo",
    "Kowalczyk",
    "Patel",
    "MacDonald",
    "St. John",
    "Al-Sayed",
    "Li",
    "Kim",
    "Johnson",
    "Washington",
    "Hernandez Lopez",
    "D'Angelo",
    "Petrov",
    "Yamamoto",
    "Haddad",
    "Begay",
    "Kealoha",
    "Andersson",
    "Chukwu",
    "Fernandes",
    "Bauer",
    "Rossi",
    "Novak",
    "Papadopoulos",
    "Tran",
    "Singh",
    "Abdi",
    "McCarthy",
    "Ramirez Ortiz",
    "Le",
    "Do",
    "Young",
    "West",
    "Price",
    "Bell",
    "Moreau",
    "Castillo",
    "Wójcik",
]
MIDDLES = ("", "", "", "A", "T.", "Rose", "Lee", "J")
SUFFIXES = ("", "", "", "", "", "Jr", "Sr.", "III")
DOCTORS = [
    "Ann Lee, MD",
    "Samuel Okafor, DO",
    "Ravi Menon, MD, FACC",
    "Helen Brandt, NP",
    "Luis Ortega, M.D.",
    "Grace Chen, PA-C",
    "Omar Farouk, MD",
    "Kirsten Dahl, MD, PhD",
]
CLINICS = [
    "Valley Cardiology Associates",
    "Lakeside Orthopedics & Sports Medicine",
    "North Shore Dermatology, PC",
    "Summit GI Consultants",
    "University Neurology Clinic",
    "Bayview Imaging Center",
    "Mercy Hospital Laboratory",
    "Cedar Hill Endocrinology",
    "Family Eye Care",
]


@dataclass(frozen=True, slots=True)
class Letter:
    """A text and what is true in it."""

    text: str
    kind: Kind
    family: str
    given: str
    born: date
    mrn: str = ""
    layout: str = ""


@dataclass(frozen=True, slots=True)
class Patient:
    family: str
    given: str
    middle: str
    suffix: str
    born: date
    mrn: str


def a_patient(rng: random.Random) -> Patient:
    born = date(1932, 1, 1) + timedelta(days=rng.randrange(34_000))
    mrn = rng.choice(("", "M", "E-")) + str(rng.randrange(10_000, 99_999_999))
    return Patient(
        rng.choice(FAMILY),
        rng.choice(GIVEN),
        rng.choice(MIDDLES),
        rng.choice(SUFFIXES),
        min(born, date(2026, 5, 1)),
        mrn,
    )


def a_date(rng: random.Random, day: date) -> str:
    form = rng.randrange(9)
    return (
        f"{day:%m/%d/%Y}",
        f"{day.month}/{day.day}/{day.year}",
        f"{day.month}-{day.day}-{day.year}",
        f"{day:%B} {day.day}, {day.year}",
        f"{day:%d %b %Y}",
        f"{day:%Y-%m-%d}",
        f"{day:%m.%d.%Y}",
        f"{day:%b} {day.day}, {day.year}",
        f"{day:%d-%b-%Y}",
    )[form]


def first_last(rng: random.Random, who: Patient) -> str:
    name = " ".join(part for part in (who.given, who.middle, who.family, who.suffix) if part)
    return name.upper() if rng.random() < 0.2 else name


def last_first(rng: random.Random, who: Patient) -> str:
    suffix = f" {who.suffix}" if who.suffix else ""
    name = rng.choice(
        (f"{who.family}{suffix}, {who.given} {who.middle}", f"{who.family}, {who.given} {who.middle}{suffix}")
    )
    return (name.upper() if rng.random() < 0.5 else name).strip()


def a_name(rng: random.Random, who: Patient) -> str:
    return rng.choice((first_last, last_first))(rng, who)


def _dob(rng: random.Random) -> str:
    return rng.choice(("DOB:", "D.O.B.:", "DOB", "Date of Birth:", "Birthdate:", "Birth Date:", "dob:"))


def _other(rng: random.Random) -> str:
    """A person who is not the patient, with a birth date of their own at times."""
    who = a_patient(rng)
    label = rng.choice(("Guarantor", "Subscriber", "Emergency Contact", "Spouse", "Responsible Party", "Mother"))
    tail = f"   DOB: {who.born:%m/%d/%Y}" if rng.random() < 0.5 else "   Phone: (312) 555-0188"
    return f"{label}: {who.given} {who.family}{tail}"


def _colons(rng: random.Random, who: Patient) -> str:
    born = a_date(rng, who.born)
    return f"Patient Name: {a_name(rng, who)}\n{_dob(rng)} {born}\nMRN: {who.mrn}\nPhone: (415) 555-0132\n{_other(rng)}"


def _one_line(rng: random.Random, who: Patient) -> str:
    born = a_date(rng, who.born)
    return f"{rng.choice(('Patient', 'PATIENT', 'Pt', 'RE'))}: {a_name(rng, who)}   {_dob(rng)} {born}   MRN: {who.mrn}"


def _re_line(rng: random.Random, who: Patient) -> str:
    born = a_date(rng, who.born)
    return f"Dear Dr. {rng.choice(DOCTORS).split(',')[0].split()[1]},\n\nRE: {a_name(rng, who)}\n    {_dob(rng)} {born}\n    MRN# {who.mrn}"


def _table(rng: random.Random, who: Patient) -> str:
    gap = rng.choice(("  ", "    ", " | ", "\t", " "))
    rows = (gap.join(("Patient Name", "DOB", "MRN")), gap.join((last_first(rng, who), f"{who.born:%m/%d/%Y}", who.mrn)))
    return "\n".join(rows)


def _stacked(rng: random.Random, who: Patient) -> str:
    return f"Patient Name\n{a_name(rng, who)}\nDate of Birth\n{a_date(rng, who.born)}\nMRN\n{who.mrn}"


def _two_columns(rng: random.Random, who: Patient) -> str:
    return (
        f"{'Patient: ' + a_name(rng, who):<48}Provider: {rng.choice(DOCTORS)}\n"
        f"{'DOB: ' + a_date(rng, who.born):<48}NPI: 1234567893\n{'MRN: ' + who.mrn:<48}Phone: (312) 555-0177"
    )


def _parts(rng: random.Random, who: Patient) -> str:
    middle = f"   Middle: {who.middle}" if who.middle else ""
    return f"Last Name: {who.family}   First Name: {who.given}{middle}\nDOB: {a_date(rng, who.born)}   Sex: F   MRN: {who.mrn}"


def _sections(rng: random.Random, who: Patient) -> str:
    other = a_patient(rng)
    return (
        f"EMERGENCY CONTACT\nName: {other.given} {other.family}\nPhone: 312-555-0144\n\nPATIENT INFORMATION\n"
        f"Name: {a_name(rng, who)}\nDate of Birth: {a_date(rng, who.born)}\nMedical Record #: {who.mrn}"
    )


def _banner(rng: random.Random, who: Patient) -> str:
    return f"{last_first(rng, who)}   DOB {a_date(rng, who.born)}   MRN {who.mrn}"


def _bracket(rng: random.Random, who: Patient) -> str:
    return f"Re: {a_name(rng, who)} (DOB: {a_date(rng, who.born)}), MRN {who.mrn}"


def _slash(rng: random.Random, who: Patient) -> str:
    return f"Name/DOB: {last_first(rng, who)}  {who.born:%m/%d/%Y}\nChart #: {who.mrn}"


def _dashes(rng: random.Random, who: Patient) -> str:
    return f"RE: {a_name(rng, who)} - DOB {who.born:%m/%d/%Y} - MRN {who.mrn}"


def _prose(rng: random.Random, who: Patient) -> str:
    title = rng.choice(("", "Mr. ", "Ms. ", "your patient, "))
    cue = rng.choice(("This letter is about", "I am writing regarding", "We are writing about your patient,"))
    return f"{cue} {title}{first_last(rng, who)}, born {who.born:%B} {who.born.day}, {who.born.year}."


def _dots(rng: random.Random, who: Patient) -> str:
    return f"Patient Name ........ {a_name(rng, who)}\nDate of Birth ....... {a_date(rng, who.born)}\nMRN ................. {who.mrn}"


LAYOUTS: tuple[Callable[[random.Random, Patient], str], ...] = (
    _colons, _one_line, _re_line, _table, _stacked, _two_columns, _parts, _sections, _banner, _bracket, _slash, _dashes,
    _prose, _dots,
)  # fmt: skip

_CONSULT = (
    "Thank you for referring this patient to our clinic.\n\nHISTORY OF PRESENT ILLNESS: {age}-year-old with three months "
    "of symptoms, seen today.\nPHYSICAL EXAM: BP 128/76, no distress.\nASSESSMENT AND PLAN: Stable. Continue current "
    "medications. Follow-up in 3 months.",
    "CONSULTATION NOTE\n\nChief complaint: fatigue.\nPast medical history: hypertension.\nMedications: lisinopril.\n"
    "Impression: likely benign.\nRecommendations: repeat labs in six weeks, return to clinic as needed.",
    "It was a pleasure to see this patient in consultation on {service}. On examination the joint is tender. I recommend "
    "physical therapy and will see the patient again in 6 weeks.",
    "PROGRESS NOTE\nDate of service: {service}\nSubjective: doing better, denies chest pain.\nObjective: lungs clear.\n"
    "Plan: continue inhaler, return in one year.",
)
_RESULTS = (
    "LABORATORY REPORT\nSpecimen collected: {service}\nHemoglobin 13.2 g/dL (reference range 12.0-16.0)\nCreatinine 0.9 mg/dL\n"
    "TSH 2.1 mIU/L",
    "EXAM: MRI LUMBAR SPINE WITHOUT CONTRAST\nDate of exam: {service}\nTECHNIQUE: sagittal T1.\nCOMPARISON: none.\nFINDINGS: mild "
    "degenerative change.\nIMPRESSION: No acute abnormality.",
    "SURGICAL PATHOLOGY REPORT\nAccession: S26-1881\nSpecimen: colon polyp.\nGross description: tan tissue.\nFinal diagnosis: "
    "tubular adenoma.",
    "ECHOCARDIOGRAM REPORT\nDate of study: {service}\nFindings: ejection fraction 60%.\nImpression: normal study.",
)
_APPOINTMENTS = (
    "The appointment has been scheduled for {coming} at 2:15 PM with {doctor}. Please arrive 15 minutes early.",
    "APPOINTMENT CONFIRMATION\nAppointment Date: {coming}\nTime: 9:30 AM\nLocation: Suite 200",
    "We have booked this patient on {coming} at 10am.",
    "Your patient is scheduled for a new patient visit on {coming} @ 1:00 pm.",
)
_DECLINES = (
    "Unfortunately we are unable to accept this referral because we do not treat this condition.",
    "REFERRAL DECLINED\nReason for decline: we are out of network with the patient's insurance.",
    "Dr. Brandt is not accepting new patients at this time. Please refer the patient elsewhere.",
    "We regret that we must decline this referral; our practice has no capacity before next year.",
)
_REQUESTS = (
    "Please send the most recent office note and labs before we can schedule this patient.",
    "We need additional information to process the referral:\n- insurance card\n- last EKG\n- medication list",
    "The referral is incomplete. Missing information: diagnosis code and prior imaging. Please fax to 312-555-0100.",
    "Your referral is on hold. Prior authorization is required and the records were not included.",
)
_NO_SHOWS = (
    "The patient did not show for the appointment on {service} and has not rescheduled.",
    "NO SHOW NOTICE\nThis patient missed the scheduled appointment on {service}.",
    "Patient failed to keep the appointment of {service}. We were not called.",
    "pt no-showed {service}, please advise",
)
_CONFIRMATIONS = (
    "We received your referral and will call the patient to schedule within 5 business days.",
    "This confirms receipt of the referral. The patient has been placed on our waiting list, about 6-8 weeks.",
    "We have accepted the referral and are happy to see the patient.",
    "We got the fax. We left two voicemails and are unable to reach the patient.",
)
_NEW = (
    "REFERRAL REQUEST\nReason for referral: knee pain.\nPlease evaluate and treat.\nICD-10: M25.561\nUrgency: routine",
    "I am referring this patient for evaluation of palpitations. Thank you for seeing the patient.",
    "NEW PATIENT REFERRAL FORM\nReferred to: Cardiology\nReferring clinic: Elm Street Family Practice\nPriority: urgent",
    "Consult request: please see this patient for chronic cough. I would appreciate your evaluation.",
)
_OTHERS = (
    "SPECIAL OFFER on toner and copier supplies! Save 40% this month only. Call now or reply to unsubscribe.",
    "INVOICE 88123\nAmount due: $1,240.00\nPlease remit payment within 30 days.",
    "Join us for a free webinar on revenue cycle management. Register today! CME available.",
    "Dear colleagues, we are pleased to announce that our clinic has moved to a new location.",
    "PRESCRIPTION REFILL REQUEST\nPharmacy: Main Street Drug\nRefill: metformin 500 mg #60",
    "Our office will be closed on Thursday for the holiday.",
)
BODIES: dict[Kind, tuple[str, ...]] = {
    Kind.CONSULT_NOTE: _CONSULT,
    Kind.RESULT: _RESULTS,
    Kind.APPOINTMENT_NOTICE: _APPOINTMENTS,
    Kind.DECLINE: _DECLINES,
    Kind.INFORMATION_REQUEST: _REQUESTS,
    Kind.NO_SHOW: _NO_SHOWS,
    Kind.CONFIRMATION: _CONFIRMATIONS,
    Kind.NEW_REFERRAL: _NEW,
    Kind.OTHER: _OTHERS,
}


def letter(seed: int) -> Letter:
    """One invented document that names a patient."""
    rng = random.Random(seed)
    who = a_patient(rng)
    kind = rng.choice([kind for kind in BODIES if kind is not Kind.OTHER])
    layout = rng.choice(LAYOUTS)
    service = WRITTEN - timedelta(days=rng.randrange(1, 60))
    coming = WRITTEN + timedelta(days=rng.randrange(1, 90))
    doctor = rng.choice(DOCTORS)
    body = rng.choice(BODIES[kind]).format(
        age=(WRITTEN - who.born).days // 365, service=a_date(rng, service), coming=a_date(rng, coming), doctor=doctor
    )
    head = f"{rng.choice(CLINICS)}\n{rng.randrange(100, 9999)} Oak Street, Suite {rng.randrange(9) + 1}\nPhone (312) 555-0100  Fax (312) 555-0101\n"
    dated = f"\nDate: {a_date(rng, WRITTEN)}\n" if rng.random() < 0.7 else "\n"
    end = f"\n\nSincerely,\n\n{doctor}\n" if rng.random() < 0.7 else "\n"
    if kind in {Kind.NO_SHOW, Kind.CONFIRMATION, Kind.APPOINTMENT_NOTICE} and rng.random() < 0.3:
        head, dated, end = "", "", ""
    text = f"{head}{dated}\n{layout(rng, who)}\n\n{body}{end}"
    return Letter(text, kind, who.family, who.given, who.born, who.mrn, layout.__name__)


def unrelated(seed: int) -> str:
    """A text that has nothing to do with a referral."""
    return random.Random(seed).choice(_OTHERS)


_SLIPS = {"0": "O", "1": "l", "5": "S", "O": "0", "I": "l", "m": "rn", "e": "c", ":": ";", "B": "8"}


def with_slips(text: str, seed: int, share: float = 0.004) -> str:
    """The text as recognition might read a poor fax."""
    rng = random.Random(seed)
    return "".join(_SLIPS.get(char, char) if rng.random() < share * 5 and char in _SLIPS else char for char in text)
