"""Which clues file a document by themselves, and which only point a person the way."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from config.vocabulary import AnswerId, DocumentKind
from gateway.domain.evidence import AnswerClaim, CodeClaim, Evidence, PersonClaim
from gateway.domain.matching.decide import Review
from tests.builders import NOON, a_patient, an_evidence
from tests.rigs.judged import FROM_OFFICE, MARIA, NUMBERS, a_referral, decided, filed_on, held_for


def coded(place: int = 0, *, verified: bool = True) -> CodeClaim:
    return CodeClaim(NUMBERS[place], 1, verified=verified)


def test_a_signed_code_decides_alone() -> None:
    assert filed_on(an_evidence(code=coded()), a_referral(), a_referral(1)) == [1]


@pytest.mark.parametrize("patients", [(), (MARIA,)], ids=["alone", "with the right patient"])
@pytest.mark.parametrize("place", [0, 1], ids=["this referral's number", "another number"])
def test_a_code_that_is_not_signed_is_never_filed(patients: tuple[PersonClaim, ...], place: int) -> None:
    forged = an_evidence(*patients, code=coded(place, verified=False), sender=FROM_OFFICE, numbers=(NUMBERS[place],))
    assert filed_on(forged) == []
    if patients or place == 0:
        assert "code" in held_for(forged)


def test_a_coded_page_attached_to_the_answer_of_another_mail_is_what_its_code_says() -> None:
    assert filed_on(an_evidence(code=coded(), thread_numbers=(NUMBERS[1],)), a_referral(), a_referral(1)) == [1]


def test_an_answer_to_our_mail_decides_alone() -> None:
    assert filed_on(an_evidence(thread_numbers=(NUMBERS[1],)), a_referral(), a_referral(1)) == [2]


@pytest.mark.parametrize(
    "clues",
    [
        {"code": coded(), "patients": (replace(MARIA, birth_date=date(1962, 4, 24)),)},
        {"code": coded(), "patients": (PersonClaim("Brandt", "Ilse"),)},
        {"code": coded(), "patients": (PersonClaim("Okafor", "Chidi"),)},
        {"code": coded(), "patients": (MARIA, PersonClaim("Brandt", "Ilse", birth_date=date(1950, 1, 1)))},
        {"code": coded(), "numbers": (NUMBERS[1],)},
        {"thread_numbers": (NUMBERS[0],), "numbers": (NUMBERS[1],)},
        {"thread_numbers": (NUMBERS[0], NUMBERS[1])},
        {"patients": (MARIA,), "numbers": (NUMBERS[1],)},
        {"patients": (MARIA,), "thread_numbers": (NUMBERS[1],)},
        {"patients": (MARIA,), "code": coded(1)},
        {"numbers": (NUMBERS[0], NUMBERS[1])},
        {"patients": (replace(MARIA, birth_date=date(1961, 4, 28)),), "numbers": (NUMBERS[0],)},
    ],
)
def test_two_clues_that_contradict_each_other_are_for_a_person(clues: dict[str, object]) -> None:
    ilse = a_patient(family="Brandt", given="Ilse", birth_date=date(1950, 1, 1), mrn="7", phone="")
    assert filed_on(an_evidence(**({"sender": FROM_OFFICE} | clues)), a_referral(), a_referral(1, ilse)) == []


@pytest.mark.parametrize(
    "claim",
    [
        MARIA,
        replace(MARIA, family="OKAFOR", given="MARIA"),
        replace(MARIA, family="0kafor"),  # zero for O
        replace(MARIA, family="Okafer"),
        replace(MARIA, family="Okafor-Lindqvist"),
        replace(MARIA, family="Maria", given="Okafor"),
        replace(MARIA, given="Mary"),
        PersonClaim("Okafor", "Maria", mrn="48213"),
        PersonClaim("Okafor", "", birth_date=date(1961, 4, 23), mrn="0048213"),
        PersonClaim("Okafor", "M.", birth_date=date(1961, 4, 23), mrn="0048213"),
    ],
)
def test_two_identifiers_file_however_they_are_spelled(claim: PersonClaim) -> None:
    assert filed_on(an_evidence(claim, sender=FROM_OFFICE)) == [1]


@pytest.mark.parametrize(
    "claim",
    [
        PersonClaim("Okafor", "Maria"),
        PersonClaim("", "", birth_date=date(1961, 4, 23)),
        PersonClaim("", "", mrn="0048213"),
        PersonClaim("", "", phone="508-555-0177"),
        PersonClaim("Okafor", "Maria", phone="+15085550177"),  # a mother of the same name has the same telephone
        PersonClaim("", "", birth_date=date(1961, 4, 23), phone="+15085550177"),  # and so has a twin
        PersonClaim("Okafor", "", birth_date=date(1961, 4, 23)),
        PersonClaim("Okafor", "M.", birth_date=date(1961, 4, 23), phone="+15085550177"),
        PersonClaim("Okafor", "Mario", birth_date=date(1961, 4, 23)),
        PersonClaim("Okafor", "Marla", birth_date=date(1961, 4, 23)),
    ],
)
def test_what_a_relative_shares_files_nothing(claim: PersonClaim) -> None:
    assert filed_on(an_evidence(claim, sender=FROM_OFFICE)) == []


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("Łukasz", "Tukasz"), ("Łukasz", "Lukasz J."), ("Bjørn", "Bjern"), ("Ana Đurđa", "ANA DURTA"), ("Weiß", "WeiB")],
)
def test_a_foreign_letter_read_as_one_that_looks_like_it_is_the_same_name(ours: str, theirs: str) -> None:
    known = a_referral(patient=a_patient(given=ours))
    assert filed_on(an_evidence(replace(MARIA, given=theirs), sender=FROM_OFFICE), known) == [1]


@pytest.mark.parametrize(("ours", "theirs"), [("Lukasz", "Tukasz"), ("Łukasz", "Rukasz"), ("Bjørn", "Bjarn")])
def test_a_letter_that_does_not_look_like_ours_is_another_name(ours: str, theirs: str) -> None:
    known = a_referral(patient=a_patient(given=ours))
    assert filed_on(an_evidence(replace(MARIA, given=theirs), sender=FROM_OFFICE), known) == []


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (("Jayden", ""), ("Hayden", "")),
        (("Michaela", ""), ("Michael", "")),
        (("Maria Elena", ""), ("Maria Teresa", "")),
        (("Maria Elena", ""), ("Maria", "")),
        (("Juan", "Carlos"), ("Juan", "Pablo")),
        (("Alexander", ""), ("Alex", "")),
        (("Christopher", ""), ("Chris", "")),
        (("Ann", "Marie"), ("Marie", "")),
        (("Jordan", ""), ("J", "")),
    ],
)
def test_a_twin_who_was_never_referred_is_not_taken_for_the_one_who_was(
    ours: tuple[str, str], theirs: tuple[str, str]
) -> None:
    known = a_referral(patient=a_patient(given=ours[0], middle=ours[1]))
    twin = replace(MARIA, given=theirs[0], middle=theirs[1], phone="+15085550177")
    assert filed_on(an_evidence(twin, sender=FROM_OFFICE), known) == []
    assert filed_on(an_evidence(replace(twin, mrn="0048213"), sender=FROM_OFFICE), known) == [1]


@pytest.mark.parametrize(("names", "files"), [("Jayden Sophia", True), ("Jayden Hayden", False)])
def test_twins_who_are_both_referred_are_told_apart_unless_their_names_rhyme(names: str, files: bool) -> None:
    one, other = names.split()
    twins = (a_referral(0, a_patient(given=one)), a_referral(1, a_patient(given=other, mrn="0048214")))
    assert filed_on(an_evidence(replace(MARIA, given=other), sender=FROM_OFFICE), *twins) == ([2] if files else [])
    assert filed_on(an_evidence(replace(MARIA, given=other, mrn="48214"), sender=FROM_OFFICE), *twins) == [2]


def test_father_and_son_are_told_apart_by_the_birth_date_and_by_nothing_less() -> None:
    father, son = a_patient(birth_date=date(1950, 4, 23), mrn="1"), a_patient(birth_date=date(1981, 4, 23), mrn="2")
    both = (a_referral(0, father), a_referral(1, son))
    born = PersonClaim("Okafor", "Maria", birth_date=date(1981, 4, 23), phone="+15085550177")
    assert filed_on(an_evidence(born, sender=FROM_OFFICE), *both) == [2]
    assert filed_on(an_evidence(replace(born, birth_date=None), sender=FROM_OFFICE), *both) == []
    assert filed_on(an_evidence(born, sender=FROM_OFFICE), both[0]) == []


@pytest.mark.parametrize("born", [date(1961, 4, 24), date(1961, 5, 23), date(1916, 4, 23)])
def test_another_birth_date_always_contradicts(born: date) -> None:
    claim = replace(MARIA, birth_date=born, mrn="0048213", phone="+15085550177")
    assert "birth date" in held_for(an_evidence(claim, sender=FROM_OFFICE, numbers=(NUMBERS[0],)))


def test_day_and_month_the_other_way_round_are_shown_as_such() -> None:
    patient = a_patient(birth_date=date(1961, 4, 12))
    claim = replace(MARIA, birth_date=date(1961, 12, 4))
    assert "the other way round" in held_for(an_evidence(claim), a_referral(patient=patient))


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"text_disagrees": True}, "its text layer says other than its page shows"),
        ({"is_partial": True}, "the fax was cut off: pages are missing"),
        ({"doubts": ("both accepted and declined are ticked",)}, "both accepted and declined are ticked"),
        ({"kind": DocumentKind.OTHER}, "unclear what kind of document it is"),
        ({"kind_confidence": 0.3}, "unclear what kind of document it is"),
        ({"kind": DocumentKind.NEW_REFERRAL}, "looks like a new referral, not an answer"),
    ],
)
def test_whatever_is_wrong_with_the_paper_is_said_even_under_a_signed_code(
    changed: dict[str, object], reason: str
) -> None:
    assert held_for(an_evidence(code=coded(), **changed)) == reason


def test_a_document_that_answers_two_referrals_of_one_patient_is_shown_with_both() -> None:
    decision = decided(an_evidence(MARIA, sender=FROM_OFFICE), a_referral(), a_referral(1))
    assert isinstance(decision, Review)
    assert {ranked.referral.id for ranked in decision.ranked} == {1, 2}


def test_what_was_found_for_and_against_is_told_in_sentences() -> None:
    decision = decided(an_evidence(replace(MARIA, given="Chidi"), sender=FROM_OFFICE))
    assert isinstance(decision, Review)
    best = decision.ranked[0]
    assert "birth date agrees" in best.findings
    assert "the fax number it came from is this office's" in best.findings
    assert best.against == ("given name is another",)


def booked(days_after_sending: int) -> Evidence:
    """A form under a signed code that books so many days after the packet went out."""
    return an_evidence(
        kind=DocumentKind.CONFIRMATION,
        code=coded(),
        ticked=(AnswerClaim(AnswerId.APPOINTMENT_BOOKED, 0.99),),
        appointment_at=(NOON + timedelta(days=days_after_sending)).replace(tzinfo=None),
        appointment_confidence=0.98,
    )


def test_an_appointment_before_the_packet_was_sent_was_misread() -> None:
    assert held_for(booked(-20)) == "it books a day before the referral was sent"


@pytest.mark.parametrize("days", [0, 1, 40])
def test_an_appointment_after_the_packet_was_sent_is_filed(days: int) -> None:
    assert filed_on(booked(days)) == [1]


def test_a_visit_before_the_packet_was_sent_is_no_misread_booking() -> None:
    seen = replace(booked(-20), ticked=(AnswerClaim(AnswerId.ALREADY_SEEN, 0.99),))
    assert filed_on(seen) == [1]
