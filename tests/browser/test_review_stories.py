"""What a coordinator does at the queue, in a real browser over the real daemon's parts: keys, eyes, two people."""

import contextlib
import hashlib
import re
import shutil
from collections.abc import Generator
from datetime import UTC, date, datetime
from pathlib import Path
from time import sleep

import pytest
from playwright.sync_api import Page, expect

from gateway.demo.notes import Known
from gateway.domain.arrival import PartState
from gateway.domain.event import EventKind
from gateway.domain.referral import Status
from gateway.errors import StaleRow
from tests.rigs.queue_browser import Windows, windows
from tests.rigs.review_clinic import ReviewClinic, filled, review_clinic, served

pytestmark = pytest.mark.slow
expect.set_options(timeout=30_000)
AXE = (Path(__file__).parents[1] / "rigs" / "axe" / "axe.min.js").read_text(encoding="utf-8")
LENA, OMAR = "Lena Marsh", "Omar Farouk Abdelrahman-Castellanos"


class Morning:
    """A clinic with a full queue, its referrals by family name, and a browser in front of it."""

    def __init__(self, clinic: ReviewClinic, people: dict[str, str], seen: Windows) -> None:
        self.clinic = clinic
        self.people = people
        self.windows = seen

    def part_state(self, item: int) -> PartState:
        with self.clinic.desk.store.transaction() as tx:
            return tx.part(item).state

    def referral_status(self, family: str) -> Status:
        return self.clinic.referral(self.people[family]).status


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """What came in, read once for all stories: the clinic's folder, and its referrals by family name."""
    folder = tmp_path_factory.mktemp("night")
    with review_clinic(folder) as clinic:
        return folder, filled(clinic)


@pytest.fixture
def morning(tmp_path: Path, night: tuple[Path, dict[str, str]]) -> Generator[Morning, None, None]:
    folder, people = night
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    with review_clinic(tmp_path) as clinic, served(clinic) as address, windows(address) as seen:
        yield Morning(clinic, people, seen)


def looked_at(page: Page) -> None:
    """Until the keys act and the page's picture is drawn."""
    page.wait_for_selector("body[data-keys]")
    page.wait_for_function(
        "() => { const i = document.querySelector('.leaf:not([hidden]) img');"
        " return !i || i.hidden || (i.complete && i.naturalWidth > 0); }"
    )


def until_free(morning: Morning, item: int) -> None:
    """Until the browser that had it open has said that it closed it."""
    for _ in range(100):
        with morning.clinic.desk.store.transaction() as tx:
            if not tx.mark(item).holder(datetime.now(UTC)):
                return
        sleep(0.1)
    raise AssertionError("the closed page did not let go of its document")


def test_a_document_is_filed_by_keys_alone_and_the_next_one_opens(morning: Morning) -> None:
    page = morning.windows.of(LENA)
    page.goto("/queue")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/queue/1$"))
    looked_at(page)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text(f"filed on {morning.people['Okafor']} Okafor, Maria")
    expect(page.get_by_role("heading", level=1)).to_have_text("Consult note")
    assert morning.part_state(1) is PartState.FILED
    assert morning.referral_status("Okafor") is Status.SCHEDULED
    looked_at(page)
    page.keyboard.press("u")
    expect(page.get_by_text("taken back by Lena Marsh")).to_be_visible()
    assert morning.part_state(1) is PartState.REVIEW
    assert morning.referral_status("Okafor") is Status.DELIVERED


def test_a_handwritten_date_is_corrected_beside_its_cut_out(morning: Morning) -> None:
    page = morning.windows.of(LENA)
    page.goto("/queue/1")
    looked_at(page)
    cut = page.get_by_alt_text("Date as written")
    expect(cut).to_be_visible()
    page.wait_for_function("() => document.querySelector('.cutting img').naturalWidth > 100")
    page.locator(".cutting").first.click()
    expect(page.locator("rect.shown")).to_have_count(1)
    page.keyboard.press("e")
    page.keyboard.type("12202026")
    page.locator("#time").fill("14:45")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("is filed on")
    booked = morning.clinic.referral(morning.people["Okafor"]).appointment_at
    assert booked is not None
    assert f"{booked.astimezone(morning.clinic.desk.rules.zone):%Y-%m-%d %H:%M}" == "2026-12-20 14:45"
    with morning.clinic.desk.store.transaction() as tx:
        corrections = [one.event for one in tx.events() if one.event.kind is EventKind.PART_CORRECTED]
    assert [(one.actor, one.part_id) for one in corrections] == [(LENA, 1)]


