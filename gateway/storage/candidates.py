"""The question matching asks: which referrals a document could mean."""

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from gateway.domain.evidence import Evidence
from gateway.domain.referral import OPEN, Referral, Status
from gateway.storage.chain import EventRows
from gateway.storage.keys import keys_claimed
from gateway.storage.tables import recipients, referral_keys, referrals, transmissions
from gateway.storage.values import referral_of

_MOST_NAMED = 100  # a list of a whole day's patients is for a person; a query takes only so many values
_OPEN = [status.value for status in OPEN]


class CandidateRows(EventRows):
    """Candidates among the referrals of one transaction's connection."""

    def candidates_for(self, evidence: Evidence, limit: int = 200) -> list[Referral]:
        """Referrals that any clue could mean, closed ones too, drafts not; the likeliest first.

        By number, then by all that is said of the patient together, then what is open at the sender's office.
        """
        found: dict[int, Referral] = {}
        for question in _questions(evidence):
            if len(found) < limit:
                for row in self._connection.execute(question.limit(limit)):
                    found.setdefault(row.id, referral_of(row))
        return list(found.values())[:limit]


def _questions(evidence: Evidence) -> Iterator[Select[tuple[object, ...]]]:
    asked = select(referrals).where(referrals.c.status != Status.DRAFT.value)
    numbers = [*([evidence.code.number] if evidence.code else []), *evidence.thread_numbers, *evidence.numbers]
    if numbers:
        yield asked.where(referrals.c.number.in_(numbers[:_MOST_NAMED]))
    if keys := _keys(evidence):
        weight = _weight(keys).label("weight")
        likely = (
            select(referral_keys.c.referral_id, weight)
            .where(referral_keys.c.key.in_(keys))
            .group_by(referral_keys.c.referral_id)
            .subquery()
        )
        yield asked.join(likely, likely.c.referral_id == referrals.c.id).order_by(
            likely.c.weight.desc(), referrals.c.id.desc()
        )
    if evidence.sender:
        yield asked.where(_open_at(evidence.sender)).order_by(referrals.c.id.desc())


def _keys(evidence: Evidence) -> dict[str, float]:
    """Each key once, with the most it weighs for any of the patients named."""
    keys: dict[str, float] = {}
    for person in evidence.patients[:_MOST_NAMED]:
        for key, weight in keys_claimed(person):
            keys[key] = max(weight, keys.get(key, 0.0))
    return keys


def _weight(keys: dict[str, float]) -> ColumnElement[float]:
    by_weight: dict[float, list[str]] = defaultdict(list)
    for key, weight in keys.items():
        by_weight[weight].append(key)
    return func.sum(case(*[(referral_keys.c.key.in_(same), weight) for weight, same in by_weight.items()], else_=0.0))


def _open_at(sender: str) -> ColumnElement[bool]:
    """Open referrals that were sent there, or whose recipient is reached there."""
    sent_there = select(transmissions.c.referral_id).where(transmissions.c.destination == sender)
    theirs = select(recipients.c.id).where(or_(recipients.c.fax == sender, recipients.c.email == sender.casefold()))
    return and_(
        referrals.c.status.in_(_OPEN), or_(referrals.c.id.in_(sent_there), referrals.c.recipient_id.in_(theirs))
    )
