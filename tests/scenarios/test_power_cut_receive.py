"""The plug is pulled while the mailbox is being emptied: what is taken in equals what was in the mailbox."""

import asyncio
import random
import signal
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import pytest

from config.load import load_settings
from gateway.demo.cast import CLINIC_ADDRESS
from gateway.demo.clinic import MailPorts, write_clinic
from gateway.demo.processes import running
from gateway.desk import Desk, open_desk
from gateway.domain.arrival import Arrival, ArrivalState
from tests.rigs.dovecot import PROGRAM, Dovecot, running_dovecot
from tests.rigs.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not Path(PROGRAM).exists(), reason="Dovecot is not installed")]

MAILS, PULLS = 30, 6


@pytest.fixture
def dovecot(tmp_path: Path) -> Generator[Dovecot]:
    with running_dovecot(tmp_path / "dovecot") as server:
        yield replace(server, user=CLINIC_ADDRESS)


def a_mail(number: int, rng: random.Random) -> bytes:
    """Words, and ballast for anything from one to a dozen fetches."""
    words = b"We have received the referral and will call the patient. Our number %d." % number
    ballast = b"\r\n".join(rng.randbytes(36).hex().encode() for _ in range(rng.randrange(40_000)))
    head = b"From: desk@office.example\r\nSubject: Referral\r\nMessage-ID: <%d@office.example>\r\n" % number
    return head + b"\r\n" + words + b"\r\n\r\n-- \r\n" + ballast + b"\r\n"


def taken_in(desk: Desk) -> list[Arrival]:
    with desk.store.transaction() as tx:
        return tx.arrivals(list(ArrivalState))


async def test_what_is_taken_in_over_six_power_cuts_is_the_mailbox_once(
    dovecot: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REFERLOOP_MAIL__IMAP__PASSWORD", dovecot.password)
    config = write_clinic(tmp_path / "clinic", MailPorts(dovecot.port, dovecot.tls_port, dovecot.ca_file))
    seed = random.SystemRandom().randrange(10**6)
    rng = random.Random(seed)
    mails = [a_mail(number, rng) for number in range(MAILS)]
    for mail in mails:
        dovecot.deliver(mail)
    serve, cuts = ["gateway.cli", "serve", "--config", str(config)], sorted(rng.sample(range(MAILS), PULLS))
    with open_desk(load_settings(config)) as desk:
        found: list[int] = []
        for cut in cuts:
            async with running("daemon", tmp_path, *serve) as daemon:
                await until(lambda at_least=cut: len(taken_in(desk)) >= at_least, 60)
                await asyncio.sleep(rng.uniform(0, 0.06))
                daemon.send_signal(signal.SIGKILL)
                await daemon.wait()
            found.append(len(taken_in(desk)))
        async with running("daemon", tmp_path, *serve):
            await until(lambda: sum(a.state is ArrivalState.READ for a in taken_in(desk)) == MAILS, 120)
            await until(lambda: all(b"\\Seen" in flags for flags in dovecot.flags()), 20)
        print(f"seed {seed}; taken in at each cut: {found}")
        arrivals = taken_in(desk)
        assert sorted(desk.vault.path(arrival.sha256).read_bytes() for arrival in arrivals) == sorted(mails)
        assert {arrival.state for arrival in arrivals} == {ArrivalState.READ}
        assert list(desk.vault.damaged()) == list(desk.store.verify_chain()) == []
        with desk.store.transaction() as tx:
            assert [len(tx.parts_of(arrival.id)) for arrival in arrivals] == [1] * MAILS
