"""What the head of a medical letter may say on one line: labels and values, addresses, phrases, bits of sentences.

Names come from Faker's locales of many origins and from syllables, so that no list of real names is learnt.
"""

import random
import string
from collections.abc import Callable
from functools import cache

from faker import Faker

_LOCALES = (
    *("en_US",) * 8, "es_MX", "es_ES", "fr_FR", "de_DE", "it_IT", "pt_BR", "pl_PL", "nl_NL", "sv_SE", "fi_FI", "cs_CZ",
    "hu_HU", "ro_RO", "tr_TR", "hr_HR", "vi_VN", "en_IN", "en_NG", "en_GB", "fil_PH",
)  # fmt: skip
_SYLLABLES = (
    "ba be bi bo bu ca ce ci co cu da de di do du fa fe fi fo ga ge gi go gu ha he hi ho hu ja jo ka ke ki ko ku la le "
    "li lo lu ma me mi mo mu na ne ni no nu pa pe pi po ra re ri ro ru sa se si so su ta te ti to tu va ve vi vo wa we "
    "wi ya yo za ze zi tch ng nth rk ll ss tt rr ez ski sen son ton ley ford ham wick burn man berg stein oux eau ang "
    "ong uyen ough mc mac fitz van"
).split()
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_NAME_LABELS = (
    "Patient", "Patient Name", "Name", "Pt", "Pt.", "Re", "RE", "Regarding", "Member", "Client", "Last Name",
    "First Name", "Legal name", "Patient (last, first)", "Guarantor", "Emergency contact", "Attending", "Provider",
    "Physician", "Referring", "Referring provider", "Ordered by", "Dictated by", "cc", "Attn", "From", "To", "Spouse",
    "Mother", "Subscriber",
)  # fmt: skip
_DATE_LABELS = (
    "DOB", "D.O.B.", "Date of birth", "Date of Birth", "Birth date", "Birthdate", "Born", "Date of service", "DOS",
    "Service date", "Visit date", "Visit", "Date", "Seen on", "Encounter date", "Exam date", "Collected", "Received",
    "Reported", "Admitted", "Discharged", "Appointment", "Appt date", "Dictated", "Signed",
)  # fmt: skip
_NUMBER_LABELS = (
    "MRN", "MRN#", "MR#", "Med Rec No", "Medical record", "Medical Record Number", "Chart", "Chart #", "Acct",
    "Account #", "Patient ID", "ID", "Record no.", "Member ID", "Accession", "NPI", "Order", "Case no.", "Policy",
)  # fmt: skip
_REFERRAL_LABELS = (
    "Referral", "Referral no.", "Referral number", "Referral #", "Your referral", "Your ref", "Reference", "Ref",
    "Referral ID", "Our reference", "In reply to referral",
)  # fmt: skip
_PHONE_LABELS = ("Phone", "Tel", "Telephone", "Fax", "Ph", "Cell", "Home", "Office", "Call", "FAX")
_WORDS = (
    "the and of to in for with on was were is are has had been his her this that from at by an as not or no any will "
    "would there patient history of present illness pain left right chronic acute mild moderate severe bilateral "
    "evaluation management follow up weeks months days continue current medications plan assessment impression "
    "recommend discussed risks benefits surgery therapy physical exam normal limits unremarkable lungs clear heart "
    "regular rate rhythm abdomen soft tender without masses extremities edema blood pressure pulse weight labs results "
    "imaging MRI CT scan x-ray ultrasound colonoscopy biopsy hemoglobin glucose creatinine thyroid cholesterol "
    "hypertension diabetes asthma cardiology orthopedics dermatology neurology thank you for referring pleasant woman "
    "man lady year old seen today consultation opinion sincerely dear doctor referral received scheduled appointment "
    "declined unable to reach please send records insurance authorization prior notes requested missed did not attend "
    "office questions confidential information intended recipient mg daily twice tablet dose increase stable improved "
    "symptoms denies fever chills nausea chest shortness breath dizziness allergies none known drug family social"
).split()


@cache
def _faker(locale: str) -> Faker:
    return Faker(locale)


