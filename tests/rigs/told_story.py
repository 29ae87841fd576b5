"""How the demo's story stands at its end, in words that do not depend on when things happened."""

import json
from collections import Counter
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from pathlib import Path

from config.load import load_settings
from config.vocabulary import Channel
from gateway.demo.ledger import read_ledger
from gateway.demo.offices import OFFICES, Act
from gateway.demo.story import Stage
from gateway.desk import Desk, open_desk
from gateway.domain.arrival import Arrival, ArrivalState
from gateway.domain.referral import Status
from gateway.domain.transmission import Transmission, TransmissionState
from gateway.services.ports import Transaction

_MANY = 100_000


@dataclass(frozen=True, slots=True)
class Ending:
    """Referrals by the sender's own id; the queue by kind and reason."""

    referrals: dict[str, tuple[Status, bool]]  # status, and whether it was escalated
    filed: dict[str, list[str]]  # the kinds of documents on each referral
    queue: list[tuple[str, str]]


def stage_in(folder: Path) -> Stage:
    """The stage of a story that was told in a folder."""
    return Stage(folder, folder / "clinic" / "referloop.toml", folder / "ledger.jsonl", folder / "exchange")


def ending(stage: Stage) -> Ending:
    """Read from the clinic's database."""
    with open_desk(load_settings(stage.config)) as desk, desk.store.transaction() as tx:
        referrals = tx.referrals(limit=_MANY)
        return Ending(
            {r.intake.external_id: (r.status, r.escalated_at is not None) for r in referrals},
            {r.intake.external_id: sorted(part.kind.value for part in tx.filed_on(r.id)) for r in referrals},
            sorted((item.part.kind.value, item.part.reason) for item in tx.queue(_MANY) if item.part),
        )


def lost(stage: Stage) -> set[str]:
    """What an office sent (by hash or Message-ID) that is not among the arrivals, or whose bytes are gone."""
    with open_desk(load_settings(stage.config)) as desk:
        kept = {name for arrival, names in _arrivals(desk) if arrival.sha256 in desk.vault for name in names}
    return {sent.key for sent in read_ledger(stage.ledger)} - kept


def unplaced(stage: Stage) -> set[Act]:
    """Deeds that answered a packet and of which no page is filed on that packet's referral."""
    with open_desk(load_settings(stage.config)) as desk:
        ids = {name: arrival.id for arrival, names in _arrivals(desk) for name in names}
        with desk.store.transaction() as tx:
            sent = tx.transmissions_in(list(TransmissionState), limit=_MANY)
            filed = {(part.arrival_id, r.id) for r in tx.referrals(limit=_MANY) for part in tx.filed_on(r.id)}
    referrals = {row.carrier_reference: row.referral_id for row in sent if row.carrier_reference}
    return {
        Act(one.act)
        for one in read_ledger(stage.ledger)
        if any((ids.get(one.key), referrals.get(packet)) not in filed for packet in one.answers)
    }


def _arrivals(desk: Desk) -> list[tuple[Arrival, set[str]]]:
    """Every arrival with the names the offices know it by: its hash, and a mail's Message-ID."""
    with desk.store.transaction() as tx:
        return [(one, _names(tx, one)) for one in tx.arrivals(list(ArrivalState), limit=_MANY)]


def _names(tx: Transaction, arrival: Arrival) -> set[str]:
    reading = tx.reading_of(arrival.id)
    message_id = reading.mail.message_id.strip("<>") if reading and reading.mail else ""
    return {arrival.sha256, f"<{message_id}>"} if message_id else {arrival.sha256}


def transmissions(stage: Stage) -> list[Transmission]:
    """Every row of the sending ledger."""
    with open_desk(load_settings(stage.config)) as desk, desk.store.transaction() as tx:
        return tx.transmissions_in(list(TransmissionState), limit=_MANY)


def faxes_landed(stage: Stage) -> Counter[str]:
    """Whole faxes that came out of the offices' machines, by the key they were sent under."""
    landed: Counter[str] = Counter()
    for office in OFFICES:
        for sidecar in (stage.exchange / office.fax.removeprefix("+")).rglob("LB-*.json") if office.fax else ():
            told = json.loads(sidecar.read_bytes())
            landed[told["key"]] += not told["partial"]
    return landed


def mails_delivered(stage: Stage) -> Counter[str]:
    """Mails in the offices' mailboxes, by Message-ID."""
    found: Counter[str] = Counter()
    for office in OFFICES:
        for folder in ("new", "cur"):
            for mail in (stage.folder / "post").rglob(f"{office.email}/Maildir/{folder}/*") if office.email else ():
                found[str(BytesHeaderParser().parsebytes(mail.read_bytes())["message-id"])] += 1
    return found


def packets_landed(stage: Stage) -> Counter[tuple[str, Channel]]:
    """How often a whole packet reached an office, by the referral's own id at its sender and by channel."""
    arrived = faxes_landed(stage) + mails_delivered(stage)
    with open_desk(load_settings(stage.config)) as desk, desk.store.transaction() as tx:
        ids = {r.id: r.intake.external_id for r in tx.referrals(limit=_MANY)}
        landed: Counter[tuple[str, Channel]] = Counter()
        for row in tx.transmissions_in(list(TransmissionState), limit=_MANY):
            name = row.key if row.channel is Channel.FAX else row.carrier_reference
            landed[ids[row.referral_id], row.channel] += arrived.pop(name, 0)
    assert not arrived, "an office holds a packet that the sending ledger does not know"
    return +landed


def unreferenced(stage: Stage) -> set[str]:
    """Blobs of the vault that no arrival, no packet and no enclosure names."""
    with open_desk(load_settings(stage.config)) as desk, desk.store.transaction() as tx:
        named = {arrival.sha256 for arrival in tx.arrivals(list(ArrivalState), limit=_MANY)}
        named |= {row.packet_sha256 for row in tx.transmissions_in(list(TransmissionState), limit=_MANY)}
        named |= {enclosed.sha256 for r in tx.referrals(limit=_MANY) for enclosed in r.intake.attachments}
        vault = load_settings(stage.config).storage.data_dir / "vault"
        return {blob.name for blob in vault.glob("??/??/*")} - named
