"""Layouts of notes and results: what closes a loop."""

import random

from bench.written.blocks import (
    birth_label,
    closing,
    dated,
    greeting,
    letterhead,
    mrn,
    mrn_label,
    number,
    re_block,
    relative,
    service,
    service_label,
)
from bench.written.letter import Facts
from bench.written.people import WRITTEN, a_name, born, last_first, written_date
from bench.written.sheet import Sheet
from bench.written.wording import (
    FINDINGS,
    HISTORIES,
    HOSPITALS,
    IMAGING,
    IMAGING_EXAMS,
    LAB_ROWS,
    LABORATORIES,
    PLANS,
    PRACTICES,
)


def _sections(sheet: Sheet, rng: random.Random, heads: tuple[str, ...], pools: tuple[tuple[str, ...], ...]) -> None:
    """Headed paragraphs; how far down the page they reach differs from office to office."""
    more = ("Past history:", "Medications and allergies:", "Discussion:", "Social history:", "Studies reviewed:")
    until = rng.choice((0.4, 0.6, 0.75, 0.9))
    sections = [*zip(heads, pools, strict=True), *((head, rng.choice((HISTORIES, FINDINGS))) for head in more)]
    for ordinal, (head, pool) in enumerate(sections):
        if not sheet.is_full and (ordinal < len(heads) or sheet.filled < until):
            sheet.paragraph(" ".join(rng.sample(pool, rng.randrange(2, 6))), head=head)


def _body(sheet: Sheet, rng: random.Random) -> None:
    _sections(
        sheet,
        rng,
        ("History of present illness:", "Physical examination:", "Assessment and plan:"),
        (HISTORIES, FINDINGS, PLANS),
    )


def consult_letter(sheet: Sheet, rng: random.Random, facts: Facts) -> None:
    """A letter with a RE: block and a paragraph of thanks."""
    practice = rng.choice(PRACTICES)
    letterhead(sheet, rng, practice)
    dated(sheet, rng)
    sheet.line(facts.referrer)
    sheet.gap(0.5)
    re_block(sheet, rng, facts)
    sheet.line(greeting(rng, facts))
    sheet.gap(0.5)
    sheet.paragraph(
        f"Thank you for referring {facts.who.given} {facts.who.family} to our office. "
        "I had the pleasure of seeing the patient in consultation."
    )
    _body(sheet, rng)
    closing(sheet, rng, facts, practice)


def demographics_table(sheet: Sheet, rng: random.Random, facts: Facts) -> None:
    """A ruled table of who and when over the note."""
    who = facts.who
    letterhead(sheet, rng, rng.choice(PRACTICES))
    sheet.line("CONSULTATION REPORT", points=14, is_bold=True)
    facts.prints_mrn = facts.prints_service = True
    label = rng.choice(("Patient Name", "Patient"))
    sheet.table(
        [
            (label, rng.choice(("DOB", "Date of Birth")), "MRN", rng.choice(("Date of Service", "Visit Date"))),
            (last_first(rng, who), f"{who.born:%m/%d/%Y}", who.mrn, f"{facts.service:%m/%d/%Y}"),
        ],
        has_rules=rng.random() < 0.7,
    )
    if rng.random() < 0.6:
        sheet.line(relative(rng, facts))
    sheet.line(f"Referring Physician: {facts.referrer}")
    sheet.gap(0.5)
    _body(sheet, rng)
    sheet.line(f"Electronically signed by: {facts.author}")


def two_columns(sheet: Sheet, rng: random.Random, facts: Facts) -> None:
    """Patient at the left, provider at the right."""
    who = facts.who
    letterhead(sheet, rng, rng.choice(PRACTICES))
    sheet.line("Office Visit Note", points=14, is_bold=True)
    sheet.columns(
        (
            (f"Patient: {a_name(rng, who)}", f"Provider: {facts.author}"),
            (f"{birth_label(rng)} {born(rng, who)}", f"Referring: {facts.referrer}"),
            (mrn(rng, facts), service(rng, facts)),
        )
    )
    sheet.rule()
    if rng.random() < 0.5:
        sheet.line(relative(rng, facts))
    _body(sheet, rng)
    sheet.line(facts.author)


def ehr_printout(sheet: Sheet, rng: random.Random, facts: Facts) -> None:
    """A dense print-out with a banner line and blocks of demographics."""
    who = facts.who
    sheet.size = min(sheet.size, 10.5)
    sheet.line(f"{last_first(rng, who)}   {birth_label(rng)} {born(rng, who)}   {mrn(rng, facts)}", is_bold=True)
    sheet.rule()
    sheet.line(rng.choice(PRACTICES))
    sheet.line("Progress Note", points=13, is_bold=True)
    sheet.line(service(rng, facts))
    sheet.line(f"Patient phone: {who.phone}    Sex: F    Language: English")
    sheet.line(f"PCP: {facts.referrer}    Attending: {facts.author}")
    sheet.line(relative(rng, facts))
    sheet.gap(0.5)
    _sections(
        sheet,
        rng,
        ("Chief complaint:", "HPI:", "Review of systems:", "Exam:", "Assessment/Plan:"),
        (HISTORIES, HISTORIES, HISTORIES, FINDINGS, PLANS),
    )
    sheet.foot(f"{who.family}, {who.given}   Printed {written_date(rng, WRITTEN)}   Page 1 of 2")


