"""Faxes that come in at cloud carriers: all of them, once, marked if cut off, from nowhere else, deleted last."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.inbound.fax_poller import FaxPoller
from gateway.services.receive_document import ReceiveDocument
from gateway.storage.vault import FileVault
from gateway.testing import FixedClock, memory_store
from outbound.carriers.cloud_http import CloudHttp
from outbound.errors import FileRefused
from outbound.sender import DeliveryState, FaxInbox, ReceivedFax
from tests.builders import NOON
from tests.rigs.cloud_server import Answer, Fault, cloud_server
from tests.rigs.signalwire_server import SignalWireServer, signalwire_server
from tests.rigs.sinch_server import OURS, SinchServer, sinch_server
from tests.rigs.telnyx_server import TelnyxServer, telnyx_server

PDF = b"%PDF-1.7 one page"
Server = SinchServer | TelnyxServer | SignalWireServer


@pytest.fixture(params=["sinch", "telnyx", "signalwire"], name="server")
def a_server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    match request.param:
        case "sinch":
            with sinch_server() as server:
                yield server
        case "telnyx":
            with telnyx_server() as server:
                yield server
        case _:
            with signalwire_server(tmp_path) as server:
                yield server


async def waiting(inbox: FaxInbox) -> list[ReceivedFax]:
    return [fax async for fax in inbox.fetch_received()]


def downloads(server: Server) -> int:
    ends = ("/file", ".pdf")
    return sum(a.method == "GET" and (a.path.endswith(ends) or "/files/" in a.path) for a in server.http.asked)


async def test_a_fax_is_fetched_once_and_stays_until_it_is_ours(server: Server, tmp_path: Path) -> None:
    fax_id = server.receive(PDF)
    for _ in range(2):
        faxes = await waiting(server.carrier(tmp_path))
        assert [(f.source_id, f.path.read_bytes(), f.sender_number) for f in faxes] == [(fax_id, PDF, "+15085550199")]
        assert (faxes[0].called_number, faxes[0].is_partial) == (OURS, False)
        assert faxes[0].received_at is not None
        assert datetime.now(UTC) - faxes[0].received_at < timedelta(minutes=1)
    carrier = server.carrier(tmp_path)
    await carrier.forget(fax_id)
    before = downloads(server)
    assert await waiting(carrier) == []
    assert await waiting(server.carrier(tmp_path)) == [], "after a restart too"
    assert downloads(server) == before
    assert fax_id in server.files, "nothing is deleted there unless the settings say so"


async def test_it_is_deleted_there_only_when_it_is_durably_here(server: Server, tmp_path: Path) -> None:
    fax_id = server.receive(PDF)
    carrier = server.carrier(tmp_path, deletes=True)
    store = memory_store()
    door = ReceiveDocument(store, FileVault(tmp_path / "vault"), FixedClock(NOON), lambda: None)

    class Watching:
        """Looks, at the moment of deletion, whether the fax is in the store."""

        async def receive(self, source: bytes | Path, envelope: object) -> object:
            assert not deleted()
            return await door.receive(source, envelope)  # pyright: ignore

        async def knows(self, source_id: str) -> bool:
            return await door.knows(source_id)

    def deleted() -> bool:
        return any(asked.method == "DELETE" for asked in server.http.asked)

    assert await FaxPoller(carrier, Watching(), 1).poll() == 1  # pyright: ignore
    assert deleted()
    with store.transaction() as tx:
        assert tx.knows_source(f"fax:{carrier.name}:{fax_id}")
    assert await FaxPoller(carrier, door, 1).poll() == 0
    store.close()


async def test_a_deletion_that_fails_is_made_up_for_at_the_next_look(server: Server, tmp_path: Path) -> None:
    fax_id = server.receive(PDF)
    carrier = server.carrier(tmp_path, deletes=True)
    end = "/file" if isinstance(server, SinchServer) else fax_id
    server.http.faults.append(Fault("DELETE", end, Answer(500)))
    assert len(await waiting(carrier)) == 1
    await carrier.forget(fax_id)
    assert await waiting(server.carrier(tmp_path, deletes=True)) == []
    assert [a.method for a in server.http.asked].count("DELETE") == 2


async def test_a_carrier_that_will_not_delete_is_not_asked_for_ever(server: Server, tmp_path: Path) -> None:
    fax_id = server.receive(PDF)
    carrier = server.carrier(tmp_path, deletes=True)
    end = "/file" if isinstance(server, SinchServer) else fax_id
    server.http.faults.append(Fault("DELETE", end, Answer(403)))
    assert len(await waiting(carrier)) == 1
    await carrier.forget(fax_id)
    assert await waiting(carrier) == []
    assert [a.method for a in server.http.asked].count("DELETE") == 1


async def test_one_fax_that_cannot_be_fetched_holds_up_none_of_the_others(server: Server, tmp_path: Path) -> None:
    first, second = server.receive(PDF), server.receive(PDF)
    del server.files[first]
    got: list[str] = []

    async def take(inbox: AsyncIterator[ReceivedFax]) -> None:
        async for fax in inbox:
            got.append(fax.source_id)

    with pytest.raises(ExceptionGroup):
        await take(server.carrier(tmp_path).fetch_received())
    assert got == [second]


async def test_a_list_of_many_pages_is_read_to_its_end(server: Server, tmp_path: Path) -> None:
    count = 1001 if isinstance(server, SinchServer) else 101
    ids = {server.receive(PDF) for _ in range(count)}
    listed = await server.carrier(tmp_path).received_since(datetime.now(UTC) - timedelta(days=1))
    assert {fax.id for fax in listed} == ids


async def test_after_the_first_look_only_what_is_new_is_listed(tmp_path: Path) -> None:
    with sinch_server() as sinch:
        carrier = sinch.carrier(tmp_path)
        await waiting(carrier)
        await waiting(carrier)
        since = [datetime.fromisoformat(asked.query["createTime>"]) for asked in sinch.http.asked]
        assert timedelta(days=28) < since[1] - since[0] < timedelta(days=30)


@pytest.mark.parametrize("where", ["https://evil.example/fax.pdf", "http://169.254.169.254/", "file:///etc/passwd"])
async def test_pages_are_fetched_from_the_carriers_hosts_alone(tmp_path: Path, where: str) -> None:
    with telnyx_server() as telnyx, signalwire_server(tmp_path) as signalwire:
        telnyx.receive(PDF, where)
        signalwire.receive(PDF, media_url=where)
        for server in (telnyx, signalwire):
            with pytest.raises(ExceptionGroup) as caught:
                await waiting(server.carrier(tmp_path / server.http.url[-5:]))
            assert caught.group_contains(FileRefused)


@pytest.mark.parametrize(
    "url",
    [
        "https://files.example.evil.example/x",
        "https://user@files.example/x",
        "https://files.example:8443/x",
        "http://files.example/x",
        "https://files.example@evil.example/x",
        "https://FILES.example.:443@evil/x",
    ],
)
async def test_what_only_looks_like_the_carriers_host_is_not_it(tmp_path: Path, url: str) -> None:
    with pytest.raises(FileRefused):
        await CloudHttp("https://api.example").fetch(
            url, tmp_path / "x.pdf", hosts=("files.example",), limit_bytes=1000
        )


async def test_a_redirect_is_not_followed_to_anywhere(tmp_path: Path) -> None:
    with cloud_server(lambda asked: Answer(body=b"not the fax")) as stranger, telnyx_server() as telnyx:
        fax_id = telnyx.receive(PDF)
        moved = Answer(302, headers={"Location": stranger.url})
        telnyx.http.faults += [Fault("GET", f"{fax_id}.pdf", moved), Fault("GET", f"{fax_id}.pdf", moved)]
        with pytest.raises(ExceptionGroup):
            await waiting(telnyx.carrier(tmp_path))
        assert stranger.asked == []


async def test_a_file_larger_than_a_fax_can_be_is_left_half_way(tmp_path: Path) -> None:
    with cloud_server(lambda asked: Answer(body=b"x" * 5000)) as server:
        into = tmp_path / "x.pdf"
        with pytest.raises(FileRefused, match="larger than 1000 bytes"):
            await CloudHttp(server.url).fetch(f"{server.url}/x", into, hosts=(), limit_bytes=1000)
        assert not into.exists()


async def test_credentials_go_to_the_api_alone(tmp_path: Path) -> None:
    """Telnyx's files lie at another company's host."""
    with telnyx_server() as telnyx:
        telnyx.receive(PDF)
        await waiting(telnyx.carrier(tmp_path))
        api = [a for a in telnyx.http.asked if a.path.startswith("/v2")]
        assert all(a.headers["authorization"] == "Bearer KEY017" for a in api)


async def test_a_link_that_expired_is_renewed(tmp_path: Path) -> None:
    with telnyx_server() as telnyx:
        telnyx.receive(PDF)
        telnyx.fresh.clear()
        assert [fax.path.read_bytes() for fax in await waiting(telnyx.carrier(tmp_path))] == [PDF]


async def test_a_fax_that_was_cut_off_is_kept_and_marked(tmp_path: Path) -> None:
    with sinch_server() as sinch:
        sinch.receive(PDF, status="FAILURE", errorType="FAX_ERROR", errorCode=131)
        sinch.receive(PDF, status="FAILURE", hasFile=False)
        sinch.receive(PDF, status="IN_PROGRESS")
        assert [fax.is_partial for fax in await waiting(sinch.carrier(tmp_path))] == [True]
    with signalwire_server(tmp_path) as signalwire:
        signalwire.receive(PDF, status="failed")
        signalwire.receive(PDF, status="failed", media_url=None)
        signalwire.receive(PDF, status="receiving")
        assert [fax.is_partial for fax in await waiting(signalwire.carrier(tmp_path / "s"))] == [True]


async def test_telnyx_says_only_in_its_callback_that_a_fax_was_cut_off_so_that_is_waited_for(tmp_path: Path) -> None:
    with telnyx_server() as telnyx:
        url = "https://fax.clinic.example/callbacks/telnyx"
        carrier = telnyx.carrier(tmp_path, callback_url=url)
        cut = telnyx.receive(PDF)
        assert await waiting(carrier) == [], "the callback may still come"
        told = await carrier.hear(
            telnyx.event("fax.received", cut, direction="inbound", partial_content=True, caller_id="+15085550142")
        )
        assert told is not None
        assert told.brings_fax
        faxes = await waiting(telnyx.carrier(tmp_path, callback_url=url))  # after a restart
        assert [(fax.is_partial, fax.sender_number) for fax in faxes] == [(True, "+15085550142")]
        await carrier.forget(cut)
        silent = telnyx.receive(PDF, at=datetime.now(UTC) - timedelta(minutes=3))
        assert [fax.source_id for fax in await waiting(carrier)] == [silent], "no callback: taken all the same"


async def test_the_station_id_that_signalwires_callback_tells_is_kept(tmp_path: Path) -> None:
    with signalwire_server(tmp_path) as signalwire:
        sid = signalwire.receive(PDF)
        carrier = signalwire.carrier(tmp_path)
        said = {"FaxSid": sid, "FaxStatus": "received", "RemoteStationId": "HARBOR CARDIO", "From": "+15085550199"}
        told = await carrier.hear(signalwire.callback(**said, To=OURS))
        assert told is not None
        assert told.brings_fax
        assert [fax.station_id for fax in await waiting(carrier)] == ["HARBOR CARDIO"]


async def test_an_id_that_could_be_a_path_is_not_made_one(server: Server, tmp_path: Path) -> None:
    server.receive(PDF)
    server.faxes[0]["sid" if isinstance(server, SignalWireServer) else "id"] = "../../evil"
    assert await waiting(server.carrier(tmp_path)) == []
    carrier = server.carrier(tmp_path)
    assert (await carrier.status(f"{carrier.prefix}/../../evil/k1")).state is DeliveryState.UNKNOWN
