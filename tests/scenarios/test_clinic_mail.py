"""The loop by mail on a clinic's own Postfix and Dovecot, which die at the worst moments and come back.

A packet goes out, the office answers with the ticked cover attached, the referral moves. Nothing is lost, and nothing
is sent twice once a server said yes; where nobody can know, a person is asked.
"""

import asyncio
import re
from collections.abc import Callable, Generator
from datetime import UTC, datetime, timedelta
from email import message_from_string
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from gateway.demo.office_hand import fill_in, pages_of, scan_to_pdf
from gateway.demo.office_mail import OfficeMail
from gateway.demo.offices import Act, Deed
from gateway.domain.referral import Status
from gateway.domain.transmission import TransmissionState
from tests.rigs.clinic_mail import DIRECT, OFFICE, LookedAt, MailClinic, mail_clinic
from tests.rigs.dovecot import PROGRAM, kill, start, taking_tokens
from tests.rigs.oauth_server import CLIENT_ID, OAuthServer, oauth_server
from tests.rigs.postfix import why_not
from tests.rigs.wiretap import wiretap

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(why_not()), reason=why_not()),
    pytest.mark.skipif(not Path(PROGRAM).exists(), reason="Dovecot is not installed"),
]
BOOKED = Deed(Act.TICK_BY_MAIL, 0.0, boxes=("received", "appointment_booked"))


@pytest.fixture
def provider() -> Generator[OAuthServer]:
    with oauth_server() as room:
        yield room


@pytest.fixture
def clinic(tmp_path: Path) -> Generator[MailClinic]:
    with mail_clinic(tmp_path) as opened:
        yield opened


async def seen(clinic: MailClinic, is_so: Callable[[LookedAt], bool], what: str, seconds: float = 90) -> None:
    """Wait until the clinic's rows show it."""

    def look() -> bool:
        with clinic.desk() as desk:
            return is_so(desk)

    for _ in range(int(seconds / 0.5)):
        if await asyncio.to_thread(look):
            return
        await asyncio.sleep(0.5)
    raise AssertionError(f"never seen: {what}; {(clinic.folder / 'daemon.log').read_text()[-3000:]}")


def state_is(external_id: str, state: TransmissionState) -> Callable[[LookedAt], bool]:
    return lambda desk: any(row.state is state for row in desk.sendings(external_id))


def answer(clinic: MailClinic, mail: OfficeMail) -> None:
    """The office ticks the cover, scans it and attaches it to its reply."""
    visit = datetime.now(UTC).replace(hour=14, minute=30, second=0, microsecond=0, tzinfo=None) + timedelta(days=9)
    cover = fill_in(pages_of(mail.pdf)[0], BOOKED, visit, seed=7)
    office = clinic.office
    office.reply(mail, "", scan_to_pdf([cover], BOOKED, seed=7), office.prepare_id())


async def test_servers_that_die_at_the_worst_moments_lose_nothing_and_make_nothing_go_twice(clinic: MailClinic) -> None:
    async with wiretap(clinic.dovecot.port) as imap, wiretap(clinic.postfix.port) as smtp:
        clinic.settle(imap.port, smtp.port)
        async with clinic.daemon() as address:
            await imap.until("client", b"IDLE")

            # Postfix dies in the middle of the content: surely not sent, so it is sent again by itself.
            middle = smtp.hold("client", b"DATA\r\n", more_bytes=40_000)
            first = clinic.refer("Okafor", attachment_kb=9000)
            await asyncio.wait_for(middle.reached.wait(), 90)
            clinic.postfix.kill()
            smtp.cut()
            await asyncio.sleep(2)
            assert clinic.in_office() == 0
            await asyncio.to_thread(clinic.postfix.start)
            await seen(clinic, state_is(first, TransmissionState.ACCEPTED), "the packet is sent again")
            await seen(clinic, lambda _: clinic.in_office() == 1, "it is in the office's mailbox")

            # Postfix dies after it took a packet and before anyone heard: nobody can know, a person is asked.
            dot = smtp.hold("server", b"queued as")
            second = clinic.refer("Winter")
            await asyncio.wait_for(dot.reached.wait(), 90)
            clinic.postfix.kill()
            smtp.cut()
            await seen(clinic, state_is(second, TransmissionState.UNCERTAIN), "nobody can know")
            await asyncio.to_thread(clinic.postfix.start)
            await seen(clinic, lambda _: clinic.in_office() == 2, "Postfix's queue outlived it")
            mails = {mail.message_id: mail for mail in await asyncio.to_thread(clinic.office.fetch)}
            assert len(mails) == 2

            # Dovecot dies while it is idled on; the answer comes once it is back, and it dies in handing that over.
            await imap.until("client", b"IDLE")
            kill(clinic.dovecot)
            imap.cut()
            await asyncio.sleep(2)
            start(clinic.dovecot)
            fetching = imap.hold("server", b"BODY[]<0> {", more_bytes=20_000)
            with clinic.desk() as desk:
                (sent,) = desk.sendings(first)
            assert sent.attempts == 2
            await asyncio.to_thread(answer, clinic, mails[sent.carrier_reference])
            await asyncio.wait_for(fetching.reached.wait(), 90)
            kill(clinic.dovecot)
            imap.cut()
            await asyncio.sleep(1)
            start(clinic.dovecot)
            await seen(clinic, lambda desk: desk.filed(first) == ["confirmation"], "the answer is filed", 150)

            with clinic.desk() as desk:
                referral, counts = desk.referral(first), desk.counts()
                assert referral is not None
                assert (referral.status, len(desk.sendings(first)), len(desk.sendings(second))) == (
                    Status.SCHEDULED,
                    1,
                    1,
                )
                assert [task.kind.value for task in desk.tasks()] == ["uncertain_transmission"]
                assert sum(count for name, count in counts.items() if name.startswith("arrivals.")) == 1
            await asyncio.sleep(5)  # time enough to send again, if anyone would
            assert clinic.in_office() == 2
            assert not any(mail.message_id in mails for mail in await asyncio.to_thread(clinic.office.fetch))
            assert await asyncio.to_thread(clinic.health, address) == []
    checked = clinic.command("doctor", "--verify")
    assert "all well" in checked.communicate(timeout=60)[0]


