"""The reports' pages: who may see them, that their numbers lead to referrals, and what goes into the audit log."""

import csv
import io
import re
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from config.vocabulary import DocumentKind
from gateway.cli import app as cli
from gateway.domain.person import Role
from gateway.domain.referral import Status
from gateway.services.access.ports import AuditQuestion
from gateway.services.correction import Correction
from gateway.services.reports.open_loops import ReportOpenLoops
from gateway.testing import FixedClock
from tests.rigs.review_site import ReviewSite, a_note, review_site, statements

LENA = "Lena"
REPORTS = ("open-loops", "turnaround", "volume", "closed-loop")
BORN = datetime(1961, 4, 23, tzinfo=UTC)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncGenerator[ReviewSite, None]:
    with review_site(tmp_path, {LENA: Role.MANAGER, "Omar": Role.STAFF}) as opened:
        yield opened


async def closed(site: ReviewSite, family: str = "Okafor") -> str:
    """A referral whose report a person filed."""
    number = site.clinic.refer(family, "Maria", "1961-04-23")
    (item,) = site.queue(a_note(family, "Maria"))
    await site.send(f"/queue/{item}/file", number=number, kind="consult_note")
    assert site.clinic.referral(number).status is Status.CLOSED
    return number


def numbers_in(page: str) -> list[str]:
    return re.findall(r'href="/referrals/([^"]+)"', page)


async def test_every_report_answers_for_a_manager_and_for_nobody_below(site: ReviewSite) -> None:
    await closed(site)
    for name in ("", *(f"/{one}" for one in REPORTS), *(f"/{one}.csv" for one in REPORTS)):
        assert (await site.of(LENA).get(f"/reports{name}")).status_code == 200
        assert (await site.of("Omar").get(f"/reports{name}")).status_code == 403
    assert 'href="/reports"' in await site.text("/", LENA)
    assert 'href="/reports"' not in await site.text("/", "Omar")


async def test_reports_of_an_empty_clinic_say_so(site: ReviewSite) -> None:
    assert "No loop was open now" in await site.text("/reports/open-loops", LENA)
    assert "No referral was first sent" in await site.text("/reports/turnaround", LENA)
    assert "Nothing came in this period" in await site.text("/reports/volume", LENA)
    assert "0 of 0" in await site.text("/reports/closed-loop", LENA)


async def test_an_open_loop_is_told_with_what_was_tried_who_has_it_and_what_comes_next(site: ReviewSite) -> None:
    await closed(site, "Nguyen")
    doubted = site.clinic.refer("Okafor", "Maria", "1961-04-23")
    (item,) = site.queue(a_note("Okafor", "Maria"))
    waiting = site.clinic.refer("Brandt", "Otto", "1938-07-30")  # after it: no candidate of that note
    page = await site.text("/reports/open-loops", LENA)
    rows = {number: row for row in page.split("<tr") for number in numbers_in(row)}
    assert set(rows) == {waiting, doubted}
    assert "Delivered, and nobody answered" in rows[waiting]
    assert "1 packet" in rows[waiting]
    assert "the office" in rows[waiting]
    assert "a second request goes out" in rows[waiting]
    assert f"review queue, item {item}" in rows[doubted]
    assert f"settle item {item}" in rows[doubted]


@pytest.mark.parametrize("since", ["9999-01-01", "0001-01-01"])
async def test_a_year_in_which_no_referral_was_made_is_refused_in_words(site: ReviewSite, since: str) -> None:
    assert "choose a year" in await site.text(f"/reports/volume?since={since}&until={since}", LENA)
    assert "choose a year" in await site.text(f"/reports/open-loops?day={since}", LENA)


