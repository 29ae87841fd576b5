"""A page whose code names one patient and whose text names another is never filed by itself."""

from dataclasses import replace
from datetime import date

from gateway.domain.arrival import PartState
from gateway.testing import memory_store
from parsers.fields import read_fields
from tests.integration.test_twins import LETTER, a_form, a_letter
from tests.rigs.reading_desk import ReadingDesk


def test_a_letter_about_another_patient_on_our_coded_page_is_for_a_person() -> None:
    store = memory_store()
    desk = ReadingDesk.with_a_mail_sent(store)
    other = desk.also_open("Petit", "Jean")
    text = LETTER.replace("Maria Okafor", "Jean Petit").replace("04/23/1961", "01/02/1950").replace("0048213", "99")
    code = a_form().documents[0].code
    letter = a_letter(text)
    people = read_fields(text, date(2026, 3, 2)).people
    coded = replace(letter, documents=(replace(letter.documents[0], code=code, people=people),))
    [part] = desk.take_reading(coded)
    assert part.state is PartState.REVIEW
    assert "another" in part.reason
    with store.transaction() as tx:
        assert tx.filed_on(desk.referral_id) == []
        assert tx.filed_on(other.id) == []
    store.close()
