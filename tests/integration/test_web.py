import asyncio
import socket
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from config.settings import WebSettings
from gateway.domain.person import Role
from gateway.domain.referral import Status
from gateway.domain.task import TaskKind
from gateway.errors import AddressTaken
from gateway.web.serve import serve_web
from tests.rigs.site import Site, a_site


@pytest.fixture
async def site(tmp_path: Path) -> AsyncGenerator[Site, None]:
    """A viewer has logged in."""
    with a_site(tmp_path) as opened:
        opened.browser = await opened.as_role(Role.VIEWER)
        yield opened


async def test_an_empty_clinic_is_told_how_to_begin(site: Site) -> None:
    page = await site.text("/")
    assert "No open referrals." in page
    assert 'href="/new"' not in page, "a viewer fills nothing in"
    site.browser = await site.as_role(Role.STAFF)
    assert '<a href="/new">Fill in a new one</a>' in await site.text("/")
    assert "Nothing to do" in await site.text("/work")


async def test_what_is_late_stands_first_and_is_named_in_words(site: Site) -> None:
    calm, late, worst = (site.refer(name) for name in ("Calm", "Late", "Worst"))
    site.move(calm, Status.SENT, due_in=timedelta(days=2, hours=1))
    site.move(late, Status.SENT, due_in=timedelta(hours=-3, minutes=-1))
    site.move(worst, Status.SENT, is_escalated=True)
    page = await site.text("/")
    places = [page.index(f">{name}, Ada</td>") for name in ("Worst", "Late", "Calm")]
    assert places == sorted(places)
    assert "3 hours late" in page
    assert "in 2 days" in page
    assert "escalated</strong>" in page
    assert "overdue</strong>" in page
    assert "<b>2</b> late" in page


async def test_urgency_is_a_word_and_a_shape(site: Site) -> None:
    site.refer("Soon", urgency="urgent")
    site.refer("Now", urgency="emergent")
    page = await site.text("/")
    assert '<span aria-hidden="true">&#9650;</span> urgent' in page
    assert '<span aria-hidden="true">&#9650;&#9650;</span> emergent' in page


async def test_a_mailbox_that_a_person_must_open_is_told_on_the_board_and_by_health(site: Site) -> None:
    assert 'class="notice"' not in await site.text("/")
    site.notices = ["mailbox main is shut: run `referloop mail login main` <now>"]
    page = await site.text("/")
    assert (
        '<p class="notice" role="alert">mailbox main is shut: run `referloop mail login main` &lt;now&gt;</p>' in page
    )
    answer = await site.browser.get("/healthz")
    assert (answer.status_code, answer.json()["complaints"]) == (503, site.notices)


async def test_the_queue_and_the_tasks_are_counted_on_the_board_and_listed_on_their_pages(site: Site) -> None:
    number = site.refer("Waits")
    site.queue_unreadable(timedelta(hours=5, minutes=1))
    with site.desk.store.transaction() as tx:
        referral = tx.referral_numbered(number.replace("-", ""))
        assert referral is not None
        tx.open_task(referral.id, TaskKind.REACH_PATIENT, "Call the patient", datetime.now(UTC), None)
    page = await site.text("/")
    assert '<a href="/queue"><b>1</b> in review' in page
    assert '<a href="/work"><b>1</b> to do' in page
    assert "the file is no picture" in await site.text("/queue")
    assert "5 hours" in await site.text("/queue")
    assert "Call the patient" in await site.text("/work")
    assert "Call the patient" in await site.text(f"/referrals/{number}")


async def test_a_referrals_page_tells_what_happened(site: Site) -> None:
    number = site.refer("History")
    site.move(number, Status.SENT, Status.ACKNOWLEDGED)
    page = await site.text(f"/referrals/{number}")
    assert "History, Ada" in page
    assert "Chest pain on exertion?" in page
    assert [page.index(text) for text in ("referral opened", "</small> sent", "</small> acknowledged")] == sorted(
        page.index(text) for text in ("referral opened", "</small> sent", "</small> acknowledged")
    )


async def test_a_slip_in_the_number_is_a_page_of_its_own(site: Site) -> None:
    answer = await site.browser.get("/referrals/AAAA-AAAA")
    assert answer.status_code == 404
    assert "slip of the pen" in answer.text


