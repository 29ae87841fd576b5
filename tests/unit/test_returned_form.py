"""A form comes back by fax: what was ticked is read, what was not is not, and doubt is said."""

from dataclasses import replace
from datetime import date
from time import monotonic

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from config.form import load_form
from config.reference import SAMPLE_KEY
from config.vocabulary import AnswerId as A
from gateway.demo.paper.fax_channel import Channel, Grey, send, send_twice
from gateway.demo.paper.pens import PER_MM, Pen, cross_out, stroke, tick
from parsers.form import FormReading
from parsers.options import ReadOptions
from parsers.page import Patience, ReadPage, read_page
from parsers.raster import Scan
from tests.blank_form import CODE, NUMBER, draw_blank

OPTIONS = ReadOptions(
    keys=(SAMPLE_KEY,), written=date(2026, 11, 24), seconds=0.0
)  # no time: nothing may need recognition
FINE, STANDARD = Channel(), Channel(y_dpi=98.0)
PEN = Pen(0.6, 20)
ASKEW = np.array([[160, 90], [1930, 300], [1760, 2480], [60, 2230]])  # far from flat


def faxed(page: Grey, channel: Channel, *, twice: bool = False) -> ReadPage:
    received = (send_twice if twice else send)(page, channel, np.random.default_rng(7))
    scan = Scan(0, received.grey, received.x_dpi, received.y_dpi, received.is_bilevel)
    return read_page(scan, "", "", OPTIONS, Patience(monotonic() - 1, 0))


def form_of(read: ReadPage) -> FormReading:
    assert read.form is not None
    return read.form


def ticked(*boxes: A, kind: str = "cross", pen: Pen = PEN) -> Grey:
    page, rng = draw_blank(), np.random.default_rng(3)
    for box in boxes:
        rect = load_form().box(box)
        tick(page, (rect.x, rect.y, rect.w, rect.h), kind, pen, rng)
    return page


@pytest.mark.parametrize("kind", ["cross", "check", "slash", "scribble", "filled", "long_check", "circle", "dot"])
@pytest.mark.parametrize("channel", [FINE, STANDARD], ids=["fine", "standard"])
def test_every_kind_of_tick_is_seen(kind: str, channel: Channel) -> None:
    form = form_of(faxed(ticked(A.ACCEPTED_WAITING, kind=kind), channel))
    assert form.ticked == {A.ACCEPTED_WAITING}
    assert form.doubts == ()


@pytest.mark.parametrize(
    "channel",
    [
        replace(STANDARD, skew=8.0, scale=0.95),
        replace(STANDARD, skew=-8.0, scale=0.95),
        replace(STANDARD, is_upside_down=True, skew=2.0),
        replace(STANDARD, scale=0.9),
        replace(FINE, scale=1.1),
        replace(STANDARD, shift_mm=(8.0, -10.0)),
        replace(STANDARD, header="11/24/2026 09:14 FROM: DESK P.01", specks=300),
        replace(STANDARD, streaks=3, specks=50),
        replace(STANDARD, lost_lines=20, repeated_lines=10),
        Channel(x_dpi=170.0, y_dpi=170.0, is_bilevel=False, is_photo=True, noise=9.0),
    ],
)
def test_a_bad_line_moves_no_tick(channel: Channel) -> None:
    read = faxed(ticked(A.RECEIVED, A.DECLINED_CAPACITY), channel)
    assert {code.number for code in read.page.codes} == {NUMBER}
    assert all(code.verified for code in read.page.codes)
    assert form_of(read).ticked == {A.RECEIVED, A.DECLINED_CAPACITY}
    assert read.page.error == ""


def test_a_form_faxed_twice_is_read() -> None:
    assert form_of(faxed(ticked(A.NO_SHOW), STANDARD, twice=True)).ticked == {A.NO_SHOW}


def test_an_empty_form_is_no_answer() -> None:
    form = form_of(faxed(draw_blank(), replace(STANDARD, specks=600)))
    assert form.ticked == frozenset()
    assert "no box is surely ticked" in form.doubts
    assert not form.is_settled


