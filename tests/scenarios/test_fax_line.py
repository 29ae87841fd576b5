"""The daemon on a real HylaFAX, an office on another, a modelled line between: out, back, and all that goes wrong."""

import asyncio
import re
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import psutil
import pytest
from reportlab.pdfgen.canvas import Canvas

from gateway.domain.arrival import PartState
from gateway.domain.referral import Status
from gateway.domain.task import TaskKind
from gateway.domain.transmission import Transmission, TransmissionState
from outbound.sender import DeliveryState
from tests.contract.test_hylafax import ended
from tests.rigs.fax_line import THEIRS, TwoFaxes, two_faxes
from tests.rigs.fax_office import HOOK, FaxClinic, FaxOffice, a_fax_clinic, a_notes_folder, at_once, codes_of, dialled
from tests.rigs.waiting import until
from tests.rigs.watched_daemon import watched

pytestmark = pytest.mark.slow

OFFICE = "Bayview Cardiology"
VISIT = datetime(2027, 2, 16, 14, 30, tzinfo=ZoneInfo("America/New_York"))
BOXES = ("received", "appointment_booked")
D, F, U = TransmissionState.DELIVERED, TransmissionState.FAILED, TransmissionState.UNCERTAIN


async def stands(clinic: FaxClinic, external_id: str, status: Status, seconds: float) -> None:
    """Wait until the referral is there."""

    def is_there() -> bool:
        referral = clinic.referral(external_id)
        return referral is not None and referral.status is status

    await until(is_there, seconds)


def all_are(clinic: FaxClinic, names: list[str], *states: TransmissionState) -> Callable[[], bool]:
    def are() -> bool:
        rows = [clinic.rows(name) for name in names]
        return all(one and all(row.state in states for row in one) for one in rows)

    return are


async def come_through(clinic: FaxClinic, names: list[str], *states: TransmissionState) -> None:
    """Wait until all ended so; what HylaFAX itself failed before any call is handed over again."""

    def have() -> bool:
        rows = [clinic.rows(name) for name in names]
        return all(one and one[-1].state in states and all(map(never_dialled, one[:-1])) for one in rows)

    with suppress(TimeoutError):
        await until(have, 240)  # a busy machine is no failure
    assert have(), [(row.state, row.dials, row.cause) for name in names for row in clinic.rows(name)]


def never_dialled(row: Transmission) -> bool:
    return row.state is F and row.cause.startswith("server:") and row.dials == 0


def hook_has_run(run: Path) -> bool:
    """Whether HylaFAX's receive hook was run, and is over."""
    log = run / "spool" / "log" / "hooks"
    if not log.exists() or "\tfaxrcvd\t" not in log.read_text():
        return False
    for process in psutil.process_iter(["cmdline"]):
        with suppress(psutil.Error):
            words = " ".join(process.info["cmdline"] or ())
            if "recvq/fax" in words and process.cwd().startswith(str(run)):
                return False
    return True


def whose(clinic: FaxClinic, faxes: list[bytes]) -> dict[str, bytes]:
    """Each fax by the number of the referral whose code it bears."""
    return {codes_of(fax, clinic.keys)[0].number: fax for fax in faxes}


