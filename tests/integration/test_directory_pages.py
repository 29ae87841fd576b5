"""The directory on its pages: found, added, changed, confirmed, merged and parted, each by whom it may be."""

import re
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from config.reference import format_number
from config.vocabulary import Channel
from gateway.domain.directory import Recipient
from gateway.domain.event import Event, EventKind
from gateway.domain.person import Role
from gateway.domain.referral import Referral, Status, move
from gateway.domain.task import TaskKind
from gateway.domain.transmission import Purpose
from gateway.services.intend import intend
from gateway.services.set_aside import set_aside
from tests.rigs.entry_site import LINES, an_office
from tests.rigs.review_site import statements
from tests.rigs.site import Site, a_site


class Directory:
    """A site and three people before it."""

    def __init__(self, site: Site, viewer: httpx.AsyncClient, staff: httpx.AsyncClient, manager: httpx.AsyncClient):
        self.site, self.viewer, self.staff, self.manager = site, viewer, staff, manager

    def entry(self, item: int) -> Recipient:
        with self.site.desk.store.transaction() as tx:
            return tx.recipient(item)

    def refer(self, family: str, office: Recipient) -> Referral:
        number = self.site.refer(family, recipient=office.id)
        with self.site.desk.store.transaction() as tx:
            found = tx.referral_numbered(number.replace("-", ""))
        assert found is not None
        return found

    def answered(self, referral: Referral, after: timedelta) -> None:
        """First sent two days ago, and acknowledged so much later."""
        sent_at = self.site.clock.now() - timedelta(days=2)
        with self.site.desk.store.transaction() as tx:
            for status, at in ((Status.SENT, sent_at), (Status.ACKNOWLEDGED, sent_at + after)):
                told = Event(EventKind.REFERRAL_MOVED, at, referral_id=referral.id, detail={"to": status.value})
                moved = replace(move(referral, status, at), sent_at=sent_at, requests_sent=1)
                referral = tx.save_referral(moved, told)


@pytest.fixture
async def directory(tmp_path: Path) -> AsyncGenerator[Directory, None]:
    with a_site(tmp_path, settings=LINES) as site:
        roles = (Role.VIEWER, Role.STAFF, Role.MANAGER)
        yield Directory(site, *[await site.as_role(role) for role in roles])


async def test_everybody_finds_an_office_and_sees_how_it_answers(directory: Directory) -> None:
    office = an_office(directory.site, city="Fall River", agreed=None)
    an_office(directory.site, "Harbor Eye", "+15085550199", specialty="ophthalmology")
    directory.answered(directory.refer("Okafor", office), timedelta(days=1))
    directory.refer("Unsent", office)
    for words in ("fall river", "5550111"):
        page = (await directory.viewer.get("/directory", params={"q": words})).text
        assert "Bayview Cardiology" in page
        assert "Harbor Eye" not in page
    piece = (await directory.viewer.get("/directory", params={"q": "bay"}, headers={"hx-request": "true"})).text
    assert "<html" not in piece
    assert re.search(r"</svg> 100%", piece)
    one = (await directory.viewer.get(f"/directory/{office.id}")).text
    assert "1 referral sent with 1 request; 1 answered, 1 still open" in one
    assert "24 hours" in one
    assert "Change</a>" not in one, "viewers look"


async def test_a_long_directory_comes_in_pages_by_as_many_questions_as_a_short_one(directory: Directory) -> None:
    for number in range(60):
        an_office(directory.site, f"Office {number:02d}", f"+1508555{number:04d}")
    first = (await directory.viewer.get("/directory")).text
    assert "60 entries, page 1 of 2" in first
    after = re.search(r'href="(/directory\?page=2[^"]*)" rel="next"', first)
    assert after
    with statements() as told:
        second = (await directory.viewer.get(after[1].replace("&amp;", "&"))).text
    assert "Office 50" in second
    assert "Office 49" not in second
    asked_of_offices = [one for one in told if "recipients" in one or "events.referral_id" in one]
    assert len(asked_of_offices) <= 5, asked_of_offices


