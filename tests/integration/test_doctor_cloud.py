"""`referloop doctor` at cloud carriers, and whether they would reach us."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trustme
import uvicorn
from fastapi import FastAPI, Response

from gateway.doctor.callback import CallbackCheck
from gateway.doctor.cloud import CloudCarrierCheck
from gateway.web.callbacks import make_callbacks_app
from outbound.callbacks import Told
from tests.rigs.cloud_server import Answer, Fault
from tests.rigs.examined import wrong_with
from tests.rigs.signalwire_server import SignalWireServer, signalwire_server
from tests.rigs.sinch_server import SinchServer, sinch_server
from tests.rigs.telnyx_server import TelnyxServer, telnyx_server

Server = SinchServer | TelnyxServer | SignalWireServer
SECRETS = {"sinch": "sinch_secret", "telnyx": "telnyx_key", "signalwire": "signalwire_token"}


@pytest.fixture(params=["sinch", "telnyx", "signalwire"], name="server")
def a_server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    made = {"sinch": sinch_server, "telnyx": telnyx_server, "signalwire": lambda: signalwire_server(tmp_path)}
    with made[request.param]() as server:
        yield server


async def test_a_carrier_that_knows_our_key_is_asked_once_and_told_nothing(server: Server, tmp_path: Path) -> None:
    assert await wrong_with(CloudCarrierCheck(server.carrier(tmp_path))) == ""
    assert [asked.method for asked in server.http.asked] == ["GET"]


@pytest.mark.parametrize(
    ("status", "said"),
    [(401, "correct credential {secret}"), (402, "top up the account"), (403, "correct credential {secret}"),
     (404, "does not know the project"), (429, "raise fax.poll_seconds"), (500, "status page")],
)  # fmt: skip
async def test_a_carriers_no_is_told_with_what_to_do(server: Server, tmp_path: Path, status: int, said: str) -> None:
    server.http.faults.append(Fault("GET", "axes", Answer(status)))
    carrier = server.carrier(tmp_path)
    wrong = await wrong_with(CloudCarrierCheck(carrier))
    assert said.format(secret=SECRETS[carrier.name]) in wrong
    assert str(status) in wrong


async def test_a_carrier_that_cannot_be_reached_is_told_as_that(server: Server, tmp_path: Path) -> None:
    server.http.stop()
    assert "DNS and firewall" in await wrong_with(CloudCarrierCheck(server.carrier(tmp_path)))


class RefusesAll:
    """A carrier whose callbacks nobody signed."""

    async def hear(self, callback: object) -> Told | None:
        return None


class NoShelf:
    def find(self, name: str) -> Path | None:
        return None

    def burn(self, path: Path) -> None:
        return


@asynccontextmanager
async def behind_tls(app: FastAPI, folder: Path) -> AsyncGenerator[int]:
    """The port that the app answers at over https."""
    authority = trustme.CA()
    own = authority.issue_cert("localhost")
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    own.private_key_and_cert_chain_pem.write_to_path(str(folder / "own.pem"))
    config = uvicorn.Config(app, port=0, log_config=None, lifespan="off", ssl_certfile=folder / "own.pem")
    server = uvicorn.Server(config)
    serving = asyncio.ensure_future(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await serving


async def called(port: int, ca_file: Path) -> str:
    """In a process of its own, which trusts that authority as a machine trusts the public ones."""
    code = (
        "import asyncio, sys\n"
        "from gateway.doctor.callback import CallbackCheck\n"
        "from tests.rigs.examined import wrong_with\n"
        "print(asyncio.run(wrong_with(CallbackCheck(sys.argv[1], 'telnyx', '127.0.0.1:8471'))))\n"
    )
    command = [sys.executable, "-c", code, f"https://localhost:{port}"]
    environment = {"SSL_CERT_FILE": str(ca_file), "PYTHONPATH": str(Path(__file__).parents[2])}
    done = await asyncio.to_thread(
        subprocess.run, command, env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout.strip()


async def test_a_public_address_that_leads_to_us_refuses_what_nobody_signed(tmp_path: Path) -> None:
    async def take(told: Told) -> None:
        raise AssertionError("an unsigned callback was taken")

    app = make_callbacks_app("telnyx", RefusesAll(), NoShelf(), "https://localhost", take)
    async with behind_tls(app, tmp_path) as port:
        assert await called(port, tmp_path / "ca.pem") == ""


@pytest.mark.parametrize(
    ("status", "said"),
    [(502, "and nobody behind it"), (404, "answers 404 where our listener would answer 403"),
     (200, "takes a callback that nobody signed")],
)  # fmt: skip
async def test_a_public_address_that_leads_elsewhere_is_told(tmp_path: Path, status: int, said: str) -> None:
    app = FastAPI()

    @app.post("/callbacks/telnyx")
    async def answer() -> Response:
        return Response(status_code=status)

    async with behind_tls(app, tmp_path) as port:
        assert said in await called(port, tmp_path / "ca.pem")


async def test_a_public_address_without_a_good_certificate_reaches_nobody(tmp_path: Path) -> None:
    async with behind_tls(FastAPI(), tmp_path) as port:
        wrong = await wrong_with(CallbackCheck(f"https://localhost:{port}", "telnyx", "127.0.0.1:8471"))
    assert "whose certificate must be good" in wrong
