"""A form comes back by fax: what was ticked is read, what was not is not, and doubt is said."""

from dataclasses import replace
from datetime import date
from time import monotonic

import cv2
import numpy as np
import pytest

from config.form import load_form
from config.reference import SAMPLE_KEY
from config.vocabulary import AnswerId as A
from gateway.demo.paper.fax_channel import Channel, Grey, send, send_twice
from gateway.demo.paper.pens import Pen, cross_out, tick
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
    assert "both accepted and declined are ticked" in form.doubts


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
