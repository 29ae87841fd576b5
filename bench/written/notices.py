"""Layouts of notices: booked, declined, asked, not come, received, referred to us."""

import random

from bench.written.blocks import (
    birth_label,
    closing,
    dated,
    greeting,
    letterhead,
    mrn,
    number,
    re_block,
    relative,
)
from bench.written.letter import Facts
from bench.written.people import a_name, born, first_last, surname, written_date
from bench.written.sheet import Sheet
from bench.written.wording import DECLINES, NO_SHOWS, PRACTICES, RECEIPTS, REQUESTS


def _letter(sheet: Sheet, rng: random.Random, facts: Facts, title: str, text: str) -> None:
    practice = rng.choice(PRACTICES)
    letterhead(sheet, rng, practice)
    dated(sheet, rng)
    if title and rng.random() < 0.6:
        sheet.line(title, points=13, is_bold=True)
    who = facts.who
    if rng.random() < 0.5:
        sheet.line(f"{rng.choice(('RE:', 'Patient:', 'Patient Name:'))} {a_name(rng, who)}")
        sheet.line(f"{birth_label(rng)} {born(rng, who)}   {mrn(rng, facts)}")
    else:
        sheet.line(f"{rng.choice(('Re:', 'Patient:'))} {first_last(rng, who)}, {birth_label(rng)} {born(rng, who)}")
        sheet.line(mrn(rng, facts))
    sheet.line(number(rng, facts))
    if rng.random() < 0.3:
        sheet.line(relative(rng, facts))
    sheet.gap()
    sheet.line(greeting(rng, facts))
    sheet.gap(0.4)
    sheet.paragraph(text)
    closing(sheet, rng, facts, practice)


def decline(sheet: Sheet, rng: random.Random, facts: Facts) -> None:
    """We will not see the patient."""
    _letter(sheet, rng, facts, "NOTICE OF DECLINED REFERRAL", rng.choice(DECLINES))


def information_request(sheet: Sheet, rng: random.Random, facts: Facts) -> None:
    """We need more before we can book."""
    _letter(sheet, rng, facts, "REQUEST FOR ADDITIONAL INFORMATION", rng.choice(REQUESTS))


def no_show(sheet: Sheet, rng: random.Random, facts: Facts) -> None:
    """The patient did not come."""
    text = rng.choice(NO_SHOWS).format(day=written_date(rng, facts.service))
    _letter(sheet, rng, facts, "MISSED APPOINTMENT", text)


def receipt(sheet: Sheet, rng: random.Random, facts: Facts) -> None:
    """We have your referral."""
    _letter(sheet, rng, facts, "REFERRAL RECEIVED", rng.choice(RECEIPTS))


def appointment_letter(sheet: Sheet, rng: random.Random, facts: Facts) -> None:
    """A booking, told in a sentence."""
    when = f"{written_date(rng, facts.coming)} at {rng.choice(('2:15 PM', '9:30 AM', '10:00 am', '1:45 p.m.'))}"
    text = rng.choice(
        (
            "An appointment has been scheduled for {when} with {doctor}. Please arrive 15 minutes early.",
            "Your patient is scheduled for a new patient visit on {when} with {doctor}.",
            "We have scheduled your patient on {when}. The patient will be seen by {doctor}.",
        )
    ).format(when=when, doctor=f"Dr. {surname(facts.author)}")
    _letter(sheet, rng, facts, "APPOINTMENT CONFIRMATION", text)


def appointment_card(sheet: Sheet, rng: random.Random, facts: Facts) -> None:
    """A booking as labelled lines."""
    letterhead(sheet, rng, rng.choice(PRACTICES))
    sheet.line("APPOINTMENT NOTICE", points=16, is_bold=True, is_centred=True)
    sheet.gap(0.5)
    sheet.pair("Patient Name:", a_name(rng, facts.who))
    sheet.pair("Date of Birth:", born(rng, facts.who))
    sheet.line(mrn(rng, facts))
    sheet.line(number(rng, facts))
    sheet.pair("Appointment Date:", written_date(rng, facts.coming))
    sheet.pair("Appointment Time:", rng.choice(("9:30 AM", "2:15 PM", "11:00 AM")))
    sheet.pair("Provider:", facts.author)
    sheet.pair("Referring Provider:", facts.referrer)
    sheet.gap()
    sheet.paragraph("Please arrive 15 minutes before the appointment and bring a photo ID and insurance card.")


def memo(sheet: Sheet, rng: random.Random, facts: Facts) -> None:
    """A short typed memo from a front desk."""
    sheet.line(rng.choice(("MEMO", "Fax memo", "NOTE TO REFERRING OFFICE")), points=15, is_bold=True)
    sheet.gap(0.5)
    sheet.line(f"To: {facts.referrer}")
    sheet.line(f"From: {rng.choice(PRACTICES)}")
    sheet.line(f"Re: {first_last(rng, facts.who)}  {birth_label(rng)} {born(rng, facts.who)}")
    sheet.line(f"{mrn(rng, facts)}   {number(rng, facts)}")
    sheet.gap()
    sheet.paragraph(rng.choice(RECEIPTS))


def referral_to_us(sheet: Sheet, rng: random.Random, facts: Facts) -> None:
    """A referral form of somebody else's."""
    letterhead(sheet, rng, rng.choice(PRACTICES))
    sheet.line("REFERRAL REQUEST", points=16, is_bold=True)
    re_block(sheet, rng, facts)
    sheet.line(f"Patient phone: {facts.who.phone}")
    sheet.line(relative(rng, facts))
    sheet.line(f"Referring Provider: {facts.author}")
    sheet.line(f"Reason for referral: {rng.choice(('palpitations', 'knee pain', 'chronic cough', 'abnormal labs'))}")
    sheet.line("Please evaluate and treat. Urgency: routine.  ICD-10: M25.561")
