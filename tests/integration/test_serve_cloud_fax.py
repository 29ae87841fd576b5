"""The daemon itself with a cloud carrier: its settings, its listener, a packet out, a callback, a fax in."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from config.load import load_settings
from config.template import write_clinic_folder
from gateway.desk import Desk, open_desk
from gateway.domain.transmission import Transmission, TransmissionState
from outbound.fax_pdf import fax_pdf
from tests.contract.rigs import tiff_packet
from tests.rigs.sinch_server import SinchServer, sinch_server

pytestmark = pytest.mark.slow
_PATIENCE_S = 60.0
_FORM = {
    "external_id": "ehr-1",
    "patient": {"family": "Okafor", "given": "Maria", "birth_date": "1961-04-23"},
    "clinician": {"name": "Helen Marsh MD"},
    "recipient": {"name": "Bayview Cardiology", "fax": "+15085550199"},
    "specialty": "cardiology",
    "question": "Chest pain on exertion?",
}


def until(is_true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not is_true():
        assert time.monotonic() < deadline, "it does not come true"
        time.sleep(0.1)


def a_clinic(folder: Path, sinch: SinchServer, port: int) -> Path:
    config = write_clinic_folder(folder)[0]
    text = config.read_text(encoding="utf-8")
    for section, lines in {
        "fax": 'carrier = "sinch"\ndelete_after_receipt = true',
        "fax.sinch": f'url = "{sinch.http.url}"\nproject_id = "p1"\nkey_id = "key-id"\nkey_secret = "key-secret"',
        "fax.callbacks": f'public_url = "https://fax.clinic.example"\nlisten = "127.0.0.1:{port}"\npassword = "horse"',
        "clinic": 'name = "Maple Street Family Medicine"\nfax_number = "+15085550100"',
        "loop": "poll_seconds = 3600",  # so that a callback alone can be the reason to ask
    }.items():
        keys = [line.partition(" = ")[0] for line in lines.splitlines()]
        head, _, rest = text.partition(f"\n[{section}]\n")
        table, mark, after = rest.partition("\n[")
        kept = [line for line in table.splitlines() if line.partition(" = ")[0] not in keys]
        text = f"{head}\n[{section}]\n{lines}\n" + "\n".join(kept) + mark + after
    config.write_text(text, encoding="utf-8")
    return config


@contextmanager
def serving(config: Path) -> Generator[None]:
    with (config.parent / "log").open("w") as log:
        command = [sys.executable, "-m", "gateway.cli", "serve", "--config", str(config)]
        environment = {"PATH": os.defpath, "REFERLOOP_WEB__PORT": "0"}
        process = subprocess.Popen(command, env=environment, stderr=log)
        try:
            yield
        finally:
            process.terminate()
            assert process.wait(40) == 0


def test_a_packet_goes_out_its_end_is_called_back_and_a_fax_comes_in(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = int(holder.getsockname()[1])
    with sinch_server() as sinch:
        config = a_clinic(tmp_path / "clinic", sinch, port)
        sinch.ends["+15085550199"] = {"status": "IN_PROGRESS", "pagesSentSuccessfully": 0}
        with open_desk(load_settings(config)) as desk, serving(config):
            desk.intake.open_json(json.dumps(_FORM).encode(), tmp_path, origin="test", actor="test")
            until(lambda: len(sinch.forms) == 1)
            row = _only_row(desk)
            until(lambda: _only_row(desk).state is TransmissionState.ACCEPTED)
            pages = row.pages
            sinch.faxes[0] |= {"status": "COMPLETED", "numberOfPages": pages, "pagesSentSuccessfully": pages}
            address = f"http://127.0.0.1:{port}/callbacks/sinch"
            assert httpx.post(address, content=b"{}").status_code == 403
            assert httpx.post(address, auth=("referloop", "horse"), content=b"{}").status_code == 200
            until(lambda: _only_row(desk).state is TransmissionState.DELIVERED)

            packet = tiff_packet(tmp_path, 1)
            fax_id = sinch.receive(fax_pdf(packet.path)[0])
            assert httpx.post(address, auth=("referloop", "horse"), content=b"{}").status_code == 200
            until(lambda: fax_id not in sinch.files)
            with desk.store.transaction() as tx:
                assert tx.knows_source(f"fax:sinch:{fax_id}")
    told = (config.parent / "log").read_text(encoding="utf-8")
    assert "listening for carriers" in told
    for secret in ("key-secret", "horse", "15085550199", "Okafor"):
        assert secret not in told


def _only_row(desk: Desk) -> Transmission:
    with desk.store.transaction() as tx:
        (row,) = tx.transmissions_in(list(TransmissionState))
    return row
