"""The form's geometry keeps what the reader was measured with: apart, whole and inside what a fax machine prints."""

from itertools import combinations

import pytest

from config.form import FormSpec, Rect, geometry, load_form
from config.vocabulary import AnswerId, CombId
from gateway.demo.office_hand import pages_of
from gateway.demo.paper.pens import PER_MM
from outbound.packet import draw_pdf
from outbound.sample import sample_content

EDGE_MM = 9.0


def printed(form: FormSpec) -> dict[str, Rect]:
    places = {f"mark {mark.id}": mark.rect for mark in form.marks}
    places |= {f"box {box.id}": box.rect for box in form.boxes}
    places |= {f"comb {comb.id} {n}": cell for comb in form.combs for n, cell in enumerate(comb.cells)}
    places |= {f"zone {zone.id}": zone.rect for zone in form.zones}
    return places | {"qr": form.qr, "pdf417": form.pdf417, "header": form.header}


def overlap(a: Rect, b: Rect) -> bool:
    return a.x < b.right and b.x < a.right and a.y < b.bottom and b.y < a.bottom


def test_every_answer_and_comb_stands_on_the_form_once() -> None:
    form = load_form()
    assert sorted(box.id for box in form.boxes) == sorted(AnswerId)
    assert {comb.id: len(comb.cells) for comb in form.combs} == {
        CombId.APPOINTMENT_DATE: 6,
        CombId.APPOINTMENT_TIME: 4,
    }


def test_nothing_printed_overlaps() -> None:
    clashes = [(a, b) for (a, ra), (b, rb) in combinations(printed(load_form()).items(), 2) if overlap(ra, rb)]
    assert clashes == []


def test_everything_stands_inside_what_fax_machines_print() -> None:
    form = load_form()
    width, height = form.page_mm
    outside = [
        name
        for name, place in printed(form).items()
        if place.x < EDGE_MM or place.y < EDGE_MM or place.right > width - EDGE_MM or place.bottom > height - EDGE_MM
    ]
    assert outside == []


def test_boxes_are_large_and_comb_cells_stand_apart() -> None:
    form = load_form()
    assert all(min(box.rect.w, box.rect.h) >= 5.5 for box in form.boxes)
    for comb in form.combs:
        assert all(cell.w >= 9 for cell in comb.cells)
        assert all(right.x - left.right >= 3 for left, right in zip(comb.cells, comb.cells[1:], strict=False))


def test_four_marks_of_six_millimetres_register_the_page() -> None:
    marks = load_form().marks
    assert len({(mark.rect.x, mark.rect.y) for mark in marks}) == 4
    assert all((mark.rect.w, mark.rect.h) == (6, 6) for mark in marks)


def test_an_attachment_never_covers_a_code() -> None:
    form = load_form()
    assert not overlap(form.body, form.qr)
    assert not overlap(form.body, form.pdf417)


def test_the_printed_geometry_has_the_published_shape() -> None:
    told = geometry(load_form())
    assert set(told) == {"page_mm", "boxes", "combs"}
    assert told["page_mm"] == [215.9, 279.4]
    assert all(set(box) == {"id", "x", "y", "w", "h"} for box in told["boxes"])
    assert all(set(cell) == {"x", "y", "w", "h"} for comb in told["combs"] for cell in comb["cells"])


def test_a_version_that_was_never_printed_is_unknown() -> None:
    with pytest.raises(KeyError, match="version 9"):
        load_form(9)


def test_the_words_beside_a_box_stand_where_the_geometry_says() -> None:
    cover = pages_of(draw_pdf(sample_content(3))[0])[0]

    def is_inked(box_words: Rect, left: float, right: float) -> bool:
        top, bottom = round(box_words.y * PER_MM), round(box_words.bottom * PER_MM)
        return bool((cover[top:bottom, round(left * PER_MM) : round(right * PER_MM)] < 128).any())

    for box in load_form().boxes:
        words = box.words
        assert is_inked(words, words.x, words.x + 1.5), box.id
        assert is_inked(words, words.right - 1.5, words.right + 0.2), box.id
        assert not is_inked(words, box.rect.right + 0.5, words.x - 0.2), box.id
        assert not is_inked(words, words.right + 0.3, words.right + 1.0), box.id