async def test_what_nobody_has_is_marked(site: ReviewSite) -> None:
    number = site.clinic.refer("Brandt", "Otto", "1938-07-30")
    (item,) = site.queue(a_note("Brandt", "Otto"))
    site.clinic.desk.settle.assign(item, [number], LENA, Correction(kind=DocumentKind.NO_SHOW))
    report = site.clinic.desk.reports.open_loops.report()
    assert [(row.why, row.who) for row in report.rows] == [("the patient did not attend", "staff: no show")]
    referral = site.clinic.referral(number)
    with site.clinic.desk.store.transaction() as tx:
        tx.close_tasks(referral.id, None, site.clinic.desk.clock.now(), LENA)
    (row,) = site.clinic.desk.reports.open_loops.report().rows
    assert (row.who, row.is_nobodys, row.next) == ("nobody", True, "none: a person must decide")
    assert "nobody" in await site.text("/reports/open-loops", LENA)


async def test_yesterdays_open_loops_are_yesterdays(site: ReviewSite) -> None:
    number = await closed(site)
    desk = site.clinic.desk
    tomorrow = FixedClock(desk.clock.now() + timedelta(days=1))
    today = desk.clock.now().astimezone(desk.rules.zone).date()
    later = ReportOpenLoops(desk.store, tomorrow, desk.rules)
    assert later.report(today.isoformat()).total == 0, "it was closed by the end of the day"
    assert later.report((today - timedelta(days=1)).isoformat()).total == 0, "it was not there yet"
    fault = await site.text(f"/reports/open-loops?day={today + timedelta(days=9)}", LENA)
    assert "still to come" in fault
    assert number not in fault


async def test_the_numbers_of_the_measure_lead_to_their_referrals_and_the_audit_log_has_it(site: ReviewSite) -> None:
    met, open_ = await closed(site), site.clinic.refer("Brandt", "Otto", "1938-07-30")
    year = datetime.now(site.clinic.desk.rules.zone).year
    page = await site.text("/reports/closed-loop", LENA)
    told = dict(re.findall(r'<a href="(/reports/closed-loop/[^"]+)">[^<]+</a></th><td>(\d+)', page))
    assert len(told) == 11
    for path, count in told.items():
        listed = numbers_in(await site.text(path.replace("&amp;", "&"), LENA))
        assert len(listed) == int(count), path
    is_in_season = datetime.now(site.clinic.desk.rules.zone).month < 11
    if is_in_season:
        assert numbers_in(await site.text("/reports/closed-loop/met", LENA)) == [met]
        assert numbers_in(await site.text("/reports/closed-loop/no-report", LENA)) == [open_]
    else:
        assert len(numbers_in(await site.text("/reports/closed-loop/left-out-month", LENA))) == 2
    assert numbers_in(await site.text("/reports/closed-loop/all-reported", LENA)) == [met]
    answer = await site.of(LENA).get(f"/reports/closed-loop/all.csv?since={year}-01-01&until={year}-12-31")
    assert [row["patient"] for row in csv.DictReader(io.StringIO(answer.text))] == ["Okafor, Maria", "Brandt, Otto"]
    seen = {entry.entry.path for entry in site.clinic.desk.access.audit.ask(AuditQuestion(limit=500))}
    assert {"/reports/closed-loop/all.csv", "/reports/closed-loop/all-reported", "/reports/closed-loop"} <= seen


async def test_handed_in_visits_narrow_the_denominator_and_are_kept_nowhere(site: ReviewSite) -> None:
    await closed(site)
    site.clinic.refer("Brandt", "Otto", "1938-07-30")
    desk = site.clinic.desk
    today = datetime.now(desk.rules.zone).date()
    whole = desk.reports.closed_loop.report()
    mrn = site.clinic.referral(next(iter(site.clinic.referrals))).intake.patient.mrn
    lines = f"Visit date,MRN,what\n{today},{mrn},office visit\n{today.year - 1}-05-01,77777,office visit\n"
    narrowed = desk.reports.closed_loop.report(visits=lines.encode())
    assert narrowed.visits is not None
    assert (narrowed.visits.lines, narrowed.visits.outside) == (2, 1)
    assert narrowed.counts.population + narrowed.unmatched == whole.counts.population
    assert narrowed.counts.all == whole.counts.all
    sent = {"visits": ("visits.csv", lines, "text/csv")}
    answer = await site.of(LENA).post("/reports/closed-loop", files=sent)
    assert "lines: 2, patients with a visit in the period: 1, visits on other days: 1" in answer.text
    for wrong, said in (
        (b"name\nx", "columns mrn and date"),
        (f"mrn,date\n{mrn},soon".encode(), "Line 2"),
        (b"\xff\xfe", "no CSV"),
    ):
        answer = await site.of(LENA).post("/reports/closed-loop", files={"visits": ("v.csv", wrong)})
        assert (answer.status_code, said in answer.text) == (422, True), said