async def test_a_packet_goes_out_and_its_ticked_cover_comes_back_by_the_hook_and_without_it(tmp_path: Path) -> None:
    with a_notes_folder() as notes:
        async with two_faxes(faxrcvd=f"REFERLOOP_NOTES={notes} {HOOK}") as line:
            clinic, office = a_fax_clinic(tmp_path / "clinic", line.clinic, notes=notes), FaxOffice(line.office)
            clinic.add_office(OFFICE, THEIRS)
            with watched(clinic.config) as daemon:
                first, second = clinic.refer(OFFICE), clinic.refer(OFFICE)
                await until(all_are(clinic, [first, second], D), 180)
                assert at_once(line.calls(), THEIRS) == 1
                packets = whose(clinic, office.tray())
                by_hook, by_sweep = (clinic.referral(name) for name in (first, second))
                assert by_hook is not None
                assert by_sweep is not None

                notes.chmod(0o755)  # HylaFAX's user cannot leave a note
                reference = await office.tick(packets[by_sweep.number], BOXES, VISIT)
                assert (await ended(office.carrier, reference)).state is DeliveryState.DELIVERED
                await until(lambda: hook_has_run(line.clinic.run), 90)
                assert list(notes.iterdir()) == []
                notes.chmod(0o777)
                reference = await office.tick(packets[by_hook.number], BOXES, VISIT)
                assert (await ended(office.carrier, reference)).state is DeliveryState.DELIVERED
                await stands(clinic, first, Status.SCHEDULED, 20)  # without the hook it would be a minute
                still = clinic.referral(second)
                assert still is not None
                assert still.status is Status.DELIVERED, "a fresh fax without a note waits for the hook"
                await stands(clinic, second, Status.SCHEDULED, 90)
            assert daemon.complaints == []
            with clinic.desk() as desk, desk.store.transaction() as tx:
                arrivals = tx.arrivals()
                assert [one.envelope.sender for one in arrivals] == [THEIRS, THEIRS]
                assert [part.state for one in arrivals for part in tx.parts_of(one.id)] == [PartState.FILED] * 2
                booked = [tx.referral(one.id).appointment_at for one in (by_hook, by_sweep)]
            assert booked == [VISIT, VISIT]
            assert len(office.tray()) == 2, "nothing was sent twice"


async def test_causes_are_told_apart_and_a_number_that_keeps_failing_is_set_aside(tmp_path: Path) -> None:
    # Eleven seconds into a call the modems train; a cut in the middle of a page is another test's, for HylaFAX may
    # take minutes to notice it.
    rules = ("--rule", "01=busy", "--rule", "02=noanswer", "--rule", "03=nocarrier", "--rule", "04=drop:11")
    numbers = {"busy": "01", "no_answer": "02", "not_a_fax": "03", "line": "04"}
    async with two_faxes(*rules) as line:
        clinic, office = a_fax_clinic(tmp_path / "clinic", line.clinic, set_aside_after=2), FaxOffice(line.office)
        fax = {cause: f"+150855502{ending}" for cause, ending in numbers.items()}
        for cause, number in fax.items():
            clinic.add_office(cause, number)
        clinic.add_office(OFFICE, THEIRS)
        with watched(clinic.config):
            good = [clinic.refer(OFFICE) for _ in range(2)]
            bad = {cause: clinic.refer(cause) for cause in numbers}
            again = [clinic.refer("busy")]
            await until(all_are(clinic, [*good, *bad.values(), *again], D, F), 150)
            again.append(clinic.refer("busy"))  # the third in a row, to a number that failed twice
            await until(lambda: clinic.referral(again[-1]) is not None, 60)
            await asyncio.sleep(4)

            told = {cause: [row.cause.partition(":")[0] for row in clinic.rows(name)] for cause, name in bad.items()}
            assert told == {cause: [cause] for cause in bad}, "each failed once, and of its own cause"
            for cause, name in bad.items():
                status = clinic.referral(name)
                assert status is not None
                assert (status.status, [row.dials for row in clinic.rows(name)]) == (Status.DELIVERY_FAILED, [2]), cause
            assert dialled(line.calls(), fax["busy"]) == 4, "two packets, two calls each, and then never again"
            with clinic.desk() as desk, desk.store.transaction() as tx:
                kinds = Counter(task.kind for task in tx.tasks())
                assert kinds[TaskKind.VERIFY_NUMBER] == 1
                assert [one.fax for one in tx.recipients() if one.fax_set_aside_at] == [fax["busy"]]
            for number in (*fax.values(), THEIRS):
                assert at_once(line.calls(), number) == 1, "one call at a time to one number"
            whole = [fax for fax in office.tray() if len(codes_of(fax, clinic.keys)) == clinic.rows(good[0])[0].pages]
            assert sorted(whose(clinic, whole)) == sorted(one.number for name in good if (one := clinic.referral(name)))