def test_what_contradicts_is_asked_once_more_before_it_is_filed(morning: Morning) -> None:
    page = morning.windows.of(LENA)
    page.goto("/queue/2")
    looked_at(page)
    page.keyboard.press("1")
    expect(page.get_by_role("dialog")).to_contain_text("birth date differs in one digit")
    page.keyboard.press("Escape")
    assert morning.part_state(2) is PartState.REVIEW
    page.keyboard.press("1")
    page.keyboard.press("y")
    expect(page.get_by_role("status")).to_contain_text("Nguyen, Thi Lan")
    assert morning.part_state(2) is PartState.FILED


def test_the_best_guess_that_little_speaks_for_is_asked_once_more_unless_it_was_chosen(morning: Morning) -> None:
    stranger = Known("Delacroix", "Noor", date(1990, 2, 11))
    item = morning.clinic.take_unsplit(stranger)
    page = morning.windows.of(LENA)
    page.goto(f"/queue/{item}")
    looked_at(page)
    likely = int(page.locator(".candidate .likely").first.inner_text().removesuffix("%"))
    assert likely < 50
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text(f": {likely}% likely")
    page.keyboard.press("Escape")
    assert morning.part_state(item) is PartState.REVIEW
    page.keyboard.press("1")
    expect(page.get_by_role("status")).to_contain_text("is filed on")
    assert morning.part_state(item) is PartState.FILED


def test_two_people_on_one_document(morning: Morning) -> None:
    first, second = morning.windows.of(LENA), morning.windows.of(OMAR)
    first.goto("/queue/3")
    looked_at(first)
    second.goto("/queue/3")
    looked_at(second)
    expect(second.get_by_role("alert").first).to_contain_text(f"{LENA} has this open")
    expect(second.get_by_role("button", name="File it")).to_have_count(0)
    second.keyboard.press("j")
    expect(second).not_to_have_url(re.compile(r"/queue/3$"))
    first.keyboard.press("j")
    first.wait_for_url(re.compile(r"/queue/(?!3$)"))
    until_free(morning, 3)
    second.goto("/queue/3")
    expect(second.get_by_role("button", name="File it")).to_be_visible()
    stale = morning.windows.of("Third")
    second.goto("/queue")
    morning.clinic.desk.marks.release(3, OMAR)
    stale.goto("/queue/3")
    looked_at(stale)
    morning.clinic.desk.marks.release(3, "Third")
    morning.clinic.desk.settle.discard(3, "sent twice", "Fourth")
    stale.keyboard.press("Enter")
    expect(stale.get_by_role("alert")).to_contain_text("already discarded by Fourth")
    expect(stale.get_by_role("alert")).to_contain_text("Nothing was changed")


def test_pages_arranged_anew_are_read_while_the_page_waits_and_what_comes_of_it_appears_by_itself(
    morning: Morning,
) -> None:
    page = morning.windows.of(LENA)
    page.goto("/queue/2")
    looked_at(page)
    page.keyboard.press("s")
    page.get_by_role("button", name="Turn page 1").click()
    page.get_by_role("button", name="Make it so").click()
    expect(page.get_by_role("status").first).to_contain_text("Pages arranged by Lena Marsh")
    page.wait_for_url(re.compile(r"told=arranged"))
    expect(page.get_by_text("Its pages are arranged anew")).to_be_visible()
    assert morning.part_state(2) is PartState.REPLACED
    other = morning.windows.of(OMAR)
    other.goto("/queue")
    assert "item 2<" not in other.content()