async def test_the_loop_closes_without_a_password_until_the_grant_is_revoked(
    tmp_path: Path, provider: OAuthServer
) -> None:
    extra = taking_tokens(tmp_path / "tokens", f"{provider.base}/introspect")
    with mail_clinic(tmp_path, extra) as clinic:
        oauth = {
            "provider": "other",
            "client_id": CLIENT_ID,
            "device_url": f"{provider.base}/device",
            "token_url": f"{provider.base}/token",
            "scopes": ["mail", "offline_access"],
        }
        clinic.settle(clinic.dovecot.port, clinic.postfix.port, oauth=oauth)
        text = clinic.config.read_text(encoding="utf-8")
        clinic.config.write_text(text.replace(f'password = "{clinic.dovecot.password}"', 'password = ""'))
        async with clinic.daemon() as address:
            told = await asyncio.to_thread(clinic.health, address)
            assert told == ["nobody has logged in to mailbox main yet: run `referloop mail login main`"]
            login = clinic.command("mail", "login")
            await asyncio.sleep(5)
            provider.answer = "approved"
            said, _ = await asyncio.to_thread(login.communicate, timeout=60)
            assert login.returncode == 0, said
            assert f"Open {provider.base}/type-it-here on any device and type the code WDJB-MJHT" in said
            first = clinic.refer("Okafor")
            await seen(clinic, lambda _: clinic.in_office() == 1, "the packet is in the office's mailbox")
            (mail,) = await asyncio.to_thread(clinic.office.fetch)
            await asyncio.to_thread(answer, clinic, mail)
            provider.end_access()
        async with clinic.daemon() as address:
            await seen(clinic, lambda desk: desk.filed(first) == ["confirmation"], "the answer is filed")
            assert len(provider.asked_for("refresh_token")) == 1
            provider.revoke()
        async with clinic.daemon() as address:
            for _ in range(60):
                told = await asyncio.to_thread(clinic.health, address)
                if told:
                    break
                await asyncio.sleep(0.5)
            assert len(told) == 1
            assert re.search("mailbox main is shut: the grant was revoked.*mail login main", told[0])
            second = clinic.refer("Winter")
            await seen(clinic, lambda desk: any(row.cause for row in desk.sendings(second)), "the packet waits")
            with clinic.desk() as desk:
                (row,) = desk.sendings(second)
                assert (row.state, row.attempts) == (TransmissionState.INTENDED, 0)
                assert "mail login main" in row.cause
                assert desk.tasks() == []
        listed = clinic.command("mail", "list", "--json")
        assert "is shut" in listed.communicate(timeout=60)[0]


def dispatched(mail: OfficeMail) -> EmailMessage:
    """A HISP's notice that a mail lies in its mailbox (Direct: Implementation Guide for Delivery Notification)."""
    notice = EmailMessage()
    notice["From"], notice["To"], notice["Subject"] = OFFICE, DIRECT, "Disposition notification"
    notice["Message-ID"] = "<dispatched-1@office.example>"
    notice.set_content("Your message was dispatched.")
    notice.make_mixed()
    told = (
        f"Reporting-UA: office.example; HISP\r\nFinal-Recipient: rfc822;{OFFICE}\r\n"
        f"Original-Message-ID: {mail.message_id}\r\n"
        "Disposition: automatic-action/MDN-sent-automatically;dispatched\r\n"
        "X-DIRECT-FINAL-DESTINATION-DELIVERY:\r\n"
    )
    block = message_from_string(f"Content-Type: message/disposition-notification\r\n\r\n{told}\r\n", policy=SMTP)
    notice.attach(block)
    notice.replace_header("Content-Type", "multipart/report; report-type=disposition-notification")
    return notice


async def test_a_direct_address_works_through_the_servers_of_its_hisp(clinic: MailClinic) -> None:
    login = {"host": "127.0.0.1", "security": "none", "username": DIRECT, "password": clinic.dovecot.password}
    box = {
        "name": "direct",
        "from_address": DIRECT,
        "plus_addresses": False,
        "sends_to": ["office.example"],
        "smtp": login | {"port": clinic.postfix.port, "ask_receipts": True},
        "imap": login | {"port": clinic.dovecot.port, "poll_s": 5},
    }
    clinic.settle(clinic.dovecot.port, clinic.postfix.port, boxes=[box])
    async with clinic.daemon() as address:
        first = clinic.refer("Okafor")
        await seen(clinic, lambda _: clinic.in_office() == 1, "the packet is in the office's mailbox")
        (mail,) = await asyncio.to_thread(clinic.office.fetch)
        assert mail.reply_to.endswith(f"<{DIRECT}>"), "no plus part, which the certificate would not be for"
        await asyncio.to_thread(clinic.office.deliver, dispatched(mail))
        await seen(clinic, state_is(first, TransmissionState.DELIVERED), "the HISP's word is proof of delivery")
        await asyncio.to_thread(answer, clinic, mail)
        await seen(clinic, lambda desk: "confirmation" in desk.filed(first), "the answer is filed")
        with clinic.desk() as desk:
            referral = desk.referral(first)
            assert referral is not None
            assert referral.status is Status.SCHEDULED
        assert await asyncio.to_thread(clinic.health, address) == []