async def test_what_hylafax_failed_before_it_dialled_is_handed_over_again(tmp_path: Path) -> None:
    async with two_faxes() as line:
        clinic, office = a_fax_clinic(tmp_path / "clinic", line.clinic), FaxOffice(line.office)
        clinic.add_office(OFFICE, THEIRS)
        # What a server leaves that goes down while it makes the pages ready: it cannot open it afterwards.
        (line.clinic.run / "spool" / "docq" / "doc1.tif;f1").touch()
        with watched(clinic.config):
            name = clinic.refer(OFFICE)
            await come_through(clinic, [name], D)
        assert [row.state for row in clinic.rows(name)] == [F, D]
        status = clinic.referral(name)
        assert status is not None
        assert status.status is Status.DELIVERED
        assert len(office.tray()) == 1


async def handed_over(clinic: FaxClinic, count: int) -> None:
    """Wait, as closely as can be, until so many packets are being handed over to HylaFAX or just were."""
    path = clinic.config.parent / "data" / "referloop.sqlite"
    asked = "SELECT count(*) FROM transmissions WHERE state IN ('sending', 'accepted', 'delivered')"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as rows:
        async with asyncio.timeout(60):
            while rows.execute(asked).fetchone()[0] < count:  # noqa: ASYNC110 - another process's rows
                await asyncio.sleep(0.001)


async def pages_went(line: TwoFaxes, clinic: FaxClinic, external_id: str) -> None:
    """Wait until the office has confirmed some pages of a packet, and not yet all."""
    await until(lambda: any(row.carrier_reference for row in clinic.rows(external_id)), 180)
    row = clinic.rows(external_id)[-1]
    async with asyncio.timeout(60):
        while not (await line.clinic.carrier().status(row.carrier_reference)).pages_confirmed:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


def a_long_letter(folder: Path) -> Path:
    """Six pages, so that there is a middle."""
    path = folder / "notes.pdf"
    canvas = Canvas(str(path))
    for page in range(6):
        for line in range(40):
            canvas.drawString(72, 760 - 17 * line, f"Page {page}, line {line}: {'history and findings ' * 3}")
        canvas.showPage()
    canvas.save()
    return path


async def test_hylafax_may_go_down_while_a_packet_is_handed_over_and_in_the_middle_of_a_call(tmp_path: Path) -> None:
    async with two_faxes() as line:
        clinic, office = a_fax_clinic(tmp_path / "clinic", line.clinic), FaxOffice(line.office)
        clinic.add_office(OFFICE, THEIRS)
        with watched(clinic.config):
            names = [clinic.refer(OFFICE)]
            await handed_over(clinic, 1)
            await asyncio.sleep(1)
            await line.clinic.pull_the_plug()
            names += [clinic.refer(OFFICE), clinic.refer(OFFICE)]  # nobody is there to take them
            await asyncio.sleep(4)
            await line.clinic.start_again()
            await handed_over(clinic, 2)
            await line.clinic.pull_the_plug()  # just as one is handed over
            await line.clinic.start_again()
            await come_through(clinic, names, D)

            long = clinic.refer(OFFICE, [a_long_letter(tmp_path)])
            await pages_went(line, clinic, long)
            line.hang_up()
            await come_through(clinic, [long], D)

            torn = clinic.refer(OFFICE, [a_long_letter(tmp_path)])
            await pages_went(line, clinic, torn)
            await line.clinic.pull_the_plug()
            await line.clinic.start_again()
            await come_through(clinic, [torn], D, U)

        rows = {name: clinic.rows(name) for name in (*names, long, torn)}
        # One that was cut off before it was submitted bears no tag, and HylaFAX throws it out by itself.
        jobs = [path.read_text() for path in (line.clinic.run / "spool" / "doneq").glob("q*")]
        tags = [found[1] for job in jobs if (found := re.search(r"^jobtag:(.+)$", job, re.MULTILINE))]
        assert sorted(tags) == sorted(row.key for found in rows.values() for row in found), "one job for each row"
        came: dict[str, list[int]] = {}
        for fax in office.tray():
            for code in codes_of(fax, clinic.keys):
                came.setdefault(code.number, []).append(code.page)
        numbers = {name: referral.number for name in rows if (referral := clinic.referral(name))}
        for name in names:
            assert sorted(came[numbers[name]]) == list(range(1, rows[name][-1].pages + 1)), "each page once"
        for name in (long, torn):
            assert set(came[numbers[name]]) == set(range(1, rows[name][-1].pages + 1)), "every page came"
        assert rows[long][-1].dials > 1