async def test_what_strangers_write_stays_text(site: Site) -> None:
    number = site.refer("<script>alert(1)</script>", question="<img src=x onerror=alert(1)>")
    for path in ("/", f"/referrals/{number}"):
        page = await site.text(path)
        assert "<script>" not in page
        assert "<img" not in page


async def test_every_answer_forbids_strangers_scripts_frames_and_keeping(site: Site) -> None:
    for path in ("/", "/referrals/none", "/healthz", "/metrics", "/static/style.css", "/nowhere"):
        headers = (await site.browser.get(path)).headers
        assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'; ")
        assert "unsafe" not in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"


async def test_only_files_of_ours_are_served_by_name(site: Site) -> None:
    assert (await site.browser.get("/static/live.js")).headers["content-type"] == "text/javascript; charset=utf-8"
    for name in ("nothing.js", "..%2fapp.py", "%2e%2e/app.py"):
        assert (await site.browser.get(f"/static/{name}")).status_code == 404


async def test_the_pages_hold_no_inline_script_or_style_and_ask_nobody_else(site: Site) -> None:
    number = site.refer("Plain")
    for path in ("/", f"/referrals/{number}", "/static/style.css"):
        page = await site.text(path)
        assert "<script" not in page.replace('<script src="/static/', "")
        assert "style=" not in page
        assert "<style" not in page
        assert "http://" not in page
        assert "https://" not in page
        assert "url(" not in page


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "10.0.0.7:8470", "", "[::ffff:10.0.0.7]"])
async def test_a_name_that_is_not_this_machine_is_turned_away(site: Site, host: str) -> None:
    answer = await site.browser.get("/", headers={"host": host})
    assert answer.status_code == 421


@pytest.mark.parametrize("host", ["localhost", "localhost:8470", "127.0.0.1:1", "[::1]:8470", "127.0.0.2"])
async def test_every_name_of_this_machine_is_answered(site: Site, host: str) -> None:
    assert (await site.browser.get("/", headers={"host": host})).status_code == 200


async def test_health_is_well_until_a_watcher_is_deaf(site: Site) -> None:
    answer = await site.browser.get("/healthz")
    assert (answer.status_code, answer.json()["is_well"]) == (200, True)
    site.heard["mailbox INBOX"] = 400.0
    answer = await site.browser.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["complaints"] == ["mailbox INBOX has heard nothing for 400 s"]


async def test_health_complains_of_a_queue_nobody_looks_at(site: Site) -> None:
    site.queue_unreadable(timedelta(days=4))
    answer = await site.browser.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["complaints"] == ["a document waits in the queue for more than 3 days"]


async def test_health_answers_when_the_store_does_not(site: Site) -> None:
    site.desk.store.close()
    database = site.desk.settings.storage.data_dir / "referloop.sqlite"
    database.unlink()
    database.mkdir()
    answer = await site.browser.get("/healthz")
    assert answer.status_code == 503
    assert "the store does not answer" in answer.json()["complaints"][0]


async def test_metrics_are_gauges_of_the_store_and_counters_without_names(site: Site) -> None:
    site.refer("Secretname")
    site.queue_unreadable(timedelta(minutes=2))
    page = await site.text("/metrics")
    assert 'referloop_rows{state="ready",table="referrals"} 1.0' in page
    assert 'referloop_heard_seconds_ago{watcher="fax"} 2.0' in page
    assert 'referloop_step_failures_total{step="read"} 3.0' in page
    age = next(line for line in page.splitlines() if line.startswith("referloop_queue_age_seconds "))
    assert 120 <= float(age.split()[1]) < 180
    assert "Secretname" not in page


async def test_the_server_tells_its_real_port_and_ends_when_it_is_cancelled(site: Site) -> None:
    told = asyncio.Queue[str]()
    async with asyncio.TaskGroup() as group:
        serving = group.create_task(serve_web(site.app, WebSettings(port=0), told.put_nowait))
        address = await told.get()
        async with httpx.AsyncClient() as browser:
            assert (await browser.get(address + "healthz")).status_code == 200
        serving.cancel()
    async with httpx.AsyncClient() as browser:
        with pytest.raises(httpx.ConnectError):
            await browser.get(address)


async def test_a_port_that_is_taken_is_said_with_the_fix(site: Site) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        with pytest.raises(AddressTaken, match=rf"web\.port: 127\.0\.0\.1 port {port} cannot be listened on"):
            await serve_web(site.app, WebSettings(port=port), print)