async def test_a_group_of_the_turnaround_leads_to_its_referrals(site: ReviewSite) -> None:
    number = await closed(site)
    page = await site.text("/reports/turnaround?by=specialty", LENA)
    assert "few" in page
    (path,) = re.findall(r'href="(/reports/turnaround/referrals[^"]+)"', page)
    assert numbers_in(await site.text(path.replace("&amp;", "&"), LENA)) == [number]


async def test_what_was_filed_without_a_person_and_taken_back_is_the_measure_of_misfiling(site: ReviewSite) -> None:
    site.clinic.refer("Okafor", "Maria", "1961-04-23")
    (item,) = site.queue(a_note("Okafor", "Maria", BORN))
    assert site.part(item).settled_by == "system"
    before = site.clinic.desk.reports.volume.report()
    assert (before.by_itself, before.share_undone) == (1, 0.0)
    await site.send(f"/queue/{item}/take-back")
    after = site.clinic.desk.reports.volume.report()
    assert (after.by_itself, after.share_undone, after.queue.undone_by_itself) == (0, 1.0, 1)
    assert "100.0%" in await site.text("/reports/volume", LENA)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("turnaround?since=2026-03-09&until=2026-03-01", "ends before it begins"),
        ("turnaround?since=2020-03-09&until=2026-03-01", "longer than 366 days"),
        ("volume?since=soon", "no day"),
        ("closed-loop?since=2025-12-01&until=2026-02-01", "one calendar year"),
        ("open-loops?day=31.12.2025", "no day"),
    ],
)
async def test_a_period_that_is_none_is_said_and_the_usual_one_is_shown(
    site: ReviewSite, asked: str, said: str
) -> None:
    page = await site.text(f"/reports/{asked}", LENA)
    assert said in page
    assert "The usual period is shown instead" in page or "closed-loop" in asked
    name = asked.partition("?")[0]
    answer = await site.of(LENA).get(f"/reports/{asked.replace(name, name + '.csv')}")
    assert answer.status_code in (409, 422)
    assert said in answer.text


async def test_a_report_asks_as_much_of_the_store_for_one_referral_as_for_many(site: ReviewSite) -> None:
    async def asked() -> dict[str, int]:
        counts: dict[str, int] = {}
        for name in REPORTS:
            with statements() as told:
                await site.text(f"/reports/{name}", LENA)
            counts[name] = len(told)
        return counts

    await closed(site)
    site.clinic.refer("First", "Ada", "1961-04-23")
    few = await asked()
    for nth in range(6):
        await closed(site, f"Closed{nth}")
        site.clinic.refer(f"Open{nth}", "Ada", "1961-04-23")
    assert await asked() == few


async def test_nothing_in_a_csv_is_a_formula(site: ReviewSite) -> None:
    site.clinic.refer("=HYPERLINK(1)", "Ada", "1961-04-23")
    answer = await site.of(LENA).get("/reports/open-loops.csv")
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert row["patient"].startswith("'=")
    assert "attachment" in answer.headers["content-disposition"]


def test_every_report_comes_on_the_command_line_too(tmp_path: Path) -> None:
    with review_site(tmp_path) as site:
        number = site.clinic.refer("Okafor", "Maria", "1961-04-23")
    config = str(tmp_path / "clinic" / "referloop.toml")
    for name in REPORTS:
        for form in ((), ("--csv",), ("--json",)):
            done = CliRunner().invoke(cli, ["report", name, "-c", config, *form])
            assert done.exit_code == 0, done.output
    told = CliRunner().invoke(cli, ["report", "open-loops", "-c", config, "--csv"]).stdout
    assert number in told
    listed = CliRunner().invoke(cli, ["report", "closed-loop", "-c", config, "--behind", "all", "--json"]).stdout
    assert number in listed
