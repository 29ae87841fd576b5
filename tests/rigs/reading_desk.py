"""A desk with one referral sent by mail: what comes in is read, matched and told, all in this process."""

from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

from config.policy_file import load_policy
from config.reference import SAMPLE_KEY, PageCode, encode_page, mint_number
from config.vocabulary import Channel
from gateway.domain.arrival import Arrival, Envelope, Part
from gateway.domain.calendar import Calendar
from gateway.domain.event import Event, EventKind
from gateway.domain.referral import Referral, Status
from gateway.domain.transmission import Purpose, Transmission
from gateway.services import ending
from gateway.services.match_part import MatchPart
from gateway.services.moving import advance
from gateway.services.rules import Rules
from gateway.storage.store import SqlStore
from gateway.testing import FixedClock
from parsers.options import ReadOptions
from parsers.read import read
from parsers.reading import Reading
from tests.builders import NOON, a_patient, an_intake
from tests.contract.stores import with_recipient

NUMBER = mint_number([4, 5, 6, 7, 8, 9, 10])
OTHER_NUMBER = mint_number([11, 12, 13, 14, 15, 16, 17])
TOKEN = encode_page(PageCode(1, NUMBER, 1, 0, 0), SAMPLE_KEY)
REPLY_TO = f"referrals+{TOKEN.lower()}@clinic.example"
OFFICE = "front.desk@harbor.example"
RULES = Rules(load_policy(), Calendar("America/New_York"), ZoneInfo("America/New_York"), channels=frozenset(Channel))
OPTIONS = ReadOptions(
    keys=(SAMPLE_KEY,), reply_address="referrals@clinic.example", zone="America/New_York", written=NOON.date()
)


@dataclass(slots=True)
class ReadingDesk:
    """Takes in bytes or readings as the daemon does."""

    store: SqlStore
    referral_id: int = 0
    key: str = ""
    clock: FixedClock = field(default_factory=lambda: FixedClock(NOON))
    taken: int = 0

    @classmethod
    def with_a_mail_sent(cls, store: SqlStore) -> "ReadingDesk":
        """One referral, its packet accepted by the mail server."""
        recipient = with_recipient(store)
        with store.transaction() as tx:
            referral = tx.add_referral(an_intake(recipient_id=recipient), NUMBER, NOON, "Lena")
            row = tx.intend_transmission(
                referral_id=referral.id,
                purpose=Purpose.REQUEST,
                channel=Channel.EMAIL,
                destination=OFFICE,
                key="k-1",
                requested_by="system",
                at=NOON,
            )
            ending.accepted(tx, RULES, row, f"<{row.key}@clinic.example>", NOON)
        return cls(store, referral.id, row.key)

    def also_open(self, family: str, given: str) -> Referral:
        """Another patient's referral, sent to the same office."""
        with self.store.transaction() as tx:
            mine = tx.referral(self.referral_id)
            intake = replace(
                an_intake(external_id="ehr-2", patient=a_patient(family=family, given=given, mrn="99", phone="")),
                recipient_id=mine.intake.recipient_id,
            )
            other = tx.add_referral(intake, OTHER_NUMBER, NOON, "Lena")
            return advance(tx, RULES, other, Status.SENT, NOON, why="sent")

    def take(self, data: bytes, channel: Channel = Channel.EMAIL) -> Part:
        """The first part of these bytes, read and matched."""
        return self.take_reading(read(data, "it", OPTIONS), channel)[0]

    def take_reading(self, reading: Reading, channel: Channel = Channel.FAX) -> list[Part]:
        """The parts of a reading, matched."""
        self.taken += 1
        envelope = Envelope(f"test:{self.taken}", channel, sender="+15085550101" if channel is Channel.FAX else "")
        with self.store.transaction() as tx:
            arrival, _ = tx.add_arrival(envelope, f"{self.taken:064d}", 9, NOON)
            event = Event(EventKind.DOCUMENT_READ, NOON, arrival_id=arrival.id)
            parts = tx.record_reading(arrival, reading, reading.documents, event)
        matcher = MatchPart(self.store, self.clock, RULES, (SAMPLE_KEY,))
        for part in parts:
            with self.store.transaction() as tx:
                matcher.match(tx, part)
        return self.parts(arrival)

    def parts(self, arrival: Arrival) -> list[Part]:
        """As they stand now."""
        with self.store.transaction() as tx:
            return tx.parts_of(arrival.id)

    def sent(self) -> Transmission:
        """The packet that was mailed."""
        with self.store.transaction() as tx:
            return tx.transmissions_of(self.referral_id)[0]

    def referral(self) -> Referral:
        """The referral now."""
        with self.store.transaction() as tx:
            return tx.referral(self.referral_id)