def test_answers_that_exclude_each_other_are_doubted() -> None:
    form = form_of(faxed(ticked(A.ACCEPTED_WAITING, A.DECLINED_INSURANCE), FINE))
    assert form.doubts == ("both accepted and declined are ticked",)
    assert all(form.answers[box].value for box in (A.ACCEPTED_WAITING, A.DECLINED_INSURANCE))
    assert all(form.answers[box].confidence < 0.9 for box in (A.ACCEPTED_WAITING, A.DECLINED_INSURANCE))
    assert form.answers[A.NO_SHOW].confidence > 0.9


def test_a_scribbled_out_tick_gives_way_and_is_doubted() -> None:
    page, rect = ticked(A.ALREADY_SEEN), load_form().box(A.NO_SHOW)
    cross_out(page, (rect.x, rect.y, rect.w, rect.h), Pen(1.0, 10), np.random.default_rng(1))
    form = form_of(faxed(page, FINE))
    assert form.answers[A.ALREADY_SEEN].value
    assert form.doubts


def test_a_settled_form_is_never_recognised_as_text() -> None:
    read = faxed(ticked(A.RECEIVED), STANDARD)
    assert form_of(read).is_settled
    assert read.page.text == ""
    assert read.page.error == ""  # there was no time for a recognition, and none was asked for


def test_a_booking_whose_date_was_left_out_is_doubted_but_never_recognised_as_text() -> None:
    read = faxed(ticked(A.RECEIVED, A.APPOINTMENT_BOOKED), STANDARD)
    assert form_of(read).doubts == ("an appointment is booked, but its date is not surely read",)
    assert form_of(read).is_settled
    assert read.page.error == ""


def test_a_form_whose_head_and_foot_are_cut_off_one_at_a_time_still_reads() -> None:
    page = ticked(A.PATIENT_DECLINED)
    head, foot = page.copy(), page.copy()
    head[: round(50 * 300 / 25.4)] = 255
    foot[round(248 * 300 / 25.4) :] = 255
    for cut in (head, foot):
        assert form_of(faxed(cut, STANDARD)).ticked == {A.PATIENT_DECLINED}


def test_another_page_of_the_packet_has_a_code_but_no_form() -> None:
    page = draw_blank(replace(CODE, page=2))
    read = faxed(page, FINE)
    assert read.form is None
    assert read.page.codes[0].page == 2


def test_a_page_with_our_code_but_without_the_printed_frames_is_doubted() -> None:
    page, blank = draw_blank(), round(88 * 300 / 25.4)
    page[blank : round(192 * 300 / 25.4)] = 255
    cv2.putText(page, "see attached letter", (300, 1500), cv2.FONT_HERSHEY_SIMPLEX, 3, 0, 6)
    read = faxed(page, FINE)
    assert read.form is None
    assert "its boxes were not found" in read.doubts[0]


def ringed(box: A) -> Grey:
    """The printed words beside a box are circled; the box itself is left empty."""
    page = draw_blank()
    words = next(one.words for one in load_form().boxes if one.id is box)
    cv2.rectangle(
        page,
        (round(words.x * PER_MM), round((words.y - 0.4) * PER_MM)),
        (round((words.right + 60) * PER_MM), round((words.bottom + 0.4) * PER_MM)),
        255,
        -1,
    )
    letters = (round(words.x * PER_MM), round((words.bottom - 1.1) * PER_MM))
    cv2.putText(page, "an answer", letters, cv2.FONT_HERSHEY_SIMPLEX, 1.2, 0, 4, cv2.LINE_AA)
    angles = np.linspace(0, 2.1 * np.pi, 30)
    middle = np.array([words.x + words.w / 2, words.y + words.h / 2 + 0.2])
    radii = np.array([words.w / 2 + 2.5, words.h / 2 + 1.6])
    stroke(page, middle + np.stack([np.cos(angles), np.sin(angles)], axis=1) * radii, PEN, np.random.default_rng(4))
    return page