async def test_an_office_is_added_with_the_checks_of_the_command_line(directory: Directory) -> None:
    form = {"name": "Cedar Dermatology", "fax": "(508) 555-0130", "opens": "08:30", "closes": "16:00"}
    answer = await directory.staff.post(
        "/directory/new",
        data=form | {"agreed.acknowledged": "2 business days", "notes": "Ask for Rita.\r\nNo Fridays."},
    )
    assert answer.status_code == 303, answer.text
    saved = directory.entry(int(answer.headers["location"].rpartition("/")[2]))
    assert (saved.fax, saved.opens, saved.notes) == ("+15085550130", "08:30", "Ask for Rita.\nNo Fridays.")
    page = (await directory.viewer.get(answer.headers["location"])).text
    assert "within 2 business days" in page
    again = await directory.staff.post("/directory/new", data=form)
    assert again.status_code == 422
    assert "is in the directory already" in again.text


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"fax": "555"}, "cannot be dialled|can be dialled"),
        ({"fax": ""}, "the office cannot be reached"),
        ({"zone": "Boston"}, "is no time zone"),
        ({"opens": "18:00"}, "is not before closes"),
        ({"agreed.booked": "soon"}, "is no length of time"),
        ({"npi": "1234567890"}, "is no NPI"),
        ({"preferred": "email"}, "email is empty"),
    ],
)
async def test_what_the_checks_refuse_is_said_and_what_was_typed_stands(
    directory: Directory, changed: dict[str, str], told: str
) -> None:
    form = {"name": "Cedar <Dermatology>", "fax": "(508) 555-0130", "opens": "08:00", "closes": "17:00"}
    answer = await directory.staff.post("/directory/new", data=form | changed)
    assert answer.status_code == 422
    assert re.search(rf'class="fault[^>]*>[^<]*(?:{told})', answer.text), answer.text
    assert 'value="Cedar &lt;Dermatology&gt;"' in answer.text


async def test_a_changed_number_is_unconfirmed_until_somebody_called_and_who_that_was_is_told(
    directory: Directory,
) -> None:
    now = directory.site.clock.now()
    office = an_office(directory.site, fax_confirmed_at=now, fax_confirmed_by="Omar", pdf_password="quiet heron")
    path = f"/directory/{office.id}"
    form = (await directory.staff.get(f"{path}/edit")).text
    seen = re.search(r'name="seen" value="(\w+)"', form)
    assert seen
    assert "quiet heron" not in form
    typed = {"seen": seen[1], "name": "Bayview Heart", "fax": "+15085550140", "opens": "08:00", "closes": "17:00"}
    protected = typed | {"email": "a@b.example", "email_security": "password"}
    assert (await directory.staff.post(f"{path}/edit", data=protected)).status_code == 303
    changed = directory.entry(office.id)
    assert (changed.name, changed.fax_confirmed_at, changed.pdf_password) == ("Bayview Heart", None, "quiet heron")
    late = await directory.staff.post(f"{path}/edit", data=typed)
    assert late.status_code == 409
    assert "Someone else changed Bayview Heart meanwhile" in late.text
    stale = await directory.staff.post(f"{path}/confirm", data={"fax": "+15085550111"})
    assert stale.status_code == 409, "it was another number they called"
    assert (await directory.staff.post(f"{path}/confirm", data={"fax": "+15085550140"})).status_code == 303
    page = (await directory.viewer.get(path)).text
    assert re.search(r"confirmed \w+ \d\d, \d\d:\d\d by one staff", page)
    assert "number confirmed, by one staff" in page


async def test_a_number_set_aside_is_listed_and_lifted_with_its_task(directory: Directory) -> None:
    office = an_office(directory.site)
    referral = directory.refer("Okafor", office)
    now = directory.site.clock.now()
    with directory.site.desk.store.transaction() as tx:
        intend(
            tx,
            referral,
            channel=Channel.FAX,
            destination=office.fax,
            purpose=Purpose.REQUEST,
            requested_by="system",
            at=now,
        )
        set_aside(tx, office.fax, referral.id, now)
        assert [task.kind for task in tx.tasks()] == [TaskKind.VERIFY_NUMBER]
    listed = (await directory.viewer.get("/directory", params={"shown": "set_aside"})).text
    assert "Bayview Cardiology" in listed
    assert "numbers set aside: 1" in listed
    await directory.staff.post(f"/directory/{office.id}/confirm", data={"fax": office.fax})
    assert directory.entry(office.id).fax_set_aside_at is None
    with directory.site.desk.store.transaction() as tx:
        assert tx.tasks() == []
    assert "numbers set aside: 0" in (await directory.viewer.get("/directory")).text


