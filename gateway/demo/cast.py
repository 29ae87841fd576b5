"""The demo's people on the clinic's side: the clinic, and the patients it refers.

Only values. The offices that answer, and what they do, are `gateway/demo/offices.py`.
"""

from dataclasses import dataclass, field

CLINIC_NAME = "Maple Street Family Medicine"
CLINIC_FAX = "+15085550100"
CLINIC_ADDRESS = "referrals@maplestreet.example"
JUNK_FROM = "+15085550199"


@dataclass(frozen=True, slots=True)
class Case:
    """One referral of the story."""

    external_id: str
    office: str
    family: str
    given: str
    birth_date: str
    sex: str
    mrn: str
    phone: str
    urgency: str
    service: str
    specialty: str
    question: str
    icd10: tuple[str, ...] = ()
    attachments: tuple[str, ...] = field(default_factory=tuple[str, ...])


CASES: tuple[Case, ...] = (
    Case(
        "MS-1001",
        "bayview-cardiology",
        "O'Brien",
        "Kathleen",
        "1958-03-14",
        "F",
        "40217",
        "+15085551001",
        "urgent",
        "specialist_consult",
        "cardiology",
        "Exertional chest tightness for three weeks, abnormal treadmill. Please evaluate for coronary disease.",
        ("R07.89", "I10"),
        ("ecg.pdf",),
    ),
    Case(
        "MS-1002",
        "hillside-dermatology",
        "Nguyễn",
        "Minh Anh",
        "1990-11-02",
        "F",
        "40388",
        "+15085551002",
        "routine",
        "specialist_consult",
        "dermatology",
        "Changing pigmented lesion on the left calf, 9 mm. Please assess.",
        ("D22.72",),
        (),
    ),
    Case(
        "MS-1003",
        "granite-orthopedics",
        "Castellanos-Rivera",
        "Luis",
        "1971-07-29",
        "M",
        "38120",
        "+15085551003",
        "routine",
        "specialist_consult",
        "orthopedics",
        "Right knee locking after a fall, effusion. MRI enclosed. Candidate for arthroscopy?",
        ("M23.91",),
        ("mri.png",),
    ),
    Case(
        "MS-1004",
        "lakeside-neurology",
        "Whitfield",
        "Dorothy",
        "1944-12-08",
        "F",
        "21904",
        "+15085551004",
        "urgent",
        "specialist_consult",
        "neurology",
        "New resting tremor and slowed gait over six months.",
        ("R25.1",),
        (),
    ),
    Case(
        "MS-1005",
        "harbor-gastro",
        "Papadopoulos",
        "Nikos",
        "1966-05-21",
        "M",
        "39555",
        "+15085551005",
        "routine",
        "procedure",
        "gastroenterology",
        "Screening colonoscopy, positive FIT.",
        ("R19.5",),
        ("labs.pdf",),
    ),
    Case(
        "MS-1006",
        "summit-endocrine",
        "Abdullahi",
        "Fatima",
        "1983-09-17",
        "F",
        "40031",
        "+15085551006",
        "routine",
        "specialist_consult",
        "endocrinology",
        "Thyroid nodule of 14 mm, TSH 0.2. Please evaluate.",
        ("E04.1",),
        (),
    ),
    Case(
        "MS-1007",
        "northgate-imaging",
        "Hollingsworth",
        "James",
        "1952-02-27",
        "M",
        "17733",
        "+15085551007",
        "urgent",
        "imaging",
        "radiology",
        "CT chest without contrast: follow-up of a 7 mm nodule.",
        ("R91.1",),
        (),
    ),
    Case(
        "MS-1008",
        "two-rivers-pulmonary",
        "Kowalczyk",
        "Łukasz",
        "1961-10-30",
        "M",
        "36240",
        "+15085551008",
        "routine",
        "specialist_consult",
        "pulmonology",
        "Moderate COPD, two exacerbations this year.",
        ("J44.1",),
        (),
    ),
    Case(
        "MS-1009",
        "two-rivers-pulmonary",
        "Jefferson",
        "Tamika",
        "1979-06-05",
        "F",
        "40411",
        "+15085551009",
        "routine",
        "specialist_consult",
        "pulmonology",
        "Chronic cough for ten weeks, normal film.",
        ("R05.3",),
        (),
    ),
    Case(
        "MS-1010",
        "stride-therapy",
        "Schreiber",
        "Hannah",
        "1988-01-19",
        "F",
        "40502",
        "+15085551010",
        "routine",
        "therapy",
        "physical therapy",
        "Low back pain after delivery; core strengthening.",
        ("M54.50",),
        (),
    ),
    Case(
        "MS-1011",
        "quiet-rheumatology",
        "Beaumont",
        "Alice",
        "1975-08-11",
        "F",
        "37781",
        "+15085551011",
        "emergent",
        "specialist_consult",
        "rheumatology",
        "Temporal headache, jaw pain, ESR 92: giant cell arteritis?",
        ("M31.6",),
        ("labs.pdf",),
    ),
    Case(
        "MS-1012",
        "westfield-nephrology",
        "Smith",
        "John",
        "1949-04-03",
        "M",
        "10442",
        "+15085551012",
        "routine",
        "specialist_consult",
        "nephrology",
        "eGFR 28 and falling, proteinuria.",
        ("N18.4",),
        (),
    ),
    Case(
        "MS-1013",
        "bayview-cardiology",
        "Smith",
        "Joan",
        "1951-04-03",
        "F",
        "10443",
        "+15085551013",
        "routine",
        "specialist_consult",
        "cardiology",
        "Palpitations, ambulatory monitor shows brief runs of atrial fibrillation.",
        ("I48.0",),
        (),
    ),
)