@pytest.mark.parametrize("channel", [FINE, replace(STANDARD, skew=3.0)], ids=["fine", "standard"])
@pytest.mark.parametrize("box", [A.RECEIVED, A.PATIENT_DECLINED])
def test_words_in_a_ring_are_an_answer(box: A, channel: Channel) -> None:
    form = form_of(faxed(ringed(box), channel))
    assert form.ticked == {box}
    assert form.doubts == ()


def test_a_line_under_the_words_is_no_ring() -> None:
    page = draw_blank()
    words = next(one.words for one in load_form().boxes if one.id is A.RECEIVED)
    under = np.array([[words.x - 1, words.bottom + 0.5], [words.right + 2, words.bottom + 0.8]])
    stroke(page, under, PEN, np.random.default_rng(4))
    assert form_of(faxed(page, FINE)).ticked == frozenset()


def photographed(page: Grey, corners: NDArray[np.int64] = ASKEW) -> Scan:
    """Held askew over a dark desk, the corners of the sheet where they are said to lie."""
    height, width = 2600, 2000
    seen = corners.astype(np.float32)
    paper = np.array([[0, 0], [page.shape[1], 0], [page.shape[1], page.shape[0]], [0, page.shape[0]]], np.float32)
    matrix = cv2.getPerspectiveTransform(paper, seen)
    grey = cv2.warpPerspective(page, matrix, (width, height), flags=cv2.INTER_AREA, borderValue=70)
    light = np.linspace(0.95, 0.6, width)[None, :]
    return Scan(0, np.clip(grey * 0.85 * light + 20, 0, 255).astype(np.uint8))


def test_a_photograph_taken_askew_is_read() -> None:
    page = ticked(A.RECEIVED, A.APPOINTMENT_PM, A.WRONG_OFFICE)
    read = read_page(photographed(page), "", "", OPTIONS, Patience(monotonic() - 1, 0))
    assert form_of(read).ticked == {A.RECEIVED, A.APPOINTMENT_PM, A.WRONG_OFFICE}


def test_corner_marks_lost_at_cut_margins_are_replaced_by_the_boxes_frames() -> None:
    page = ticked(A.NO_SHOW)
    for at in (19.0, 265.5):  # cut through the middle of all four marks
        rows = slice(0, round(at * PER_MM)) if at < 100 else slice(round(at * PER_MM), None)
        page[rows] = 255
    assert form_of(faxed(page, replace(FINE, skew=2.0))).ticked == {A.NO_SHOW}


def test_specks_in_empty_boxes_are_no_doubt_beside_a_clear_tick() -> None:
    page = ticked(A.RECEIVED)
    for box in (A.NO_SHOW, A.DECLINED_OTHER, A.ACCEPTED_WAITING):
        rect = load_form().box(box)
        cv2.circle(page, (round((rect.x + 3.2) * PER_MM), round((rect.y + 2.6) * PER_MM)), round(0.3 * PER_MM), 0, -1)
    form = form_of(faxed(page, FINE))
    assert form.ticked == {A.RECEIVED}
    assert form.doubts == ()


def test_a_stroke_that_only_enters_a_box_is_not_taken_for_dust() -> None:
    page, rect = ticked(A.RECEIVED), load_form().box(A.DECLINED_CAPACITY)
    stroke(
        page, np.array([[rect.x - 4, rect.y - 1], [rect.x + 2.1, rect.y + 2.3]]), Pen(0.4, 0), np.random.default_rng(2)
    )
    answer = form_of(faxed(page, FINE)).answers[A.DECLINED_CAPACITY]
    assert answer.value or answer.confidence < 0.9


def test_each_answer_says_where_on_the_page_it_stands() -> None:
    page = ticked(A.APPOINTMENT_BOOKED)
    cell = load_form().combs[0].cells[0]
    stroke(
        page,
        np.array([[cell.x + 4.5, cell.y + 2], [cell.x + 4.4, cell.y + 9]]),
        PEN,
        np.random.default_rng(2),
    )
    form = form_of(faxed(page, FINE))
    field = next(field for field in form.fields if field.name == "comb_date")
    assert field.box is not None
    assert field.box.x == pytest.approx(cell.x / 215.9, abs=0.01)
    assert field.box.w == pytest.approx(74 / 215.9, abs=0.01)
    assert all(answer.box for answer in form.answers.values())