def test_a_fax_of_two_patients_is_split_and_both_are_filed_by_keys(morning: Morning) -> None:
    item = morning.clinic.take_unsplit(
        Known("Brandt", "Otto", date(1938, 7, 30)), Known("Okafor", "Maria", date(1961, 4, 23))
    )
    page = morning.windows.of(LENA)
    page.goto(f"/queue/{item}")
    looked_at(page)
    expect(page.locator("#page-said")).to_have_text("Page 1 of 2")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#page-said")).to_have_text("Page 2 of 2")
    page.keyboard.press("s")
    expect(page.get_by_label("Split after page")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"told=arranged"))
    assert morning.part_state(item) is PartState.REPLACED
    for family in ("Brandt", "Okafor"):
        looked_at(page)
        expect(page.locator(".candidate").first).to_contain_text(f"{family}, ")
        expect(page.locator("#page-said")).to_have_text("Page 1 of 1")
        page.keyboard.press("1")
        expect(page.get_by_role("status").first).to_contain_text(f"is filed on {morning.people[family]} {family}, ")
    for family in ("Brandt", "Okafor"):
        filed = morning.clinic.referral(morning.people[family])
        with morning.clinic.desk.store.transaction() as tx:
            assert [part.settled_by for part in tx.filed_on(filed.id)] == [LENA]
    original = morning.clinic.desk.vault.path(sha256_of(morning, item))
    assert hashlib.sha256(original.read_bytes()).hexdigest() == original.name, "it is byte for byte as it came"


def sha256_of(morning: Morning, item: int) -> str:
    with morning.clinic.desk.store.transaction() as tx:
        return tx.arrival(tx.part(item).arrival_id).sha256


def test_a_document_is_labelled_noted_made_ones_own_and_handed_on_by_keys(morning: Morning) -> None:
    page = morning.windows.of(LENA)
    page.goto("/queue/3")
    for key, typed, told in (("l", "call first", "call first"), ("c", "Rita knows more", "Rita knows more")):
        looked_at(page)
        page.keyboard.press(key)
        page.keyboard.type(typed)
        page.get_by_role("dialog").get_by_role("button").first.press("Enter")
        expect(page.locator(".reading")).to_contain_text(told)
    looked_at(page)
    page.keyboard.press("m")
    expect(page.locator("#about")).to_contain_text(f"with {LENA}")
    looked_at(page)
    page.keyboard.press("h")
    page.keyboard.type(OMAR)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("It is handed over")
    page.goto("/queue")
    row = page.locator("#item3")
    for told in (OMAR, "call first", "1 note"):
        expect(row).to_contain_text(told)
    his = morning.windows.of(OMAR)
    his.goto("/queue?whose=mine")
    expect(his.locator("tbody tr")).to_have_count(1)


def test_junk_goes_to_the_trash_with_its_sender_blocked_and_both_are_taken_back(morning: Morning) -> None:
    page = morning.windows.of(LENA)
    page.goto("/queue/5")
    looked_at(page)
    page.keyboard.press("x")
    page.get_by_label("Block +18005550198").check()
    page.get_by_role("button", name="To the trash").press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("in the trash: advertisement")
    assert morning.part_state(5) is PartState.DISCARDED
    page.goto("/queue/trash")
    expect(page.get_by_text("can be put back for 30 days")).to_be_visible()
    blocked = page.get_by_role("region", name="Blocked senders")
    expect(blocked).to_contain_text("advertisement")
    blocked.get_by_role("button", name="Unblock +18005550198").click()
    expect(page.get_by_role("region", name="Blocked senders")).to_have_count(0)
    page.get_by_role("button", name="Put back item 5").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert morning.part_state(5) is PartState.REVIEW


def test_a_new_referral_is_kept_and_another_referral_is_searched_for_by_keys(morning: Morning) -> None:
    page = morning.windows.of(LENA)
    page.goto("/queue/5")
    looked_at(page)
    page.keyboard.press("n")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("is kept: new referral to us")
    assert morning.part_state(5) is PartState.KEPT
    page.goto("/queue/3")
    looked_at(page)
    page.keyboard.press("/")
    page.keyboard.type("brandt")
    expect(page.locator("#found")).to_contain_text("Brandt, Otto")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    if page.get_by_role("dialog").count():
        page.keyboard.press("y")
    expect(page.get_by_role("status").first).to_contain_text(f"is filed on {morning.people['Brandt']} Brandt, Otto")


