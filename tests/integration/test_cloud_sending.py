"""Cloud carriers that fail: what was surely not sent, what surely was, what only the carrier's list can tell."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from outbound.carriers.sinch import SinchSender
from outbound.errors import CarrierBusy, CarrierSilent
from outbound.sender import Accepted, Cause, Deferred, DeliveryState, DeliveryStatus, Outcome, Price, Refused, Unknown
from tests.contract.rigs import commit_nothing, dots, tiff_packet
from tests.rigs.cloud_server import Answer, Fault
from tests.rigs.signalwire_server import SignalWireServer, signalwire_server
from tests.rigs.sinch_server import OURS, SinchServer, sinch_server
from tests.rigs.telnyx_server import TelnyxServer, telnyx_server

TO = "+15085550199"
Server = SinchServer | TelnyxServer | SignalWireServer


@pytest.fixture(name="sinch")
def a_sinch() -> Iterator[SinchServer]:
    with sinch_server() as server:
        yield server


@pytest.fixture(name="telnyx")
def a_telnyx() -> Iterator[TelnyxServer]:
    with telnyx_server() as server:
        yield server


@pytest.fixture(name="signalwire")
def a_signalwire(tmp_path: Path) -> Iterator[SignalWireServer]:
    with signalwire_server(tmp_path) as server:
        yield server


@pytest.fixture(params=["sinch", "telnyx", "signalwire"], name="server")
def a_server(request: pytest.FixtureRequest) -> Server:
    return request.getfixturevalue(request.param)


async def send(server: Server, folder: Path, key: str = "k1", to: str = TO) -> Outcome:
    return await server.carrier(folder).submit(tiff_packet(folder, 2), to, key, commit_nothing)


def end_of(server: Server) -> str:
    return "/Faxes" if isinstance(server, SignalWireServer) else "/faxes"


@pytest.mark.parametrize(
    ("status", "kind"),
    [(429, Deferred), (503, Deferred), (400, Refused), (401, Refused), (402, Refused), (422, Refused), (307, Refused)],
)
async def test_a_no_sends_nothing_and_is_not_asked_twice(
    server: Server, tmp_path: Path, status: int, kind: type[Outcome]
) -> None:
    server.http.faults.append(Fault("POST", end_of(server), Answer(status, headers={"Location": "/elsewhere"})))
    assert isinstance(await send(server, tmp_path), kind)
    assert [asked.method for asked in server.http.asked] == ["GET", "POST"]
    assert server.forms == []


@pytest.mark.parametrize(
    "answer", [None, Answer(500), Answer(502), Answer(504), Answer(200, b"<html>"), Answer(200, {})]
)
async def test_a_yes_that_got_lost_is_found_in_the_list_and_nothing_is_sent_twice(
    server: Server, tmp_path: Path, answer: Answer | None
) -> None:
    server.http.faults.append(Fault("POST", end_of(server), answer, is_done=True))
    outcome = await send(server, tmp_path)
    assert isinstance(outcome, Accepted)
    assert (await server.carrier(tmp_path).status(outcome.reference)).state is DeliveryState.DELIVERED
    assert len(server.forms) == 1


async def test_a_request_that_was_perhaps_never_carried_out_is_unknown(server: Server, tmp_path: Path) -> None:
    server.http.faults.append(Fault("POST", end_of(server)))
    assert isinstance(await send(server, tmp_path), Unknown)
    assert await server.carrier(tmp_path).find("k1") is None
    assert server.forms == []


async def test_the_carrier_is_left_alone_for_as_long_as_it_asks(server: Server, tmp_path: Path) -> None:
    carrier = server.carrier(tmp_path)
    server.http.faults.append(Fault("POST", end_of(server), Answer(429, headers={"Retry-After": "120"})))
    outcome = await carrier.submit(tiff_packet(tmp_path, 1), TO, "k1", commit_nothing)
    assert isinstance(outcome, Deferred)
    assert outcome.retry_after_s == 120
    asked = len(server.http.asked)
    with pytest.raises(CarrierBusy):
        await carrier.find("k1")
    again = await carrier.submit(tiff_packet(tmp_path, 1), TO, "k2", commit_nothing)
    assert isinstance(again, Deferred)
    assert 100 < again.retry_after_s <= 120
    assert len(server.http.asked) == asked


async def test_a_carrier_in_trouble_is_not_mistaken_for_one_that_lost_the_packet(
    server: Server, tmp_path: Path
) -> None:
    outcome = await send(server, tmp_path)
    assert isinstance(outcome, Accepted)
    fax_id = outcome.reference.split("/")[1]
    server.http.faults.append(Fault("GET", fax_id, Answer(500)))
    with pytest.raises(CarrierSilent):
        await server.carrier(tmp_path).status(outcome.reference)
    server.faxes.clear()
    assert (await server.carrier(tmp_path).status(outcome.reference)).state is DeliveryState.UNKNOWN


async def ended(server: Server, folder: Path, end: Mapping[str, object]) -> DeliveryStatus:
    server.ends[TO] = dict(end)
    outcome = await send(server, folder)
    assert isinstance(outcome, Accepted)
    return await server.carrier(folder).status(outcome.reference)


@pytest.mark.parametrize(
    ("kind", "code", "cause"),
    [
        ("CALL_ERROR", 17, Cause.BUSY),
        ("CALL_ERROR", 16, Cause.NO_ANSWER),
        ("CALL_ERROR", 34, Cause.WRONG_NUMBER),
        ("CALL_ERROR", 49, Cause.WRONG_NUMBER),
        ("CALL_ERROR", 30, Cause.NOT_A_FAX),
        ("FAX_ERROR", 132, Cause.NOT_A_FAX),
        ("FAX_ERROR", 8, Cause.LINE),
        ("FAX_ERROR", 131, Cause.LINE),
        ("FAX_ERROR", 46, Cause.OTHER),
        ("FAX_ERROR", 133, Cause.REJECTED),
        ("DOCUMENT_CONVERSION_ERROR", 133, Cause.OTHER),
        ("GENERAL_ERROR", 99, Cause.OTHER),
    ],
)
async def test_sinch_says_why_and_how_far(
    sinch: SinchServer, tmp_path: Path, kind: str, code: int, cause: Cause
) -> None:
    end = {"status": "FAILURE", "errorType": kind, "errorCode": code, "pagesSentSuccessfully": 1, "retryCount": 0}
    status = await ended(sinch, tmp_path, end)
    assert (status.state, status.cause, status.pages_confirmed) == (DeliveryState.FAILED, cause, 1)
    assert status.detail == f"{kind} {code}"


@pytest.mark.parametrize(
    ("reason", "cause"),
    [
        ("user_busy", Cause.BUSY),
        ("receiver_no_answer", Cause.NO_ANSWER),
        ("receiver_call_dropped", Cause.LINE),
        ("fax_initial_communication_timeout", Cause.NOT_A_FAX),
        ("receiver_unallocated_number", Cause.WRONG_NUMBER),
        ("receiver_decline", Cause.REJECTED),
        ("account_disabled", Cause.OTHER),
        ("a_reason_of_next_year", Cause.OTHER),
    ],
)
async def test_telnyx_says_why(telnyx: TelnyxServer, tmp_path: Path, reason: str, cause: Cause) -> None:
    status = await ended(telnyx, tmp_path, {"status": "failed", "failure_reason": reason})
    assert (status.state, status.cause, status.detail) == (DeliveryState.FAILED, cause, reason)


@pytest.mark.parametrize(
    ("end", "cause"),
    [
        ({"status": "busy"}, Cause.BUSY),
        ({"status": "no-answer"}, Cause.NO_ANSWER),
        ({"status": "failed", "error_message": "No response after sending a page"}, Cause.LINE),
        ({"status": "failed", "error_message": "Timed out waiting for initial communication"}, Cause.NOT_A_FAX),
        (
            {"status": "failed", "error_message": "Far end cannot receive at the size of image"},
            Cause.REJECTED,
        ),
        ({"status": "failed", "error_message": "Document loading error"}, Cause.OTHER),
        ({"status": "failed", "error_message": None}, Cause.OTHER),
    ],
)
async def test_signalwire_says_why(
    signalwire: SignalWireServer, tmp_path: Path, end: dict[str, object], cause: Cause
) -> None:
    status = await ended(signalwire, tmp_path, end)
    assert (status.state, status.cause) == (DeliveryState.FAILED, cause)


async def test_what_it_costs_is_told(sinch: SinchServer, signalwire: SignalWireServer, tmp_path: Path) -> None:
    assert (await ended(sinch, tmp_path, {})).price == Price("0.0700", "USD")
    assert (await ended(signalwire, tmp_path, {})).price == Price("0.005", "USD")


async def test_sinch_is_told_not_to_dial_again_and_what_to_print_on_each_page(
    sinch: SinchServer, tmp_path: Path
) -> None:
    assert isinstance(await send(sinch, tmp_path), Accepted)
    said = {name: value.decode() for name, value in sinch.forms[0].items() if name != "file"}
    assert said == {
        "to": TO,
        "from": OURS,
        "labels[referloop]": "k1",
        "headerText": f"Maple Street Family Medicine {OURS}",
        "headerTimeZone": "America/New_York",
        "headerPageNumbers": "true",
        "resolution": "FINE",
        "imageConversionMethod": "MONOCHROME",
        "maxRetries": "0",
    }


async def test_a_label_is_found_on_whatever_page_of_the_list_it_stands(sinch: SinchServer, tmp_path: Path) -> None:
    assert isinstance(await send(sinch, tmp_path, "k1"), Accepted)
    first = sinch.faxes[0]
    sinch.faxes[:0] = [first | {"id": f"other{number}", "labels": {}} for number in range(1500)]
    found = await sinch.carrier(tmp_path).find("k1")
    assert found == f"SI/{first['id']}/k1"


async def test_a_packet_that_telnyx_has_not_begun_can_be_taken_back(telnyx: TelnyxServer, tmp_path: Path) -> None:
    telnyx.ends[TO] = {"status": "queued"}
    outcome = await send(telnyx, tmp_path)
    assert isinstance(outcome, Accepted)
    carrier = telnyx.carrier(tmp_path)
    assert await carrier.cancel(outcome.reference)
    assert (await carrier.status(outcome.reference)).state is DeliveryState.CANCELLED


async def test_a_packet_that_signalwire_has_queued_can_be_taken_back(
    signalwire: SignalWireServer, tmp_path: Path
) -> None:
    signalwire.ends[TO] = {"status": "queued"}
    outcome = await send(signalwire, tmp_path)
    assert isinstance(outcome, Accepted)
    carrier = signalwire.carrier(tmp_path)
    assert await carrier.cancel(outcome.reference)
    assert (await carrier.status(outcome.reference)).state is DeliveryState.CANCELLED


async def test_that_signalwire_fetched_the_packet_proves_that_it_took_the_order(
    signalwire: SignalWireServer, tmp_path: Path
) -> None:
    """Even where its list does not show from where."""
    signalwire.lists_addresses = False
    signalwire.http.faults.append(Fault("POST", "/Faxes", is_done=True))
    outcome = await send(signalwire, tmp_path)
    assert outcome == Accepted("SW//k1")
    assert await signalwire.carrier(tmp_path).find("k1") == "SW//k1"
    assert (await signalwire.carrier(tmp_path).status("SW//k1")).state is DeliveryState.SENDING


async def test_the_twilio_client_goes_where_the_settings_say_whatever_the_environment_says(
    signalwire: SignalWireServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"TWILIO_EDGE": "sydney", "TWILIO_REGION": "us1", "HTTP_PROXY": "http://127.0.0.1:9"}.items():
        monkeypatch.setenv(name, value)
    assert isinstance(await send(signalwire, tmp_path), Accepted)
    assert [dots(pdf) for pdf in signalwire.fetched] == [dots(tiff_packet(tmp_path, 2).path.read_bytes())]


_LOGGED_STORY = """
import asyncio, logging, sys
from pathlib import Path
from gateway.logs import set_up_logging
from tests.contract.rigs import commit_nothing, tiff_packet
from tests.rigs.signalwire_server import signalwire_server
from tests.rigs.sinch_server import sinch_server
from tests.rigs.telnyx_server import telnyx_server
set_up_logging("DEBUG", "json")
folder = Path(sys.argv[1])
async def send(server):
    await server.carrier(folder).submit(tiff_packet(folder, 1), "+15085550199", "k1", commit_nothing)
    server.receive(b"%PDF")
    async for fax in server.carrier(folder).fetch_received():
        logging.getLogger("gateway").info("fetched")
with sinch_server() as a, telnyx_server() as b, signalwire_server(folder) as c:
    for server in (a, b, c):
        asyncio.run(send(server))
"""


def test_numbers_addresses_and_secrets_stay_out_of_the_log(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _LOGGED_STORY, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    assert done.stderr.count('"fetched"') == 3
    for secret in ("15085550", "key-secret", "KEY017", "PT-token", "http://", "/Faxes", "/faxes"):
        assert secret not in done.stderr, done.stderr
    assert done.stdout == ""


async def test_a_slow_answer_holds_up_nobody_else(sinch: SinchServer, tmp_path: Path) -> None:
    """Requests of one carrier object run side by side."""
    carrier: SinchSender = sinch.carrier(tmp_path)
    sinch.http.faults.append(Fault("GET", "/faxes", Answer(200, {"faxes": []}), stalls_s=1.0))
    async with asyncio.timeout(0.9), asyncio.TaskGroup() as group:
        slow = group.create_task(carrier.find("k1"))
        await asyncio.sleep(0.2)
        assert await carrier.find("k2") is None
        assert not slow.done()
        slow.cancel()
