"""The test fax of `referloop doctor` on a line that is heard of no more."""

from datetime import UTC, datetime
from pathlib import Path

from config.load import load_settings
from config.template import write_clinic_folder
from gateway.doctor.fax_trip import FaxTripCheck
from outbound.carriers.loopback import LoopbackFax
from outbound.sender import DeliveryState
from tests.rigs.examined import wrong_with

OURS = "+15085550100"


async def test_a_test_fax_that_does_not_end_is_told_and_taken_back(tmp_path: Path) -> None:
    settings = load_settings(write_clinic_folder(tmp_path / "clinic")[0])
    exchange = tmp_path / "exchange"
    exchange.mkdir()
    (exchange / "script.toml").write_text(f'["{OURS}"]\nsilent = true\n')
    carrier = LoopbackFax(exchange, OURS, lambda: datetime.now(UTC))
    wrong = await wrong_with(FaxTripCheck(settings, carrier, OURS, limit_s=4.0, every_s=0.1))
    assert wrong.startswith("the test fax was neither delivered nor given up within 4 s -> look at loopback's queue")
    (call,) = (exchange / ".line").glob("*/LB-*.json")
    assert (await carrier.status(call.stem)).state is DeliveryState.CANCELLED