def test_a_box_scribbled_over_alone_is_for_a_person() -> None:
    page, rect = draw_blank(), load_form().box(A.DECLINED_CAPACITY)
    cross_out(page, (rect.x, rect.y, rect.w, rect.h), Pen(0.7, 10), np.random.default_rng(1))
    assert any("doubtful box" in doubt for doubt in form_of(faxed(page, STANDARD)).doubts)


def test_a_check_whose_point_lies_on_the_frame_is_a_tick() -> None:
    page, rect = draw_blank(), load_form().box(A.NO_SHOW)
    low = (rect.x + 2.6, rect.bottom + 1.2)
    ends = np.array([[rect.x + 0.4, rect.bottom - 1.0], low, [rect.right + 4.0, rect.y - 3.0]])
    stroke(page, ends, Pen(0.5, 10), np.random.default_rng(2))
    form = form_of(faxed(page, FINE))
    assert form.ticked == {A.NO_SHOW}


def test_a_round_blot_of_dust_that_the_line_made_larger_is_no_tick() -> None:
    page, rect = ticked(A.RECEIVED), load_form().box(A.DECLINED_CAPACITY)
    middle = (round((rect.x + 2.6) * PER_MM), round((rect.y + 2.8) * PER_MM))
    cv2.circle(page, middle, round(0.42 * PER_MM), 0, -1)
    form = form_of(faxed(page, FINE, twice=True))
    assert form.ticked == {A.RECEIVED}


def test_a_firm_check_that_leaves_its_box_on_both_sides_is_not_taken_for_crossed_out() -> None:
    page, rect = ticked(A.APPOINTMENT_BOOKED), load_form().box(A.RECEIVED)
    ends = np.array([[rect.x - 2.0, rect.y + 2.2], [rect.x + 2.5, rect.bottom - 1.3], [rect.right + 3.5, rect.y - 0.5]])
    stroke(page, ends, Pen(1.1, 0), np.random.default_rng(2))
    answers = form_of(faxed(page, FINE, twice=True)).answers
    assert answers[A.RECEIVED].value
    assert answers[A.RECEIVED].confidence >= 0.9


def test_a_box_crossed_out_gives_way_to_words_in_a_ring() -> None:
    page, rect = ringed(A.RECEIVED), load_form().box(A.DECLINED_SPECIALTY)
    cross_out(page, (rect.x, rect.y, rect.w, rect.h), Pen(1.0, 10), np.random.default_rng(1))
    form = form_of(faxed(page, FINE))
    assert form.ticked == {A.RECEIVED}
    assert form.doubts == ("doubtful box: declined specialty",)


def test_a_faint_cross_that_fell_to_pieces_is_doubted() -> None:
    page, rect = ticked(A.RECEIVED), load_form().box(A.NO_SHOW)
    for step in (-1.3, -0.65, 0.0, 0.65, 1.3):
        for sign in (-1, 1):
            at = (round((rect.x + 3 + step) * PER_MM), round((rect.y + 3 + sign * step) * PER_MM))
            cv2.circle(page, at, round(0.18 * PER_MM), 0, -1)
    assert "doubtful box: no show" in form_of(faxed(page, FINE)).doubts


def test_frames_found_near_the_codes_lead_to_those_further_off() -> None:
    page = ticked(A.RECEIVED, A.NEED_INFORMATION)
    for mark in load_form().marks:  # a thumb over each corner: only the codes and frames are left
        left, top = round((mark.rect.x - 1) * PER_MM), round((mark.rect.y - 1) * PER_MM)
        page[top : top + round(8 * PER_MM), left : left + round(8 * PER_MM)] = 255
    seen = np.array([[30, 60], [1960, 60], [1990, 2560], [10, 2560]])
    read = read_page(photographed(page, seen), "", "", OPTIONS, Patience(monotonic() - 1, 0))
    assert form_of(read).ticked == {A.RECEIVED, A.NEED_INFORMATION}


