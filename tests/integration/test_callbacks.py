"""Callbacks of cloud carriers: proven or refused, twice, late, out of order, and before the sending call returned."""

import base64
import dataclasses
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from gateway.domain.event import EventKind
from gateway.domain.referral import Status
from gateway.domain.transmission import TransmissionState
from gateway.testing import memory_store
from gateway.web.callbacks import make_callbacks_app
from outbound.callbacks import Callback, Told
from outbound.carriers.signalwire_callbacks import hear
from outbound.sender import Cause, DeliveryState, Packet, Sender
from tests.contract.rigs import commit_nothing, tiff_packet
from tests.rigs.cloud_server import Fault
from tests.rigs.sending_desk import SendingDesk
from tests.rigs.signalwire_server import PUBLIC, SIGNING_KEY, SignalWireServer, signalwire_server
from tests.rigs.sinch_server import sinch_server
from tests.rigs.telnyx_server import OURS, TelnyxServer, telnyx_server

T = TransmissionState


class Lines:
    """Servers of the carriers, and desks that send by them."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self.folder = folder
        self.telnyx = stack.enter_context(telnyx_server())
        self.signalwire = stack.enter_context(signalwire_server(folder))
        self.store = memory_store()
        stack.callback(self.store.close)

    def desk(self, sender: Sender) -> SendingDesk:
        desk = SendingDesk(self.store, self.folder, sender)
        desk.clock.at = datetime.now(UTC)
        return desk


@pytest.fixture(name="lines")
def some_lines(tmp_path: Path) -> Iterator[Lines]:
    with ExitStack() as stack:
        yield Lines(stack, tmp_path)


def fax_id(desk: SendingDesk) -> str:
    return desk.rows[0].carrier_reference.split("/")[1]


async def test_a_signed_end_is_recorded_with_its_pages(lines: Lines) -> None:
    carrier = lines.telnyx.carrier(lines.folder)
    desk = lines.desk(carrier)
    await desk.send()
    event = lines.telnyx.sent_event("fax.delivered", fax_id(desk), desk.rows[0].key, page_count=2)
    await desk.hear(await carrier.hear(event))
    assert (desk.rows[0].state, desk.rows[0].pages_confirmed) == (T.DELIVERED, 2)
    assert desk.referral.status is Status.DELIVERED


async def test_fewer_pages_than_were_sent_are_not_a_delivery(lines: Lines) -> None:
    carrier = lines.telnyx.carrier(lines.folder)
    desk = lines.desk(carrier)
    await desk.send()
    event = lines.telnyx.sent_event("fax.delivered", fax_id(desk), desk.rows[0].key, page_count=1)
    await desk.hear(await carrier.hear(event))
    assert desk.rows[0].state is T.UNCERTAIN


async def test_a_delivery_without_a_count_is_taken_for_the_whole(lines: Lines) -> None:
    desk = lines.desk(lines.telnyx.carrier(lines.folder))
    await desk.send()
    assert await desk.poll() == 1
    assert desk.rows[0].state is T.DELIVERED
    moved = desk.events(EventKind.REFERRAL_MOVED)[-1]
    assert "telnyx says so; it counts no pages" in str(moved)


async def test_twice_late_and_out_of_order_change_nothing(lines: Lines) -> None:
    carrier = lines.telnyx.carrier(lines.folder)
    desk = lines.desk(carrier)
    await desk.send()
    key = desk.rows[0].key
    for kind in ("fax.delivered", "fax.delivered", "fax.sending.started", "fax.queued", "fax.failed"):
        await desk.hear(await carrier.hear(lines.telnyx.sent_event(kind, fax_id(desk), key, page_count=2)))
    assert [row.state for row in desk.rows] == [T.DELIVERED]
    assert len(desk.events(EventKind.REFERRAL_MOVED)) == 2, "sent, delivered"


class EagerCarrier:
    """Telnyx whose callbacks overtake the answer to the sending call."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._carrier = lines.telnyx.carrier(lines.folder)
        self.hear: Callable[[Told | None], Awaitable[None]] | None = None
        self.kinds = ("fax.queued", "fax.delivered")

    def __getattr__(self, name: str) -> object:
        return getattr(self._carrier, name)

    async def submit(self, packet: Packet, to: str, key: str, commit: Callable[[str], Awaitable[None]]) -> object:
        outcome = await self._carrier.submit(packet, to, key, commit)
        telnyx = self._lines.telnyx
        for kind in self.kinds:
            event = telnyx.sent_event(kind, str(telnyx.faxes[0]["id"]), key, page_count=2)
            assert self.hear is not None
            await self.hear(await self._carrier.hear(event))
        return outcome


