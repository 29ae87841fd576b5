"""What a coordinator does at a new referral and at the directory, in a real browser, by keys and with dropped files."""

import base64
import re
from collections.abc import Generator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from time import sleep

import pytest
from playwright.sync_api import Page, expect

from config.vocabulary import Channel
from gateway.domain.referral import Status
from gateway.services.intend import intend_ready
from tests.integration.test_new_referral import a_pdf, a_picture
from tests.rigs.entry_site import Desk, an_office, entry_desk_open
from tests.rigs.site import IDLE, LONGEST

pytestmark = pytest.mark.slow
expect.set_options(timeout=60_000)
AXE = (Path(__file__).parents[1] / "rigs" / "axe" / "axe.min.js").read_text(encoding="utf-8")
_DROP = """([name, type, data]) => {
  const bytes = Uint8Array.from(atob(data), (char) => char.charCodeAt(0));
  const carried = new DataTransfer();
  carried.items.add(new File([bytes], name, { type }));
  for (const kind of ["dragenter", "dragover", "drop"])
    document.querySelector("#drop").dispatchEvent(
      new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: carried }));
}"""


@pytest.fixture
def desk(tmp_path: Path) -> Generator[Desk, None, None]:
    with entry_desk_open(tmp_path) as opened:
        yield opened


def drop(page: Page, name: str, data: bytes) -> None:
    """As a file from a folder's window is dropped."""
    page.evaluate(_DROP, [name, "application/octet-stream", base64.b64encode(data).decode()])


def begin(page: Page) -> None:
    page.goto("/new")
    page.wait_for_selector("body[data-entry]")


def tab(page: Page, *typed: str) -> None:
    """Type into one field after the other, by keys alone; an empty text goes past."""
    for text in typed:
        if text:
            page.keyboard.type(text)
        page.keyboard.press("Tab")


def kept(page: Page) -> int:
    """Until what stands in the form is kept; the draft's id."""
    page.wait_for_url(re.compile(r"/new/[1-9]\d*$"))
    return int(page.url.rpartition("/")[2])


def until_saved(desk: Desk, item: int, name: str, value: str) -> None:
    for _ in range(200):
        with desk.site.desk.store.transaction() as tx:
            if tx.sheet(item).fields.get(name) == value:
                return
        sleep(0.1)
    raise AssertionError(f"{name} was not kept")


def test_a_referral_with_two_dropped_attachments_is_filled_in_by_keys_seen_and_sent(desk: Desk) -> None:
    an_office(desk.site, "Harbor Eye", "+15085550199", specialty="ophthalmology")
    office = an_office(desk.site, city="Fall River")
    page = desk.window()
    begin(page)
    page.keyboard.type("fall river card")
    expect(page.locator("#offices li")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#chosen")).to_contain_text("Bayview Cardiology")
    expect(page.locator("[name='patient.family']")).to_be_focused()
    tab(page, "Okafor", "Maria", "")
    page.keyboard.type("04231961")
    expect(page.locator("[name='patient.birth_date']")).to_have_value("1961-04-23")
    page.locator("[name='specialty']").focus()
    tab(page, "cardiology", "", "", "Exertional chest pain, please evaluate", "I25.10", "Helen Marsh MD")
    item = kept(page)
    drop(page, "ecg today.pdf", a_pdf("ECG one", "ECG two"))
    drop(page, "scan0012.tif", a_picture("TIFF"))
    rows = page.locator(".files li")
    expect(rows).to_have_count(2)
    expect(page.locator(".checks .there")).to_have_text(re.compile("ECG"))
    page.get_by_label("What scan0012.tif is").focus()
    page.keyboard.type("Recent")
    expect(page.locator(".checks .there")).to_have_count(2)
    rows.nth(1).get_by_role("button", name="Up").focus()
    page.keyboard.press("Enter")
    expect(rows.first).to_contain_text("scan0012.tif")
    until_saved(desk, item, "clinician.name", "Helen Marsh MD")
    expect(page.locator("p.lacks")).to_have_text(re.compile("it can go"))
    page.keyboard.press("Alt+p")
    expect(page.locator(".pages img")).to_have_count(5)
    expect(page.get_by_role("heading", name="As it will be sent")).to_be_visible()
    expect(page.get_by_text("5 pages by fax to +15085550111")).to_be_visible()
    page.wait_for_function(
        "() => { const one = document.querySelector('.pages img'); return one.complete && one.naturalWidth === 1728; }"
    )
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile("/referrals/"))
    expect(page.get_by_text("Okafor").first).to_be_visible()
    with desk.site.desk.store.transaction() as tx:
        (referral,) = tx.referrals()
    assert (referral.status, referral.intake.recipient_id) == (Status.READY, office.id)
    assert [one.title for one in referral.intake.attachments] == ["Recent labs", "ECG"]
    assert desk.site.rung, "whoever sends packets was woken"
    assert intend_ready(desk.site.desk.store, desk.site.clock, desk.site.desk.rules) == 1
    with desk.site.desk.store.transaction() as tx:
        (packet,) = tx.transmissions_of(referral.id)
    assert (packet.channel, packet.destination) == (Channel.FAX, "+15085550111")