def typed_note(sheet: Sheet, rng: random.Random, facts: Facts) -> None:
    """A plain typed note: stacked labels, no letterhead to speak of."""
    who = facts.who
    sheet.line(rng.choice(PRACTICES))
    sheet.gap()
    width = rng.choice((380, 520))
    facts.prints_mrn = facts.prints_service = True
    rows = (
        (rng.choice(("Patient Name:", "Name:", "Patient:")), a_name(rng, who)),
        (birth_label(rng), born(rng, who)),
        (mrn_label(rng), who.mrn),
        (service_label(rng), written_date(rng, facts.service)),
        ("Referred by:", facts.referrer),
    )
    sheet.columns(rows, share=width / (sheet.right - sheet.left))
    sheet.gap()
    _sections(sheet, rng, ("Subjective:", "Objective:", "Assessment:", "Plan:"), (HISTORIES, FINDINGS, PLANS, PLANS))
    sheet.line(facts.author)


def discharge_summary(sheet: Sheet, rng: random.Random, facts: Facts) -> None:
    """A hospital's summary with dates of admission and discharge and next of kin."""
    who = facts.who
    hospital = rng.choice(HOSPITALS)
    letterhead(sheet, rng, hospital)
    sheet.line("DISCHARGE SUMMARY", points=15, is_bold=True, is_centred=True)
    sheet.gap(0.5)
    last = rng.choice(("Last Name: {0}   First Name: {1}", "Patient Name: {0}, {1}"))
    sheet.line(last.format(who.family, who.given))
    sheet.line(f"{birth_label(rng)} {born(rng, who)}    {mrn(rng, facts)}")
    facts.prints_service = True
    sheet.line(f"Discharge Date: {written_date(rng, facts.service)}")
    sheet.line(f"Attending Physician: {facts.author}    PCP: {facts.referrer}")
    sheet.line(relative(rng, facts))
    sheet.rule()
    _sections(
        sheet,
        rng,
        ("Hospital course:", "Physical exam on discharge:", "Discharge plan:", "Recommendations:"),
        (HISTORIES, FINDINGS, PLANS, PLANS),
    )
    sheet.line(facts.author)


def radiology(sheet: Sheet, rng: random.Random, facts: Facts) -> None:
    """An imaging report in capitals and colons."""
    who = facts.who
    letterhead(sheet, rng, rng.choice(IMAGING))
    sheet.line("RADIOLOGY REPORT", points=14, is_bold=True)
    exam, finding, impression = rng.choice(IMAGING_EXAMS)
    facts.prints_service = True
    sheet.columns(
        (
            (f"PATIENT: {last_first(rng, who)}", f"EXAM DATE: {written_date(rng, facts.service)}"),
            (f"DOB: {born(rng, who)}", f"ORDERING: {facts.referrer}"),
            (mrn(rng, facts), f"ACCESSION: {rng.randrange(10**6, 10**7)}"),
        )
    )
    sheet.rule()
    sheet.paragraph(exam, head="EXAM:")
    sheet.paragraph(rng.choice(HISTORIES), head="CLINICAL HISTORY:")
    sheet.paragraph("None available.", head="COMPARISON:")
    sheet.paragraph("Standard protocol was used. " + finding + " " + rng.choice(FINDINGS), head="FINDINGS:")
    sheet.paragraph(impression, head="IMPRESSION:")
    sheet.line(f"Interpreted by: {facts.author}, radiologist")


def laboratory(sheet: Sheet, rng: random.Random, facts: Facts) -> None:
    """A laboratory's table of values with ranges and flags."""
    who = facts.who
    letterhead(sheet, rng, rng.choice(LABORATORIES))
    sheet.line("FINAL LABORATORY REPORT", points=13, is_bold=True)
    sheet.line(f"Patient Name: {last_first(rng, who)}")
    sheet.line(f"{birth_label(rng)} {born(rng, who)}   Sex: M   {mrn(rng, facts)}")
    facts.prints_service = True
    sheet.line(f"Collected: {written_date(rng, facts.service)}   Ordering Provider: {facts.referrer}")
    sheet.gap(0.5)
    rows = rng.sample(LAB_ROWS, rng.randrange(4, len(LAB_ROWS) + 1))
    sheet.table([("Test", "Result", "Units", "Reference Range"), *rows], has_rules=rng.random() < 0.5)
    sheet.line("Specimen: serum. Results reviewed by the laboratory director.")


def cover_and_note(sheet: Sheet, rng: random.Random, facts: Facts) -> None:
    """A short note under a fax heading, quoting our referral number."""
    practice = rng.choice(PRACTICES)
    sheet.line("FAX", points=24, is_bold=True)
    sheet.pair("To:", facts.referrer)
    sheet.pair("From:", practice)
    sheet.pair("Date:", written_date(rng, WRITTEN))
    sheet.rule()
    sheet.line(f"Patient: {a_name(rng, facts.who)}   {birth_label(rng)} {born(rng, facts.who)}")
    sheet.line(f"{mrn(rng, facts)}   {number(rng, facts)}")
    sheet.gap()
    sheet.paragraph(
        f"Consultation note. The patient was seen in our clinic on {facts.service:%B} {facts.service.day}, "
        f"{facts.service.year}. {rng.choice(FINDINGS)} {rng.choice(HISTORIES)}"
    )
    sheet.paragraph(rng.choice(PLANS), head="Recommendations:")
    closing(sheet, rng, facts, practice)