async def test_a_callback_before_the_sending_call_returned_is_not_lost(lines: Lines) -> None:
    carrier = EagerCarrier(lines)
    desk = lines.desk(carrier)  # pyright: ignore[reportArgumentType] - the rest is the real carrier's
    carrier.hear = desk.hear
    await desk.send()
    assert [row.state for row in desk.rows] == [T.DELIVERED]
    assert desk.referral.requests_sent == 1


async def test_a_callback_settles_what_nobody_could_know(lines: Lines) -> None:
    """SignalWire's list is no sure no: the row is uncertain, until a signed callback says how it went."""
    server = lines.signalwire
    server.lists_addresses = False
    server.http.faults.append(Fault("POST", "/Faxes"))
    carrier = server.carrier(lines.folder)
    desk = lines.desk(carrier)
    await desk.send()
    assert desk.rows[0].state is T.UNCERTAIN
    assert [task.kind.value for task in desk.tasks] == ["uncertain_transmission"]
    query = f"?key={desk.rows[0].key}"
    await desk.hear(await carrier.hear(server.callback(query, FaxSid="sid-1", FaxStatus="delivered", NumPages="2")))
    assert (desk.rows[0].state, desk.tasks, desk.referral.status) == (T.DELIVERED, [], Status.DELIVERED)


async def test_a_failure_that_is_told_late_is_tried_again_like_any_other(lines: Lines) -> None:
    server = lines.signalwire
    server.lists_addresses = False
    server.http.faults.append(Fault("POST", "/Faxes"))
    carrier = server.carrier(lines.folder)
    desk = lines.desk(carrier)
    await desk.send()
    query = f"?key={desk.rows[0].key}"
    await desk.hear(await carrier.hear(server.callback(query, FaxSid="sid-1", FaxStatus="busy")))
    assert [row.state for row in desk.rows] == [T.FAILED, T.INTENDED]
    assert desk.tasks == []


async def test_what_was_never_handed_over_is_not_moved_by_a_callback(lines: Lines) -> None:
    carrier = lines.telnyx.carrier(lines.folder)
    desk = lines.desk(carrier)
    from gateway.services.intend import intend_ready
    from tests.rigs.reading_desk import RULES

    intend_ready(desk.store, desk.clock, RULES)
    await desk.hear(await carrier.hear(lines.telnyx.sent_event("fax.delivered", "f-1", desk.rows[0].key)))
    await desk.hear(await carrier.hear(lines.telnyx.sent_event("fax.delivered", "f-1", "nobodys-key")))
    assert desk.rows[0].state is T.INTENDED


async def test_telnyx_is_believed_only_if_it_signed_this_body_just_now(lines: Lines) -> None:
    telnyx = lines.telnyx
    carrier = telnyx.carrier(lines.folder)
    good = telnyx.sent_event("fax.delivered", "f-1", "k1", page_count=2)
    told = await carrier.hear(good)
    assert told is not None
    assert told.status is not None
    assert (told.key, told.reference, told.status.pages_confirmed) == ("k1", "TX/f-1/k1", 2)
    old = telnyx.event("fax.delivered", "f-1", at=datetime.now(UTC) - timedelta(seconds=301))
    early = telnyx.event("fax.delivered", "f-1", at=datetime.now(UTC) + timedelta(seconds=400))
    with telnyx_server() as stranger:
        forged = stranger.sent_event("fax.delivered", "f-1", "k1", page_count=2)
    stamp = {**good.headers, "telnyx-timestamp": str(int(good.headers["telnyx-timestamp"]) + 1)}
    for bad in (
        old,
        early,
        forged,
        dataclasses.replace(good, body=good.body.replace(b"delivered", b"delivereD")),
        dataclasses.replace(good, headers={}),
        dataclasses.replace(good, headers=stamp),
        dataclasses.replace(good, headers={**good.headers, "telnyx-signature-ed25519": "no base64!"}),
        dataclasses.replace(good, headers={**good.headers, "telnyx-timestamp": "٣"}),
    ):
        assert await carrier.hear(bad) is None, bad.headers
    assert await telnyx.carrier(lines.folder, public_key="").hear(good) is None, "without a key nothing is believed"
    odd = telnyx.event("call.hangup", "f-1", direction=None)
    assert await carrier.hear(odd) == Told(), "signed, and nothing we know"