def test_a_stay_that_ends_in_the_middle_loses_nothing_that_was_typed(desk: Desk) -> None:
    page = desk.window()
    begin(page)
    page.locator("[name='patient.family']").fill("Okafor")
    item = kept(page)
    until_saved(desk, item, "patient.family", "Okafor")
    desk.leave_for(max(IDLE, LONGEST) + timedelta(minutes=1))
    page.locator("[name='question']").fill("typed when nobody was logged in any more")
    expect(page.get_by_text("You were logged out")).to_be_visible()
    page.get_by_role("link", name="Log in again").click()
    desk.log_in(page)
    expect(page.get_by_role("heading", name="Kept for you")).to_be_visible()
    page.get_by_role("button", name="Send it now").click()
    page.wait_for_url(re.compile(rf"/new/{item}$"))
    expect(page.locator("[name='question']")).to_have_value("typed when nobody was logged in any more")
    expect(page.locator("[name='patient.family']")).to_have_value("Okafor")


def test_two_at_one_draft_are_told_and_the_later_decides(desk: Desk) -> None:
    lena, omar = desk.window(), desk.window("Omar Farouk")
    begin(lena)
    lena.locator("[name='patient.family']").fill("Okafor")
    item = kept(lena)
    until_saved(desk, item, "patient.family", "Okafor")
    omar.goto(f"/new/{item}")
    omar.wait_for_selector("body[data-entry]")
    omar.locator("[name='question']").fill("Omar's question")
    until_saved(desk, item, "question", "Omar's question")
    lena.locator("[name='question']").fill("Lena's question")
    expect(lena.get_by_text("Omar Farouk wrote on this draft meanwhile")).to_be_visible()
    expect(lena.locator("[name='question']")).to_have_value("Lena's question")
    lena.get_by_role("button", name="Keep what stands here").click()
    until_saved(desk, item, "question", "Lena's question")


def test_what_cannot_be_enclosed_is_refused_by_name_and_the_rest_is_taken(desk: Desk) -> None:
    page = desk.window()
    begin(page)
    page.locator("#upload").set_input_files(
        [
            {"name": "virus.pdf", "mimeType": "application/pdf", "buffer": b"MZ"},
            {"name": "ecg.png", "mimeType": "image/png", "buffer": a_picture("PNG")},
        ]
    )
    expect(page.locator("#uploads .fault")).to_contain_text("virus.pdf")
    expect(page.locator(".files li")).to_have_count(1)
    page.get_by_role("button", name="Remove ecg.png").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".files li")).to_have_count(0)
    expect(page.locator("#upload")).to_be_focused()


def test_duplicates_are_merged_by_a_manager_and_parted_again(desk: Desk) -> None:
    an_office(desk.site)
    retired = an_office(desk.site, "Bayview Cardiolgy", "+15085550112")
    number = desk.site.refer("Okafor", recipient=retired.id)
    page = desk.window()
    page.goto("/directory/duplicates")
    page.get_by_role("link", name="Compare Bayview Cardiology and Bayview Cardiolgy").click()
    page.get_by_role("button", name="Merge: Bayview Cardiology stays").click()
    expect(page.get_by_role("heading", name="Merged into this one")).to_be_visible()
    page.goto(f"/referrals/{number}")
    expect(page.get_by_text("Bayview Cardiology").first).to_be_visible()
    page.goto("/directory")
    page.wait_for_selector("body[data-directory]")
    page.keyboard.type("cardiolgy")
    expect(page.locator("#rows tbody tr")).to_have_count(1)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Part them again Bayview Cardiolgy").click()
    expect(page.get_by_role("heading", name="Bayview Cardiolgy")).to_be_visible()