class Lines:
    """Texts by chance, from letters that `alphabet` has."""

    def __init__(self, rng: random.Random, alphabet: str) -> None:
        self._rng = rng
        self._alphabet = frozenset(alphabet)

    def draw(self) -> str:
        """One line; empty now and then."""
        kinds: tuple[tuple[float, Callable[[], str]], ...] = (
            (30, lambda: self._labelled(_NAME_LABELS, self._name())),
            (17, lambda: self._labelled(_DATE_LABELS, self._day())),
            (13, lambda: self._labelled(_NUMBER_LABELS, self._number())),
            (8, lambda: self._labelled(_REFERRAL_LABELS, self._referral())),
            (3, lambda: self._labelled(_PHONE_LABELS, self._phone())),
            (7, self._several),
            (4, self._address),
            (5, self._phrase),
            (4, lambda: self._of(string.ascii_letters + string.digits + "-/.,:#()", self._rng.randint(3, 14))),
            (9, self._sentence),
        )
        (kind,) = self._rng.choices([kind for _, kind in kinds], [weight for weight, _ in kinds])
        return "".join(char for char in kind().strip() if char in self._alphabet)

    def _of(self, letters: str, count: int) -> str:
        return "".join(self._rng.choice(letters) for _ in range(count))

    def _fake(self) -> Faker:
        fake = _faker(self._rng.choice(_LOCALES))
        fake.seed_instance(self._rng.getrandbits(32))
        return fake

    def _invented(self) -> str:
        return "".join(self._rng.choice(_SYLLABLES) for _ in range(self._rng.randint(2, 4))).capitalize()

    def _family(self) -> str:
        rng = self._rng
        name = self._invented() if rng.random() < 0.22 else self._fake().last_name()
        kind = rng.random()
        if kind < 0.08:
            return f"{name}-{self._fake().last_name()}"
        if kind < 0.13:
            return f"{name} {self._fake().last_name()}"
        return rng.choice(("O'", "Mc", "Mac", "D'", "De ", "Van ", "St. ", "La ")) + name if kind < 0.17 else name

    def _given(self) -> str:
        return self._invented() if self._rng.random() < 0.15 else self._fake().first_name()

    def _name(self) -> str:
        rng = self._rng
        family, given, initial = self._family(), self._given(), rng.choice(string.ascii_uppercase)
        middle = rng.choice(("", "", "", f" {initial}", f" {initial}.", f" {self._given()}"))
        suffix = rng.choice(("",) * 8 + (" Jr.", " Jr", " Sr.", " III", " II", " IV"))
        kinds = (f"{family}{suffix}, {given}{middle}", f"{given}{middle} {family}{suffix}", f"{family},{given}")
        (name,) = rng.choices(kinds, (45, 45, 10))
        name = name.upper() if rng.random() < 0.22 else name
        return rng.choice(("Mr. ", "Mrs. ", "Ms. ", "Miss ", "Dr. ")) + name if rng.random() < 0.1 else name

    def _day(self) -> str:
        rng = self._rng
        y, m, d = rng.randint(1922, 2030), rng.randint(1, 12), rng.randint(1, 28)
        month = _MONTHS[m - 1]
        short = month[:3]
        forms = (
            f"{m:02}/{d:02}/{y}", f"{m:02}/{d:02}/{y}", f"{m}/{d}/{y}", f"{m}/{d}/{y % 100:02}", f"{m}-{d}-{y}",
            f"{m:02}/{d:02}/{y % 100:02}", f"{m:02}-{d:02}-{y}", f"{y}-{m:02}-{d:02}", f"{month} {d}, {y}",
            f"{short} {d}, {y}", f"{short}. {d}, {y}", f"{d:02}-{short}-{y}", f"{d} {month} {y}",
            f"{d:02}-{short.upper()}-{y}", f"{m:02}.{d:02}.{y}", f"{d:02}{short.upper()}{y}",
        )  # fmt: skip
        return rng.choice(forms)

    def _number(self) -> str:
        rng = self._rng
        digits = self._of(string.digits, rng.randint(5, 10))
        letters = self._of(string.ascii_uppercase, rng.randint(1, 3))
        mixed = self._of(string.ascii_uppercase + string.digits, len(digits))
        forms = (
            *(digits,) * 3, mixed, f"{letters[0]}{digits}", f"{letters}-{digits}", f"{digits[:3]}-{digits[3:]}",
            f"E-{digits}", f"E{digits}", f"#{digits}", f"00{digits}",
        )  # fmt: skip
        return rng.choice(forms)

    def _referral(self) -> str:
        return f"{self._of(_CROCKFORD, 4)}-{self._of(_CROCKFORD, 4)}"

    def _phone(self) -> str:
        parts = [self._of(string.digits, count) for count in (3, 3, 4)]
        form = self._rng.choice(("({}) {}-{}", "{}-{}-{}", "{}.{}.{}", "1-{}-{}-{}", "+1 {} {} {}", "{} {} {}"))
        return form.format(*parts)

    def _labelled(self, labels: tuple[str, ...], value: str) -> str:
        rng = self._rng
        if rng.random() < 0.2:
            return value
        label, kind = rng.choice(labels), rng.random()
        label = label.upper() if kind < 0.1 else label.lower() if kind > 0.93 else label
        return label + rng.choice((": ", ": ", ": ", ":", " ", "  ", "   ", ":  ", ":   ", " : ", ". ", " - ")) + value

    def _several(self) -> str:
        rng = self._rng
        parts = (
            self._name(), self._labelled(_DATE_LABELS, self._day()), self._labelled(_NUMBER_LABELS, self._number()),
            self._labelled(_REFERRAL_LABELS, self._referral()), rng.choice(("Male", "Sex: F", "Age 67", "(72 y/o)")),
        )  # fmt: skip
        return rng.choice(("  ", "   ", "    ", ", ", "; ", " | ", " / ", " ")).join(
            rng.sample(parts, rng.randint(2, 3))
        )

    def _address(self) -> str:
        fake, house = self._fake(), self._rng.randint(1, 20000)
        street = self._rng.choice(("St", "Street", "Ave", "Rd", "Blvd, Suite 300"))
        kinds = (fake.address().replace("\n", ", "), fake.email(), fake.company(), f"{house} {self._family()} {street}")
        return self._rng.choice(kinds)

    def _phrase(self) -> str:
        rng, family, name = self._rng, self._family(), self._name()
        degree = rng.choice(("MD", "M.D.", "DO", "NP", "PA-C", "PhD", "DPM"))
        return rng.choice(
            (
                f"Dear Dr. {family},",
                f"Thank you for referring {name}, a {rng.randint(1, 99)}-year-old",
                f"{name}, {degree}",
                f"Ms. {family} was seen on {self._day()}",
                f"{name} (born {self._day()})",
                f"{self._day()} {rng.randint(1, 12)}:{rng.randint(0, 59):02} {rng.choice(('AM', 'PM', 'am', 'p.m.'))}",
            )
        )

    def _sentence(self) -> str:
        rng, count = self._rng, self._rng.randint(2, 13)
        is_ours = rng.random() < 0.7
        text = " ".join(rng.choice(_WORDS) for _ in range(count)) if is_ours else self._fake().sentence(count)
        text = text[0].upper() + text[1:] if rng.random() < 0.5 else text
        text += rng.choice(".,;:") if rng.random() < 0.3 else ""
        return text.upper() if rng.random() < 0.1 else text