def with_words(page: Grey, words: str, *, below_mm: float = 8.5) -> Grey:
    """Words under the first cell of the date, as far below the cells as said."""
    cell = load_form().combs[0].cells[0]
    at = (round((cell.x + 16) * PER_MM), round((cell.bottom + below_mm) * PER_MM))
    cv2.putText(page, words, at, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 2.2, 20, 5, cv2.LINE_AA)
    return page


@pytest.mark.parametrize("channel", [FINE, STANDARD], ids=["fine", "standard"])
def test_a_date_written_beside_empty_cells_is_shown_to_a_person_and_never_believed(channel: Channel) -> None:
    form = form_of(faxed(with_words(ticked(A.APPOINTMENT_BOOKED), "12/3/26"), channel))
    [field] = form.fields
    assert field.name == "date_beside"
    assert field.box is not None
    assert 130 / 279.4 < field.box.y < 146 / 279.4
    assert field.confidence < 0.9
    assert form.appointment is None or form.appointment.confidence < 0.9
    assert "an appointment is booked, but its date is not surely read" in form.doubts


def test_a_date_written_beside_the_cells_is_offered() -> None:
    form = form_of(faxed(with_words(ticked(A.APPOINTMENT_BOOKED), "12/3/26"), FINE))
    assert form.appointment is not None
    assert form.appointment.at.date() == date(2026, 12, 3)


def test_a_date_beside_the_cells_is_doubted_whatever_is_ticked() -> None:
    form = form_of(faxed(with_words(ticked(A.ACCEPTED_WAITING), "12/3/26"), FINE))
    assert "a date is written beside its cells" in form.doubts


def test_a_name_on_the_line_for_names_is_no_doubt() -> None:
    form = form_of(faxed(with_words(ticked(A.ACCEPTED_WAITING), "Dr. Lee"), FINE))
    assert form.doubts == ()
    assert form.appointment is None


def test_a_wide_ring_round_a_box_is_a_tick_of_that_box_alone() -> None:
    page, rect = draw_blank(), load_form().box(A.ACCEPTED_WAITING)
    angles = np.linspace(0, 2.05 * np.pi, 30)
    middle = np.array([rect.x + rect.w / 2 - 1.0, rect.y + rect.h / 2])
    stroke(page, middle + np.stack([np.cos(angles), np.sin(angles)], axis=1) * 6.3, PEN, np.random.default_rng(4))
    answers = form_of(faxed(page, FINE)).answers
    assert {box for box, one in answers.items() if one.value} == {A.ACCEPTED_WAITING}


def test_two_specks_that_ran_into_one_are_no_sure_tick() -> None:
    page, rect = ticked(A.RECEIVED), load_form().box(A.NO_SHOW)
    for x, y in ((2.15, 2.9), (2.75, 2.65)):
        cv2.circle(page, (round((rect.x + x) * PER_MM), round((rect.y + y) * PER_MM)), round(0.25 * PER_MM), 0, -1)
    cv2.circle(page, (round((rect.x + 2.45) * PER_MM), round((rect.y + 2.77) * PER_MM)), round(0.2 * PER_MM), 0, -1)
    answer = form_of(faxed(page, FINE)).answers[A.NO_SHOW]
    assert not answer.value or answer.confidence < 0.9


def test_a_low_check_of_which_little_lies_inside_its_box_is_rather_a_tick() -> None:
    page, rect = draw_blank(), load_form().box(A.NO_SHOW)
    low = (rect.x + 3.2, rect.bottom - 0.3)
    ends = np.array([[rect.x + 1.5, rect.bottom - 1.9], low, [rect.right + 3.2, rect.y + 1.6]])
    stroke(page, ends, Pen(0.5, 10), np.random.default_rng(2))
    assert A.NO_SHOW in form_of(faxed(page, STANDARD)).ticked


def test_a_code_whose_twin_is_cut_off_is_read_on_a_page_a_little_askew() -> None:
    page = ticked(A.PATIENT_DECLINED)
    page[: round(26 * PER_MM)] = 0  # a lid's shadow over the head
    read = faxed(page, replace(FINE, skew=1.45))
    assert {code.number for code in read.page.codes} == {NUMBER}
    assert form_of(read).ticked == {A.PATIENT_DECLINED}
