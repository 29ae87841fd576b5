# ruff: noqa: E501 - lines as they stand on paper and in the table
"""The pieces that layouts share: letterheads, whose letter it is, and the people who are not the patient."""

import random

from bench.written.letter import Facts
from bench.written.people import WRITTEN, a_name, born, first_last, last_first, surname, written_date
from bench.written.sheet import Sheet


def letterhead(sheet: Sheet, rng: random.Random, practice: str) -> None:
    """The practice's paper, in one of five looks."""
    street = f"{rng.randrange(100, 9999)} {rng.choice(('Oak', 'Main', 'Elm', 'Lincoln', 'Harbor'))} Street, Suite {rng.randrange(1, 400)}"
    town = rng.choice(("Chicago, IL 60614", "Worcester, MA 01608", "Cambridge, MA 02139", "Evanston, IL 60201"))
    phones = f"Phone ({rng.randrange(200, 990)}) 555-0{rng.randrange(100, 200)}   Fax ({rng.randrange(200, 990)}) 555-0{rng.randrange(100, 200)}"
    look = rng.randrange(5)
    if look == 0:
        sheet.line(practice, points=20, is_bold=True, is_centred=True)
        sheet.line(f"{street}, {town}", points=9.5, is_centred=True)
        sheet.line(phones, points=9.5, is_centred=True)
    elif look == 1:
        sheet.line(practice.upper(), points=16, is_bold=True)
        sheet.columns(((street, phones.split("   ", maxsplit=1)[0]), (town, phones.split("   ")[1])), share=0.6)
    elif look == 2:
        sheet.line(practice, points=17)
        sheet.line(f"{street} | {town}", points=9)
        sheet.line(phones, points=9)
        sheet.rule(6)
    elif look == 3:
        sheet.rule(8)
        sheet.line(practice, points=22, is_bold=True)
        sheet.line(f"{phones}   {town}", points=9)
        sheet.rule(8)
    else:
        sheet.line(practice, points=13, is_bold=True, is_centred=True)
        sheet.line(phones, points=9, is_centred=True)
    sheet.gap(rng.choice((0.5, 1, 1.5)))


def dated(sheet: Sheet, rng: random.Random) -> None:
    """The day of writing, with or without a label."""
    sheet.line(rng.choice(("", "Date: ")) + written_date(rng, WRITTEN))
    sheet.gap(0.7)


def birth_label(rng: random.Random) -> str:
    """As many ways as offices have."""
    return rng.choice(("DOB:", "D.O.B.:", "DOB", "Date of Birth:", "Birthdate:", "Birth Date:", "DOB -"))


def mrn_label(rng: random.Random) -> str:
    """The number's name."""
    return rng.choice(("MRN:", "MRN", "MRN#", "Med Rec #:", "Medical Record #:", "Chart #:", "MRN No.:"))


def service_label(rng: random.Random) -> str:
    """The visit's name."""
    return rng.choice(("Date of Service:", "DOS:", "Date of Visit:", "Visit Date:", "Date of service:", "Seen on:"))


def service(rng: random.Random, facts: Facts) -> str:
    """The labelled date of service."""
    facts.prints_service = True
    return f"{service_label(rng)} {written_date(rng, facts.service)}"


def mrn(rng: random.Random, facts: Facts) -> str:
    """The labelled record number."""
    facts.prints_mrn = True
    return f"{mrn_label(rng)} {facts.who.mrn}"


def number(rng: random.Random, facts: Facts) -> str:
    """The clinic's own referral number, as an office copies it."""
    facts.prints_number = True
    return f"{rng.choice(('Referral #:', 'Your reference:', 'Referral number', 'Ref:'))} {facts.number[:4]}-{facts.number[4:]}"


def re_block(sheet: Sheet, rng: random.Random, facts: Facts) -> None:
    """`RE:` and what follows, on one line or on several, with the visit or the reference."""
    who = facts.who
    label = rng.choice(("RE:", "Re:", "Patient:", "PATIENT:", "Regarding:"))
    last = service(rng, facts) if rng.random() < 0.7 else number(rng, facts)
    style = rng.randrange(4)
    if style == 0:
        sheet.line(f"{label} {a_name(rng, who)}")
        sheet.line(f"{birth_label(rng)} {born(rng, who)}", x=rng.choice((0, 90)))
        sheet.line(mrn(rng, facts), x=0)
    elif style == 1:
        sheet.line(f"{label} {a_name(rng, who)}   {birth_label(rng)} {born(rng, who)}")
        sheet.line(mrn(rng, facts))
    elif style == 2:
        sheet.line(f"{label} {first_last(rng, who)} ({birth_label(rng)} {born(rng, who)})")
        sheet.line(mrn(rng, facts))
    else:
        sheet.pair(label, a_name(rng, who))
        sheet.pair(birth_label(rng), born(rng, who))
        sheet.pair(mrn_label(rng), who.mrn)
        facts.prints_mrn = True
    sheet.line(last)
    sheet.gap()


def relative(rng: random.Random, facts: Facts) -> str:
    """A line about somebody who is not the patient, at times with a birth date of their own."""
    other = facts.relative
    label = rng.choice(
        ("Guarantor:", "Subscriber:", "Emergency Contact:", "Spouse:", "Responsible Party:", "Next of kin:")
    )
    tail = f"DOB: {other.born:%m/%d/%Y}" if rng.random() < 0.5 else f"Phone: {other.phone}"
    return f"{label} {rng.choice((first_last, last_first))(rng, other)}   {tail}"


def greeting(rng: random.Random, facts: Facts) -> str:
    """To whoever referred."""
    return rng.choice(
        (f"Dear Dr. {surname(facts.referrer)},", "Dear Colleague,", f"Dear Dr. {surname(facts.referrer)}:")
    )


def closing(sheet: Sheet, rng: random.Random, facts: Facts, practice: str) -> None:
    """Signature and copies."""
    sheet.gap(0.5)
    sheet.line(rng.choice(("Sincerely,", "Kind regards,", "With best regards,")))
    sheet.gap(1.2)
    sheet.line(facts.author)
    sheet.line(practice)
    if rng.random() < 0.4:
        sheet.gap(0.5)
        sheet.line(f"cc: {facts.referrer}")
    if rng.random() < 0.3:
        sheet.foot(f"Electronically signed by {facts.author} on {written_date(rng, WRITTEN)}      Page 1 of 1")
