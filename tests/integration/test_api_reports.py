"""Reports for programs: the numbers of the pages as JSON and CSV, for a manager's token alone."""

import csv
import io
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.domain.audit import AuditKind
from gateway.domain.person import Role
from gateway.domain.token import Scope
from gateway.services.access.ports import AuditQuestion
from tests.rigs.api_site import ApiSite, api_site
from tests.rigs.review_site import a_note

REPORTS = ("open-loops", "turnaround", "volume", "closed-loop")


@pytest.fixture
async def site(tmp_path: Path) -> AsyncGenerator[ApiSite, None]:
    with api_site(tmp_path) as opened:
        yield opened


async def closed(site: ApiSite) -> str:
    """A referral whose report a person filed."""
    number = site.site.clinic.refer("Okafor", "Maria", "1961-04-23")
    (item,) = site.site.queue(a_note("Okafor", "Maria"))
    await site.site.send(f"/queue/{item}/file", number=number, kind="consult_note")
    return number


async def test_every_report_answers_as_json_and_as_csv_and_its_numbers_lead_to_referrals(site: ApiSite) -> None:
    number = await closed(site)
    waiting = site.site.clinic.refer("Brandt", "Otto", "1938-07-30")
    program = site.program(site.token())
    told = {name: (await program.get(f"/reports/{name}")).json() for name in REPORTS}
    assert [one["number"] for one in told["open-loops"]["rows"]] == [waiting]
    assert told["open-loops"]["total"] == sum(one["all"] for one in told["open-loops"]["counts"]) == 1
    (row,) = told["turnaround"]["rows"]
    assert (row["sent"], row["spreads"]["reported"]["count"]) == (2, 1)
    assert (told["volume"]["decided"], told["volume"]["share_by_itself"]) == (1, 0.0)
    counts = told["closed-loop"]["counts"]
    assert (counts["all"], counts["all_reported"], told["closed-loop"]["all_rate"]) == (2, 1, 0.5)
    behind = (await program.get("/reports/turnaround/referrals", params={"of": row["key"]})).json()
    assert {one["number"] for one in behind} == {number, waiting}
    reported = (await program.get("/reports/closed-loop/all-reported")).json()
    assert [one["number"] for one in reported] == [number]
    behind_it = await program.get("/reports/closed-loop/all-reported.csv")
    rows = list(csv.reader(io.StringIO(behind_it.text)))
    assert (len(rows), number in str(rows[1])) == (2, True)
    for name in REPORTS:
        answer = await program.get(f"/reports/{name}.csv")
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert len(list(csv.reader(io.StringIO(answer.text)))) > 1


async def test_the_measure_is_of_those_who_had_a_visit_where_a_list_is_handed_in(site: ApiSite) -> None:
    number = await closed(site)
    program = site.program(site.token())
    mrn = site.site.clinic.referral(number).intake.patient.mrn
    today = datetime.now(UTC).astimezone(site.site.clinic.desk.rules.zone).date()
    visits = f"mrn,date\n{mrn},{today}\n".encode()
    told = await program.post("/reports/closed-loop", files={"visits": ("visits.csv", visits)})
    assert told.json()["has_visits"]
    unreadable = await program.post("/reports/closed-loop", files={"visits": ("visits.csv", b"who,when\n1,2\n")})
    assert (unreadable.status_code, "mrn and date" in unreadable.json()["detail"]) == (422, True)


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("turnaround?since=2026-03-01&until=2026-02-01", 422, "ends before it begins"),
        ("open-loops?day=9999-12-31", 422, "choose a year"),
        ("volume?since=0001-01-01&until=0001-02-01", 422, "choose a year"),
        ("closed-loop?since=2025-12-01&until=2026-01-31", 422, "one calendar year"),
        ("open-loops?day=soon", 400, "must be written like"),
        ("closed-loop/nothing", 400, "path.which"),
    ],
)
async def test_a_period_that_will_not_do_is_refused_with_what_to_choose(
    site: ApiSite, path: str, status: int, said: str
) -> None:
    answer = await site.program(site.token()).get(f"/reports/{path}")
    assert (answer.status_code, said in answer.text) == (status, True), answer.text


async def test_reports_are_a_managers_and_each_look_is_in_the_audit_log(site: ApiSite) -> None:
    staff = site.program(site.token("staff bridge", Role.STAFF, frozenset({Scope.FIGURES_READ})))
    assert (await staff.get("/reports/open-loops")).status_code == 403
    assert (await staff.get("/figures")).status_code == 200
    manager = site.program(site.token("manager bridge", Role.MANAGER, frozenset({Scope.REPORTS_READ})))
    assert (await manager.get("/reports/open-loops")).status_code == 200
    log = site.site.clinic.desk.access.audit
    entries = [one.entry for one in log.ask(AuditQuestion(actor="manager bridge (token)"))]
    assert [(one.kind, one.path, one.status) for one in entries] == [
        (AuditKind.VIEWED, "/api/v1/reports/open-loops", 200)
    ]