def test_signalwires_own_vectors_hold() -> None:
    """Vectors B of SignalWire's SDKs: a form of Twilio's scheme; another key or address is refused."""
    form = "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212"
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-signalwire-signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
    }
    good = Callback("https://mycompany.com/myapp.php?foo=1&bar=2", headers, form.encode())
    assert hear(good, "12345", OURS, "") is not None
    twilios = {"content-type": headers["content-type"], "x-twilio-signature": headers["x-signalwire-signature"]}
    assert hear(dataclasses.replace(good, headers=twilios), "12345", OURS, "") is not None
    for bad in (
        dataclasses.replace(good, url="https://mycompany.com/myapp.php?foo=1&bar=3"),
        dataclasses.replace(good, body=good.body + b"&Digits=1234"),
        dataclasses.replace(good, body=good.body.replace(b"1234&", b"1235&")),
        dataclasses.replace(good, body=b"\xff\xfe"),
        dataclasses.replace(good, headers=headers | {"content-type": "application/json"}),
        dataclasses.replace(good, headers={"content-type": headers["content-type"]}),
    ):
        assert hear(bad, "12345", OURS, "") is None, bad
    assert hear(good, "12346", OURS, "") is None
    assert hear(good, "", OURS, "") is None


async def test_a_call_is_answered_with_what_to_do(lines: Lines) -> None:
    server = lines.signalwire
    carrier = server.carrier(lines.folder)
    told = await carrier.hear(server.callback(FaxSid="sid-1", AccountSid="p1", From="+15085550199", To=OURS))
    assert told is not None
    assert f'<Receive action="{PUBLIC}/callbacks/signalwire" mediaType="application/pdf"' in told.answer
    other = await carrier.hear(server.callback(FaxSid="sid-1", AccountSid="p1", From="+15085550199", To="+15085550777"))
    assert other is not None
    assert "<Reject />" in other.answer


async def test_sinch_signs_nothing_so_its_callback_only_makes_us_ask(tmp_path: Path) -> None:
    with sinch_server() as sinch:
        carrier = sinch.carrier(tmp_path, callback_url=f"{PUBLIC}/callbacks/sinch", callback_password="horse/battery")
        await carrier.submit(tiff_packet(tmp_path, 1), "+15085550199", "k1", commit_nothing)
        url = sinch.forms[0]["callbackUrl"].decode()
        assert url == "https://referloop:horse%2Fbattery@fax.clinic.example/callbacks/sinch"
        login = "Basic " + base64.b64encode(b"referloop:horse/battery").decode()
        callback = Callback(f"{PUBLIC}/callbacks/sinch", {"authorization": login}, b'{"event":"FAX_COMPLETED"}')
        assert await carrier.hear(callback) == Told(brings_fax=True)
        for given in ("", "Basic x", login + "x", "Basic " + base64.b64encode(b"referloop:").decode()):
            assert await carrier.hear(dataclasses.replace(callback, headers={"authorization": given})) is None
        unset = sinch.carrier(tmp_path)
        empty = "Basic " + base64.b64encode(b"referloop:").decode()
        assert await unset.hear(dataclasses.replace(callback, headers={"authorization": empty})) is None


