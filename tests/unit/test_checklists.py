"""A checklist says enclosed only when a file's name says so in whole words."""

import pytest

from config.checklists import load_checklists, missing_and_present


def told(specialty: str, *names: str) -> dict[str, bool]:
    return dict(missing_and_present(load_checklists(), specialty, names))


@pytest.mark.parametrize(
    ("specialty", "name", "label"),
    [
        ("Cardiology", "EKG 2026-03-02.pdf", "ECG"),
        ("pediatric cardiologist", "LabResults_march.pdf", "Recent labs"),
        ("Endocrinology, Diabetes", "HbA1c.pdf", "Recent labs (A1c, TSH)"),
        ("Orthopaedic surgery", "left-knee-x-ray.jpg", "Imaging report (X-ray or MRI)"),
        ("OB/GYN", "pelvic US report.pdf", "Last Pap test or ultrasound"),
        ("dermatology", "IMG_2034.jpg", "Photo of the lesion"),
        ("anything else", "H&P 3-1.pdf", "Last visit note"),
    ],
)
def test_files_are_known_by_the_words_people_give_them(specialty: str, name: str, label: str) -> None:
    assert told(specialty, name)[label]


@pytest.mark.parametrize("name", ["medical record.pdf", "media.pdf", "usual.pdf", "structure.pdf", "footnote.pdf"])
def test_part_of_another_word_is_not_an_enclosure(name: str) -> None:
    assert not any(told("neurology", name).values())


@pytest.mark.parametrize("specialty", ["Entomology", "Obesity medicine", "food assistance", ""])
def test_an_unknown_specialty_asks_only_for_what_every_one_does(specialty: str) -> None:
    assert list(told(specialty)) == ["Last visit note", "Medication list"]