async def test_duplicates_are_found_merged_and_parted_again(directory: Directory) -> None:
    kept = an_office(directory.site, phone="", npi="1234567893")
    retired = an_office(directory.site, "Bayview Cardiolgy", "+15085550112", phone="+15085550113", city="Fall River")
    theirs = directory.refer("Okafor", retired)
    twins = (await directory.manager.get("/directory/duplicates")).text
    assert f'href="/directory/{kept.id}/merge/{retired.id}"' in twins
    assert "/merge/" not in (await directory.staff.get("/directory/duplicates")).text
    compared = (await directory.manager.get(f"/directory/{kept.id}/merge/{retired.id}")).text
    assert compared.count("is filled in from the other") == 2
    answer = await directory.manager.post(f"/directory/{kept.id}/merge/{retired.id}")
    assert answer.headers["location"] == f"/directory/{kept.id}"
    merged = directory.entry(kept.id)
    assert (merged.phone, merged.city, merged.npi) == ("+15085550113", "Fall River", "1234567893")
    page = (await directory.viewer.get(f"/directory/{kept.id}")).text
    assert re.search(r"Bayview Cardiolgy</a>.*: 1 referral, by one manager", page)
    assert "recipient merged" in page
    referral = (await directory.viewer.get(f"/referrals/{format_number(theirs.number)}")).text
    assert "Bayview Cardiology" in referral
    assert "Bayview Cardiolgy" not in (await directory.viewer.get("/directory/duplicates")).text
    was = (await directory.viewer.get(f"/directory/{retired.id}")).text
    assert "This entry was merged into" in was
    assert (await directory.manager.post(f"/directory/{kept.id}/merge/{retired.id}")).status_code == 409
    assert (await directory.manager.post(f"/directory/{retired.id}/part")).status_code == 303
    assert directory.entry(retired.id) == retired
    assert (directory.entry(kept.id).phone, directory.entry(kept.id).city) == ("", "")
    assert "Bayview Cardiolgy" in (await directory.viewer.get(f"/referrals/{format_number(theirs.number)}")).text
    assert list(directory.site.desk.store.verify_chain()) == []


async def test_a_draft_addressed_to_a_merged_entry_goes_to_the_one_that_stays(directory: Directory) -> None:
    kept, retired = an_office(directory.site), an_office(directory.site, "Bayview Cardiolgy", "+15085550112")
    form = {"whole": "1", "recipient": str(retired.id), "patient.family": "Okafor"}
    draft = (await directory.staff.post("/new/0/save", data=form)).headers["location"]
    await directory.manager.post(f"/directory/{kept.id}/merge/{retired.id}")
    page = (await directory.staff.get(draft)).text
    assert "Bayview Cardiology" in page
    assert "Bayview Cardiolgy" not in page


async def test_an_entry_that_was_merged_is_not_brought_back_by_its_old_name(directory: Directory) -> None:
    kept, retired = an_office(directory.site), an_office(directory.site, "Bayview Cardiolgy", "+15085550112")
    await directory.manager.post(f"/directory/{kept.id}/merge/{retired.id}")
    answer = await directory.staff.post("/directory/new", data={"name": "bayview cardiolgy", "fax": "+15085550112"})
    assert answer.status_code == 422
    assert "was merged into &#39;Bayview Cardiology&#39;" in answer.text
    named = directory.site.refer("Named", recipient="Bayview Cardiolgy")
    assert "Bayview" in (await directory.viewer.get(f"/referrals/{named}")).text


@pytest.mark.parametrize("path", ["/directory/new", "/directory/1/edit"])
async def test_viewers_change_nothing(directory: Directory, path: str) -> None:
    an_office(directory.site)
    assert (await directory.viewer.get(path)).status_code == 403
    assert (await directory.viewer.post(path, data={"name": "x"})).status_code == 403
    assert (await directory.staff.post("/directory/1/merge/1")).status_code == 403
    assert (await directory.staff.post("/directory/1/part")).status_code == 403
