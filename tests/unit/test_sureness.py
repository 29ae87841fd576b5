"""Nobody is surer of a person than the recogniser was of their letters."""

from datetime import date

from parsers.fields import read_fields
from parsers.reading import Person, Role
from parsers.sureness import SURE, Sureness, Words, joined


def words(line: str, **doubtful: float) -> Words:
    return tuple((word, doubtful.get(word.strip(",."), 0.96)) for word in line.split())


def patient(*lines: tuple[str, Words]) -> Person:
    text = "\n".join(line for line, _ in lines)
    people = read_fields(text, None, Sureness(tuple(seen for _, seen in lines))).people
    return next(one for one in people if one.role is Role.PATIENT)


LINE = "Patient: Ruiz, Ana   DOB: 03/04/1961"


def test_a_doubtful_letter_of_the_name_makes_the_person_doubtful() -> None:
    assert patient((LINE, words(LINE))).confidence > 0.9
    assert patient((LINE, words(LINE, Ruiz=0.4))).confidence == 0.4


def test_a_hyphen_that_parts_two_words_of_a_name_makes_the_person_doubtful() -> None:
    parted, labelled = "Patient: RUIZ, MARY - KATE   DOB: 03/04/1961", "Patient: RUIZ, MARY - DOB: 03/04/1961"
    assert patient((parted, words(parted))).confidence < 0.85
    assert patient((labelled, words(labelled))).confidence > 0.9


def test_a_doubtful_birth_date_makes_the_person_doubtful() -> None:
    assert patient((LINE, tuple((word, 0.5 if "1961" in word else 0.96) for word in LINE.split()))).confidence == 0.5


def test_other_doubtful_words_of_the_line_do_not() -> None:
    assert patient((LINE, words(LINE, Patient=0.2))).confidence > 0.9


def test_a_name_that_stands_alike_on_two_lines_is_surer_than_on_either_but_a_face_may_mislead_twice() -> None:
    again = "RE: Ana Ruiz"
    assert patient((LINE, words(LINE, Ruiz=0.76)), ("", ()), (again, words(again, Ruiz=0.8))).confidence > 0.85
    assert patient((LINE, words(LINE, Ruiz=0.4)), ("", ()), (again, words(again, Ruiz=0.5))).confidence < 0.85


def test_a_middle_name_that_may_be_half_of_the_family_name_counts() -> None:
    line = "Patient: Ana Ramirez Ruiz   DOB: 03/04/1961"
    assert patient((line, words(line, Ramirez=0.3))).confidence == 0.3


def test_a_birth_date_that_stands_there_and_cannot_be_read_makes_the_person_doubtful() -> None:
    assert patient(("Patient: Ruiz, Ana   DOB: 2912-84 28", ())).confidence < 0.85
    assert patient(("Patient: Ruiz, Ana   DOB: unknown", ())).confidence > 0.9


def test_a_text_that_was_not_recognised_is_sure() -> None:
    assert Sureness().of_name(3, "Ruiz Ana") == SURE
    assert Sureness().of_date(3, date(1961, 3, 4)) == SURE


def test_joined_texts_keep_their_lines() -> None:
    both = joined([("a\nb", Sureness((words("a"), words("b")))), ("c", Sureness((words("c"),)))])
    assert [line[0][0] if line else "" for line in both.lines] == ["a", "b", "", "c", ""]