class Door:
    """The listener, and what was taken through it."""

    def __init__(self, server: SignalWireServer | TelnyxServer, name: str, folder: Path) -> None:
        self.taken: list[Told] = []
        self.fails = False
        shelf = server.shelf if isinstance(server, SignalWireServer) else None
        app = make_callbacks_app(name, server.carrier(folder), shelf, PUBLIC, self.take)  # pyright: ignore
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url=PUBLIC)

    async def take(self, told: Told) -> None:
        if self.fails:
            raise RuntimeError("the database is gone")
        self.taken.append(told)

    async def post(self, callback: Callback, **changed: bytes) -> httpx.Response:
        return await self.client.post(
            callback.url, headers=dict(callback.headers), content=changed.get("body", callback.body)
        )


async def test_the_listener_refuses_what_is_not_signed_too_long_or_elsewhere(lines: Lines) -> None:
    door = Door(lines.telnyx, "telnyx", lines.folder)
    good = lines.telnyx.sent_event("fax.delivered", "f-1", "k1", page_count=2)
    assert (await door.post(good, body=b"{}")).status_code == 403
    assert (await door.post(good, body=b"x" * 1_000_001)).status_code == 413
    assert (await door.client.post(f"{PUBLIC}/callbacks/signalwire", content=b"")).status_code == 404
    assert (await door.client.get(f"{PUBLIC}/callbacks/telnyx")).status_code == 405
    assert (await door.client.get(f"{PUBLIC}/docs")).status_code == 404
    assert door.taken == []


async def test_a_replay_is_heard_but_not_taken_and_a_callback_that_failed_may_come_again(lines: Lines) -> None:
    door = Door(lines.telnyx, "telnyx", lines.folder)
    good = lines.telnyx.sent_event("fax.delivered", "f-1", "k1", page_count=2)
    door.fails = True
    assert (await door.post(good)).status_code == 500
    door.fails = False
    assert [(await door.post(good)).status_code for _ in range(3)] == [200, 200, 200]
    assert len(door.taken) == 1


async def test_signalwires_signature_is_checked_over_the_public_address(lines: Lines) -> None:
    door = Door(lines.signalwire, "signalwire", lines.folder)
    form = {"FaxSid": "sid-1", "FaxStatus": "failed", "ErrorMessage": "Failed to train", "NumPages": "0"}
    good = lines.signalwire.callback("?key=k1", **form)
    assert (await door.post(good)).status_code == 200
    assert door.taken[0].status is not None
    assert (door.taken[0].key, door.taken[0].status.cause) == ("k1", Cause.LINE)
    assert door.taken[0].status.state is DeliveryState.FAILED
    other = dataclasses.replace(good, url=good.url.replace("k1", "k2"))
    assert (await door.post(other)).status_code == 403


async def test_a_packet_is_fetched_once_under_a_signed_address_for_three_hours(lines: Lines) -> None:
    door = Door(lines.signalwire, "signalwire", lines.folder)
    shelf = lines.signalwire.shelf
    url = shelf.offer(b"%PDF-1.7 packet", "k1")
    name = url.rpartition("/")[2]
    key, ends, signature, _ = name.split(".")
    for bad in (
        f"{key}.{ends}.{'0' * 40}.pdf",
        f"{key}.{int(ends) + 1}.{signature}.pdf",
        f"k2.{ends}.{signature}.pdf",
        "..%2F..%2Fetc%2Fpasswd",
    ):
        assert (await door.client.get(f"{PUBLIC}/media/{bad}")).status_code == 404
    assert not shelf.was_fetched("k1")
    assert (await door.client.head(url)).headers["content-length"] == "15"
    got = await door.client.get(url)
    assert (got.status_code, got.content, got.headers["content-type"]) == (200, b"%PDF-1.7 packet", "application/pdf")
    assert (await door.client.get(url)).status_code == 404
    assert shelf.was_fetched("k1")


def test_an_address_that_is_over_leads_nowhere(tmp_path: Path) -> None:
    from outbound.carriers.media_shelf import MediaShelf

    now = [datetime(2026, 3, 2, 12, tzinfo=UTC)]
    shelf = MediaShelf(tmp_path, PUBLIC, b"secret", lambda: now[0])
    name = shelf.offer(b"%PDF", "k1").rpartition("/")[2]
    assert shelf.find(name) is not None
    now[0] += timedelta(hours=3, seconds=1)
    assert shelf.find(name) is None
    assert SIGNING_KEY not in name
