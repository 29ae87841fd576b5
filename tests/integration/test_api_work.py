"""The work list, the board and the directory for programs: what the pages show and do, by the same use cases."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.domain.person import Role
from gateway.domain.referral import Status
from gateway.domain.task import TaskKind
from gateway.domain.token import Scope
from gateway.web.work_desk import GROUPS
from tests.integration.test_work_list import maybe_sent
from tests.rigs.api_site import program_at
from tests.rigs.entry_site import LINES, an_office
from tests.rigs.site import Site, a_site


@pytest.fixture
async def site(tmp_path: Path) -> AsyncGenerator[Site, None]:
    with a_site(tmp_path, settings=LINES) as opened:
        yield opened


def to_do(site: Site, number: str, kind: TaskKind) -> None:
    with site.desk.store.transaction() as tx:
        referral = tx.referral_numbered(number.replace("-", ""))
        assert referral is not None
        tx.open_task(referral.id, kind, "do it", site.desk.clock.now(), None)


async def told(program: httpx.AsyncClient, path: str, status: int = 200, **sent: object) -> dict[str, Any]:
    answer = await program.post(path, json=sent)
    assert answer.status_code == status, answer.text
    return answer.json()


def test_every_kind_of_task_has_its_place_on_the_work_list() -> None:
    placed = [kind for _, _, _, kinds in GROUPS for kind in kinds]
    assert sorted(placed) == sorted(TaskKind)


async def test_the_work_list_has_the_words_for_the_call_and_the_call_moves_the_referral(site: Site) -> None:
    program = program_at(site)
    number = site.refer("Okafor", patient={"family": "Okafor", "given": "Ada", "birth_date": "1958-03-09"})
    site.move(number, Status.SENT, Status.DELIVERED)
    to_do(site, number, TaskKind.CALL)
    listed = (await program.get("/work")).json()
    (item,) = listed["items"]
    assert (item["sort"], item["referral"]["number"], listed["counts"]["calls"]) == ("calls", number, 1)
    assert "Ada Okafor" in item["script"]["patient"]
    assert "Okafor" not in item["script"]["opening"] + item["script"]["about"] + item["script"]["ask_for"]
    unsaid = await program.post(f"/referrals/{number}/tasks/call/call", json={"outcome": "accepted"})
    assert (unsaid.status_code, "who answered" in unsaid.json()["detail"]) == (422, True)
    moved = await told(program, f"/referrals/{number}/tasks/call/call", outcome="accepted", spoke_with="Dana")
    assert (moved["status"], moved["tasks"]) == ("acknowledged", [])
    assert (await program.get("/work")).json()["items"] == []
    with site.desk.store.transaction() as tx:
        assert any(one.event.actor == "bridge 0 (token)" for one in tx.events(limit=1000))


async def test_what_is_put_off_is_listed_apart_and_the_list_is_read_on_by_cursor(site: Site) -> None:
    program = program_at(site)
    numbers = [site.refer(name) for name in ("Okafor", "Brandt", "Nguyen")]
    for number in numbers:
        to_do(site, number, TaskKind.CALL)
    await told(program, f"/referrals/{numbers[0]}/tasks/call/later")
    first = (await program.get("/work", params={"limit": "1", "sort": "calls"})).json()
    second = (await program.get("/work", params={"limit": "1", "sort": "calls", "cursor": first["next"]})).json()
    assert [one["items"][0]["referral"]["number"] for one in (first, second)] == numbers[1:]
    assert second["next"] is None
    later = (await program.get("/work", params={"is_put_off": "true"})).json()["items"]
    assert [one["referral"]["number"] for one in later] == numbers[:1]
    assert later[0]["task"]["put_off_until"]


async def test_an_uncertain_packet_is_settled_by_who_asked(site: Site) -> None:
    program = program_at(site)
    arrived, lost = site.refer("Okafor"), site.refer("Brandt")
    for number in (arrived, lost):
        maybe_sent(site, number)
    items = (await program.get("/work", params={"sort": "uncertain"})).json()["items"]
    assert [one["may_have_arrived"]["cause"] for one in items] == ["3 of 5 pages"] * 2
    assert (await told(program, f"/referrals/{arrived}/arrived"))["packets"][0]["state"] == "delivered"
    packets = (await told(program, f"/referrals/{lost}/send-again"))["packets"]
    assert sorted(one["state"] for one in packets) == ["failed", "intended"]
    await told(program, f"/referrals/{lost}/arrived", 404)


async def test_a_declined_referral_goes_elsewhere_a_number_is_put_right_and_a_referral_is_somebodys(site: Site) -> None:
    program = program_at(site)
    site.person("Lena Marsh", Role.STAFF)
    number = site.refer("Okafor")
    an_office(site, "Harbor Heart", "+15085550199")
    site.move(number, Status.SENT, Status.DECLINED)
    assert (await told(program, f"/referrals/{number}/redirect", office="Harbor Heart"))["recipient"] == "Harbor Heart"
    await told(program, f"/referrals/{number}/number", fax="(508) 555-0177")
    office = (await program.post("/directory/search", json={"words": "harbor"})).json()["items"][0]
    assert (office["fax"], bool(office["fax_confirmed_at"])) == ("+15085550177", True)
    assert (await told(program, f"/referrals/{number}/assign", person="lena marsh"))["owner"] == "Lena Marsh"
    await told(program, f"/referrals/{number}/assign", 404, person="Nobody")


async def test_the_board_is_narrowed_counted_and_read_on_and_a_filter_is_kept(site: Site) -> None:
    program = program_at(site)
    late = site.refer("Okafor", urgency="urgent")
    site.move(late, Status.SENT, is_escalated=True)
    rest = [site.refer(name) for name in ("Brandt", "Nguyen")]
    first = (await program.get("/board", params={"limit": "1"})).json()
    assert ([one["number"] for one in first["items"]], first["count"]) == ([late], 3)
    others = (await program.get("/board", params={"limit": "2", "cursor": first["next"]})).json()
    assert {one["number"] for one in others["items"]} == set(rest)
    assert others["next"] is None
    narrowed = (await program.get("/board", params={"urgency": "high", "is_late": "true"})).json()
    assert [one["number"] for one in narrowed["items"]] == [late]
    kept = await program.post("/filters", json={"name": "Late and urgent", "urgency": "high", "is_late": True})
    assert (kept.status_code, kept.json()[0]["query"]) == (201, "urgency=high&late=1")
    assert (await program_at(site).get("/filters")).json() == []
    unnamed = await program.post("/filters", json={"name": "Everything"})
    assert (unnamed.status_code, "narrow the list first" in unnamed.json()["detail"]) == (422, True)
    dropped = await program.post(f"/filters/{kept.json()[0]['id']}/drop")
    assert dropped.json() == []


async def test_a_filter_of_the_queue_is_kept_apart_from_those_of_the_board_and_as_the_page_has_it(site: Site) -> None:
    program = program_at(site)
    await program.post("/filters", json={"name": "mine", "is_late": True})
    kept = await program.post("/documents/filters", json={"name": "mine", "kind": "unreadable", "channel": "fax"})
    assert kept.status_code == 201, kept.text
    (one,) = kept.json()
    assert (one["name"], one["query"]) == ("mine", "kind=unreadable&channel=fax")
    assert [row["query"] for row in (await program.get("/filters")).json()] == ["late=1"]
    nothing = await program.post("/documents/filters", json={"name": "all"})
    assert (nothing.status_code, "narrow the list first" in nothing.text) == (422, True)
    assert (await program_at(site).get("/documents/filters")).json() == []
    assert (await program.post(f"/documents/filters/{one['id']}/drop")).json() == []
    reads = program_at(site, scopes=frozenset({Scope.REFERRALS_READ}))
    assert (await reads.get("/documents/filters")).status_code == 403


async def test_what_happened_since_is_followed_without_a_patient_in_it(site: Site) -> None:
    program = program_at(site)
    last = (await program.get("/changes")).json()
    number = site.refer("Okafor")
    news = await program.get("/changes", params={"after": str(last["last"])})
    assert [one["referral"] for one in news.json()["items"]][-1] == number
    assert "Okafor" not in news.text
    assert (await program.get("/changes", params={"after": str(news.json()["last"])})).json()["items"] == []


async def test_an_office_is_renamed_unless_it_changed_and_how_it_answers_is_told(site: Site) -> None:
    program = program_at(site)
    office = an_office(site)
    seen = await program.get(f"/directory/{office.id}")
    wanted = {"name": "Bayview Heart", "fax": "(508) 555-0111"}
    changed = await program.put(f"/directory/{office.id}", json=wanted, headers={"if-match": seen.headers["etag"]})
    assert (changed.status_code, changed.json()["name"]) == (200, "Bayview Heart")
    late = await program.put(f"/directory/{office.id}", json=wanted, headers={"if-match": seen.headers["etag"]})
    assert late.status_code == 412
    number = site.refer("Okafor", recipient=office.id)
    site.move(number, Status.SENT)
    record = (await program.get(f"/directory/{office.id}/record")).json()
    assert (record["office"], record["days"], record["answered"]) == (office.id, 365, 0)
    assert (await program.get("/directory/999/record")).status_code == 404


async def test_only_a_managers_token_with_that_scope_merges_offices_and_parts_them(site: Site) -> None:
    kept, twin = an_office(site), an_office(site, "Bayview Cardiolgy", "+15085550112")
    number = site.refer("Okafor", recipient=twin.id)
    staff = program_at(site, Role.STAFF, frozenset({Scope.DIRECTORY_READ, Scope.DIRECTORY_WRITE}))
    manager = program_at(site, Role.MANAGER, frozenset({Scope.DIRECTORY_MERGE, Scope.REFERRALS_READ}))
    (pair,) = (await staff.get("/directory/duplicates")).json()
    assert {pair["one"]["id"], pair["other"]["id"]} == {kept.id, twin.id}
    assert (await staff.post(f"/directory/{kept.id}/merge", json={"other": twin.id})).status_code == 403
    merged = await manager.post(f"/directory/{kept.id}/merge", json={"other": twin.id})
    assert (merged.status_code, merged.json()["moved"]) == (200, 1)
    assert (await manager.get(f"/referrals/{number}")).json()["recipient_id"] == kept.id
    assert (await staff.get(f"/directory/{twin.id}")).json()["merged_into"] == kept.id
    assert (await manager.post(f"/directory/{twin.id}/part")).json()["merged_into"] is None
    assert (await manager.get(f"/referrals/{number}")).json()["recipient_id"] == twin.id