def test_the_form_works_without_a_script(desk: Desk) -> None:
    office = an_office(desk.site)
    context = desk.browser.new_context(base_url=desk.address, java_script_enabled=False)
    page = context.new_page()
    page.set_default_timeout(90_000)
    page.goto("/login")
    desk.log_in(page)
    page.goto("/new")
    page.get_by_label("Family name").fill("Okafor")
    page.get_by_label("Office").fill("bayview")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("radio", name=re.compile("Bayview Cardiology")).check()
    page.locator("#upload").set_input_files(
        [{"name": "ecg.pdf", "mimeType": "application/pdf", "buffer": a_pdf("ECG")}]
    )
    page.get_by_role("button", name="Add them").click()
    expect(page.locator(".files li")).to_have_count(1)
    expect(page.locator("[name='patient.family']")).to_have_value("Okafor")
    expect(page.locator("#chosen")).to_contain_text(office.name)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("fields need another look").first).to_be_visible()
    expect(page.locator("[data-fault='patient.given']")).to_contain_text("is missing")
    context.close()


def test_axe_finds_nothing_on_any_page(desk: Desk) -> None:
    office = an_office(desk.site, city="Fall River", notes="Ask for Rita.", email="a@b.example")
    an_office(desk.site, "Bayview Cardiolgy", "+15085550112", fax_set_aside_at=desk.site.clock.now())
    desk.site.refer("Okafor", recipient=office.id)
    page = desk.window()
    begin(page)
    page.locator("[name='patient.family']").fill("Okafor")
    page.locator("[name='patient.phone']").fill("12")
    page.locator("[name='patient.given']").focus()
    item = kept(page)
    page.locator("#upload").set_input_files(
        [{"name": "ecg.pdf", "mimeType": "application/pdf", "buffer": a_pdf("ECG")}]
    )
    expect(page.locator(".files li")).to_have_count(1)
    page.locator("#f-recipient").fill("bay")
    expect(page.locator("#offices li")).to_have_count(2)
    found: dict[str, list[str]] = {"filling in": axe(page)}
    whole = {"patient.family": "Okafor", "patient.given": "Ada", "patient.birth_date": "1958-03-09"} | {
        "clinician.name": "Helen Marsh MD",
        "specialty": "cardiology",
        "question": "Why?",
        "recipient": str(office.id),
    }
    ready = _saved(desk, whole)
    for name, path in (
        ("empty", "/new"),
        ("draft", f"/new/{item}"),
        ("preview", f"/new/{ready}/preview"),
        ("list", "/directory"),
        ("nothing", "/directory?q=zzz"),
        ("office", f"/directory/{office.id}"),
        ("set aside", f"/directory/{office.id + 1}"),
        ("form", f"/directory/{office.id}/edit"),
        ("new office", "/directory/new"),
        ("twins", "/directory/duplicates"),
        ("merge", f"/directory/{office.id}/merge/{office.id + 1}"),
    ):
        page.goto(path)
        found[name] = axe(page)
    assert {name: told for name, told in found.items() if told} == {}


def _saved(desk: Desk, fields: dict[str, str]) -> int:
    with desk.site.desk.store.transaction() as tx:
        sheet = tx.start_sheet("4K7M92XQ", desk.site.clock.now(), "Lena")
        return tx.save_sheet(replace(sheet, fields=fields), desk.site.clock.now(), "Lena").id


def axe(page: Page) -> list[str]:
    page.evaluate(AXE)
    result = page.evaluate("() => axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})")
    return [f"{one['id']}: {node['html'][:200]}" for one in result["violations"] for node in one["nodes"]]


def test_nothing_runs_over_the_edge_at_twice_the_size(desk: Desk) -> None:
    name = "The Wolfeschlegelsteinhausenbergerdorff Memorial Institute for Cardiovascular Medicine"
    office = an_office(desk.site, name, email="front.desk@wolfeschlegelsteinhausenbergerdorff-memorial.example")
    page = desk.window(zoom=2)
    over: dict[str, int] = {}
    for path in ("/new", "/directory", f"/directory/{office.id}", f"/directory/{office.id}/edit"):
        page.goto(path)
        over[path] = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert over == dict.fromkeys(over, 0)
