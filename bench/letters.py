"""Consult letters of three full pages, each from another practice and in another face."""

import io
import random

from reportlab.lib.pagesizes import letter
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, PageBreak, Paragraph, SimpleDocTemplate, Spacer

from gateway.domain.referral import Patient

_FACES = ("Helvetica", "Times-Roman", "Courier")
_PRACTICES = ("Bayview Cardiology", "Heart Partners of Worcester", "Commonwealth Cardiac Care", "Bay State Heart Group")
_SENTENCES = (
    "Symptoms began several weeks ago and have been slowly progressive.",
    "There is no orthopnea, no edema and no syncope.",
    "Blood pressure was 132/78 in the right arm, pulse 72 and regular.",
    "The electrocardiogram shows sinus rhythm with nonspecific T wave changes.",
    "An echocardiogram demonstrated normal systolic function with an ejection fraction of 60 percent.",
    "Family history is notable for early coronary disease in a brother.",
    "Current medication includes a statin and a low dose of a beta blocker.",
    "We discussed diet, exercise and the importance of taking the medication daily.",
    "Laboratory values from last month were reviewed and are unremarkable.",
    "A stress test is advised if the discomfort returns.",
)


def three_pages(patient: Patient, rng: random.Random) -> bytes:
    """The letter as PDF bytes; the patient stands once, at its head."""
    face, size = rng.choice(_FACES), rng.choice((10, 11, 12))
    style = ParagraphStyle("body", fontName=face, fontSize=size, leading=size * 1.35)
    head = ParagraphStyle("head", parent=style, fontSize=size + 6, leading=(size + 6) * 1.4)
    born = patient.birth_date.strftime(rng.choice(("%m/%d/%Y", "%B %d, %Y")))
    story: list[Flowable] = [
        Paragraph(rng.choice(_PRACTICES), head),
        Paragraph("Phone (508) 555-0211   Fax (508) 555-0111", style),
        Spacer(1, 8 * mm),
        Paragraph(f"RE: {patient.given} {patient.family}   DOB: {born}   MRN: {patient.mrn}", style),
        Paragraph("Consultation report", style),
        Paragraph("Dear Dr. Marsh,", style),
    ]
    for page in range(3):
        for _ in range(7):
            text = " ".join(rng.choice(_SENTENCES) for _ in range(rng.randrange(3, 6)))
            story += [Spacer(1, 3 * mm), Paragraph(text, style)]
        story.append(PageBreak() if page < 2 else Paragraph("Sincerely, Amara Okafor MD", style))
    out = io.BytesIO()
    SimpleDocTemplate(out, pagesize=letter, leftMargin=22 * mm, rightMargin=22 * mm, invariant=1).build(story)
    return out.getvalue()