def test_a_page_is_made_larger_and_turned_by_keys_and_a_thumbnail_leads_to_its_page(morning: Morning) -> None:
    item = morning.clinic.take_unsplit(Known("Brandt", "Otto", None), Known("Okafor", "Maria", None))
    page = morning.windows.of(LENA)
    page.goto(f"/queue/{item}")
    looked_at(page)
    for key, shown in (("+", "wide"), ("+", "zoom-2"), ("-", "wide"), ("0", "whole"), ("r", "turned-90")):
        page.keyboard.press(key)
        expect(page.locator(".sheet")).to_have_class(re.compile(rf"\b{shown}\b"))
    page.get_by_role("button", name="Page 2").click()
    expect(page.locator("#page-said")).to_have_text("Page 2 of 2")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#page-said")).to_have_text("Page 1 of 2")


def test_several_referrals_are_chosen_by_keys_and_two_patients_are_refused(morning: Morning) -> None:
    page = morning.windows.of(LENA)
    page.goto("/queue/3")
    looked_at(page)
    page.keyboard.press("Shift+Digit2")
    expect(page.locator('input[name="also"]:checked')).to_have_count(1)
    page.keyboard.press("Enter")
    if page.get_by_role("dialog").count():
        page.keyboard.press("y")
    expect(page.get_by_role("alert")).to_contain_text("are of different patients")
    assert morning.part_state(3) is PartState.REVIEW


def test_the_keys_can_be_switched_off_and_never_act_while_somebody_types(morning: Morning) -> None:
    page = morning.windows.of(LENA)
    page.goto("/queue/2")
    looked_at(page)
    page.keyboard.press("/")
    page.keyboard.type("nguyen x1")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert morning.part_state(2) is PartState.REVIEW
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.get_by_label("Single keys act").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("x")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_the_deeds_are_in_sight_on_a_small_screen_and_at_200_percent(morning: Morning) -> None:
    for zoom in (1.0, 2.0):
        page = morning.windows.of(LENA, zoom=zoom)
        page.goto("/queue/1")
        for name in ("File it", "Unrelated", "Hand on"):
            expect(page.get_by_role("button", name=name)).to_be_in_viewport()
        wide = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, "nothing is cut off at the side"
        page.context.close()


def settled_from_under(morning: Morning, item: int, holder: str) -> None:
    """By a third person, in the moment before the holder's page takes its hold again."""
    for _ in range(20):
        morning.clinic.desk.marks.release(item, holder)
        with contextlib.suppress(StaleRow):
            morning.clinic.desk.settle.discard(item, "advertisement", "Third")
            return
    raise AssertionError(f"{holder} held item {item} whenever it was to be settled")


def test_who_has_a_document_open_is_told_when_somebody_else_settles_it_and_lists_follow(morning: Morning) -> None:
    page, listed = morning.windows.of(LENA), morning.windows.of(OMAR)
    page.goto("/queue/5")
    looked_at(page)
    listed.goto("/queue")
    expect(listed.locator("#item5")).to_be_visible()
    settled_from_under(morning, 5, LENA)
    expect(page.locator("#taken")).to_contain_text("discarded by Third")
    expect(page.get_by_role("button", name="File it")).to_be_disabled()
    expect(listed.locator("#item5")).to_have_count(0)


def test_axe_finds_nothing_on_any_page_of_the_queue(morning: Morning) -> None:
    page = morning.windows.of(LENA)
    morning.clinic.desk.settle.discard(5, "advertisement", LENA)
    found: dict[str, list[str]] = {}
    for name, path, key in (
        ("list", "/queue", ""),
        ("form", "/queue/1", ""),
        ("note", "/queue/2", ""),
        ("mail", "/queue/6", ""),
        ("unreadable", "/queue/-7", ""),
        ("trash", "/queue/trash", ""),
        ("filed", "/queue/filed", ""),
        ("keys", "/queue/1", "?"),
        ("unrelated", "/queue/1", "x"),
        ("pages", "/queue/1", "s"),
        ("hand", "/queue/1", "h"),
    ):
        page.goto(path)
        looked_at(page)
        if key:
            page.keyboard.press(key)
            expect(page.get_by_role("dialog")).to_be_visible()
        page.evaluate(AXE)
        result = page.evaluate("() => axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})")
        found[name] = [f"{one['id']}: {node['html'][:200]}" for one in result["violations"] for node in one["nodes"]]
    assert {name: told for name, told in found.items() if told} == {}
