"""Lists of the review queue: what waits, in order of arrival, and what is settled, the newest first.

An item is a part in review under its own id, or an unreadable arrival under minus its id. Each list asks a constant
number of questions, whatever its length.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    func,
    literal,
    or_,
    select,
    tuple_,
)

from gateway.domain.arrival import Arrival, ArrivalState, Candidate, Part, PartState
from gateway.domain.directory import Recipient
from gateway.domain.matching.names import as_recognised
from gateway.domain.referral import Referral, Status
from gateway.errors import NotFound
from gateway.services.list_questions import SettledBehind
from gateway.services.queue_questions import Mark, Named, Place, Settled, Tally, Waiting, Wanted, Whose
from gateway.storage.long_lists import LongLists
from gateway.storage.tables import (
    arrivals,
    candidates,
    filings,
    notes,
    parts,
    queue_marks,
    recipients,
    referral_keys,
    referrals,
)
from gateway.storage.values import (
    ARRIVAL_COLUMNS,
    INTAKE,
    PAGES,
    RECIPIENT,
    SENTENCES,
    arrival_of,
    candidate_of,
    part_of,
    referral_of,
)
from gateway.storage.words import folded_words, parts_with

_Key = tuple[int, int, int]
"""Item, arrival, place."""


class QueueLists(LongLists):
    """Lists of one transaction's connection."""

    def waiting(self, wanted: Wanted, after: Place, limit: int) -> list[Waiting]:
        """Those behind `after`, oldest arrival first."""
        keys = self._keys(wanted, after, limit)
        ids = [item for item, _, _ in keys]
        arrived = self._arrivals({arrival for _, arrival, _ in keys})
        read = self._parts([item for item in ids if item > 0])
        guesses = self._guesses(list(read))
        marks, counted = self._marks(ids), self._notes_counted(ids)
        rows: list[Waiting] = []
        for item, arrival_id, place in keys:
            part, arrival = read.get(item), arrived[arrival_id]
            guess, against = guesses.get(item, (None, ()))
            rows.append(
                Waiting(
                    id=item,
                    place=Place(arrival_id, place),
                    arrival=arrival,
                    part=part,
                    reason=part.reason if part else arrival.error,
                    guess=guess,
                    against=against,
                    mark=marks.get(item, Mark(item)),
                    notes=counted.get(item, 0),
                )
            )
        return rows

    def next_waiting(self, wanted: Wanted, after: Place, at: datetime) -> int | None:
        """The item behind `after` that nobody else has open; None at the end."""
        is_free = or_(
            queue_marks.c.held_until.is_(None),
            queue_marks.c.held_until <= at,
            queue_marks.c.held_by.in_(("", wanted.person)),
        )
        found = self._keys(wanted, after, 1, is_free)
        return found[0][0] if found else None

    def first_pages_waiting(self, limit: int) -> list[tuple[int, int]]:
        """Arrival and page of what stands at the head of the queue, the first page of each."""
        query = (
            select(parts.c.arrival_id, parts.c.pages)
            .where(_IS_IN_REVIEW)
            .order_by(parts.c.arrival_id, parts.c.place)
            .limit(limit)
        )
        told = [(row.arrival_id, PAGES.validate_json(row.pages)) for row in self._connection.execute(query)]
        return [(arrival_id, pages[0]) for arrival_id, pages in told if pages]

    def place_of(self, item_id: int) -> Place:
        """Where an item stands, or stood. Raises NotFound."""
        if item_id < 0:
            return Place(-item_id, -1)
        row = self._connection.execute(
            select(parts.c.arrival_id, parts.c.place).where(parts.c.id == item_id)
        ).one_or_none()
        if row is None:
            raise NotFound(f"there is no queue item {item_id}")
        return Place(row.arrival_id, row.place)

    def tally(self) -> Tally:
        """How many wait: one question for each of the two kinds of item, one for what is assigned."""
        read = select(func.count()).select_from(parts).where(_IS_WAITING)
        whole = select(func.count()).select_from(arrivals).where(_IS_UNREADABLE)
        count = (self._connection.execute(read).scalar() or 0) + (self._connection.execute(whole).scalar() or 0)
        assigned = (
            select(queue_marks.c.assigned_to, func.count())
            .outerjoin(parts, parts.c.id == queue_marks.c.item_id)
            .outerjoin(arrivals, arrivals.c.id == -queue_marks.c.item_id)
            .where(queue_marks.c.assigned_to > "", or_(_IS_WAITING, _IS_UNREADABLE))
            .group_by(queue_marks.c.assigned_to)
        )
        return Tally(count, {row[0]: row[1] for row in self._connection.execute(assigned)})

    def settled(
        self, states: Sequence[PartState], searched: str, limit: int, behind: int | None = None
    ) -> list[Settled]:
        """The newest settled first; those behind a part of the list, if one is told."""
        found = self.settled_behind(SettledBehind(states, searched, behind), limit)
        arrived = {arrival.id: arrival for _, arrival in found}
        purged = set(
            self._connection.execute(
                select(arrivals.c.id).where(arrivals.c.id.in_(arrived), arrivals.c.purged_at.is_not(None))
            ).scalars()
        )
        named = self._filed([part.id for part, _ in found])
        return [Settled(part, arrival, tuple(named[part.id]), arrival.id in purged) for part, arrival in found]

    def candidates_of(self, part_id: int) -> list[tuple[Candidate, Referral]]:
        """The candidates of a part in review with their referrals, the likeliest first."""
        chosen = select(candidates).where(candidates.c.part_id == part_id).order_by(candidates.c.rank)
        named = [candidate_of(row) for row in self._connection.execute(chosen)]
        meant = select(referrals).where(referrals.c.id.in_([candidate.referral_id for candidate in named]))
        found = {row.id: referral_of(row) for row in self._connection.execute(meant)}
        return [(candidate, found[candidate.referral_id]) for candidate in named]

    def referrals_named(self, beginning: str, limit: int) -> list[Referral]:
        """Referrals of patients whose family name begins so, the newest first; drafts not."""
        letters = as_recognised(beginning)
        if not letters:
            return []
        first = f"name:{letters}"
        key = referral_keys.c.key
        begins = key.startswith(first, autoescape=True)
        if self._connection.dialect.name == "sqlite":  # whose LIKE knows no index
            begins = and_(key >= first, key < first + "\U0010ffff")
        query = (
            select(referrals)
            .where(
                referrals.c.id.in_(select(referral_keys.c.referral_id).where(begins)),
                referrals.c.status != Status.DRAFT.value,
            )
            .order_by(referrals.c.id.desc())
            .limit(limit)
        )
        return [referral_of(row) for row in self._connection.execute(query)]

    def recipients_among(self, ids: Sequence[int]) -> dict[int, Recipient]:
        """The offices with these ids."""
        rows = self._connection.execute(select(recipients).where(recipients.c.id.in_(set(ids))))
        return {row.id: replace(RECIPIENT.validate_json(row.value), id=row.id) for row in rows}

    def filed_numbers(self, part_id: int) -> list[Named]:
        """The referrals a part is filed on."""
        return self._filed([part_id])[part_id]

    def is_purged(self, arrival_id: int) -> bool:
        """Whether the bytes are gone."""
        query = select(arrivals.c.purged_at).where(arrivals.c.id == arrival_id)
        return self._connection.execute(query).scalar() is not None

    def _keys(
        self, wanted: Wanted, after: Place, limit: int, condition: ColumnElement[bool] | None = None
    ) -> list[_Key]:
        """Items in order, from both kinds; each is asked for as many as could be needed."""
        found: list[_Key] = []
        for query in _questions(wanted, after, self._connection.dialect.name, for_settling=condition is not None):
            asked = query if condition is None else query.where(condition)
            found += [(row[0], row[1], row[2]) for row in self._connection.execute(asked.limit(limit))]
        return sorted(found, key=lambda key: key[1:])[:limit]

    def _arrivals(self, ids: set[int]) -> dict[int, Arrival]:
        rows = self._connection.execute(select(*ARRIVAL_COLUMNS).where(arrivals.c.id.in_(ids)))
        return {row.id: arrival_of(row) for row in rows}

    def _parts(self, ids: Sequence[int]) -> dict[int, Part]:
        return {row.id: part_of(row) for row in self._connection.execute(select(parts).where(parts.c.id.in_(ids)))}

    def _guesses(self, ids: Sequence[int]) -> dict[int, tuple[Named, tuple[str, ...]]]:
        query = (
            select(candidates.c.part_id, candidates.c.against, referrals.c.number, referrals.c.intake)
            .join(referrals, referrals.c.id == candidates.c.referral_id)
            .where(candidates.c.part_id.in_(ids), candidates.c.rank == 1)
        )
        return {
            row.part_id: (_named(row), SENTENCES.validate_json(row.against)) for row in self._connection.execute(query)
        }

    def _marks(self, ids: Sequence[int]) -> dict[int, Mark]:
        rows = self._connection.execute(select(queue_marks).where(queue_marks.c.item_id.in_(ids)))
        return {row.item_id: Mark(row.item_id, row.assigned_to, row.label, row.held_by, row.held_until) for row in rows}

    def _notes_counted(self, ids: Sequence[int]) -> dict[int, int]:
        query = select(notes.c.item_id, func.count()).where(notes.c.item_id.in_(ids)).group_by(notes.c.item_id)
        return {row[0]: row[1] for row in self._connection.execute(query)}

    def _filed(self, ids: Sequence[int]) -> dict[int, list[Named]]:
        query = (
            select(filings.c.part_id, referrals.c.number, referrals.c.intake)
            .join(referrals, referrals.c.id == filings.c.referral_id)
            .where(filings.c.part_id.in_(ids))
            .order_by(filings.c.part_id, filings.c.referral_id)
        )
        named: dict[int, list[Named]] = defaultdict(list)
        for row in self._connection.execute(query):
            named[row.part_id].append(_named(row))
        return named


_IS_IN_REVIEW = parts.c.state == PartState.REVIEW.value
_IS_WAITING = parts.c.state.in_((PartState.REVIEW.value, PartState.ARRANGING.value))
"""What is being read anew stands in the list; nobody can settle it just then."""
_IS_UNREADABLE = arrivals.c.state == ArrivalState.UNREADABLE.value


def _named(row: Row[*tuple[Any, ...]]) -> Named:
    patient = INTAKE.validate_json(row.intake).patient
    return Named(row.number, patient.family, patient.given)


def _questions(wanted: Wanted, after: Place, dialect: str, *, for_settling: bool) -> list[Select[int, int, int]]:
    """Which parts, and which arrivals that could not be read, are meant."""
    asked: list[Select[int, int, int]] = []
    if not wanted.is_unreadable:
        of_parts = _of_parts(wanted, after, dialect)
        asked.append(of_parts.where(_IS_IN_REVIEW) if for_settling else of_parts)
    if wanted.kind is None and not folded_words(wanted.searched):
        asked.append(_of_unreadable(wanted, after))
    return asked


def _of_parts(wanted: Wanted, after: Place, dialect: str) -> Select[int, int, int]:
    behind = tuple_(parts.c.arrival_id, parts.c.place) > tuple_(literal(after.arrival_id), literal(after.place))
    query = (
        select(parts.c.id, parts.c.arrival_id, parts.c.place)
        .outerjoin(queue_marks, queue_marks.c.item_id == parts.c.id)
        .where(_IS_WAITING, behind)
        .order_by(parts.c.arrival_id, parts.c.place)
    )
    if wanted.kind is not None:
        query = query.where(parts.c.kind == wanted.kind.value)
    if wanted.channel is not None:
        query = query.join(arrivals, arrivals.c.id == parts.c.arrival_id).where(
            arrivals.c.channel == wanted.channel.value
        )
    if words := folded_words(wanted.searched):
        query = query.where(parts.c.id.in_(parts_with(dialect, words)))
    return query.where(*_whose(wanted))


def _of_unreadable(wanted: Wanted, after: Place) -> Select[int, int, int]:
    least = after.arrival_id + (after.place >= -1)
    query = (
        select(-arrivals.c.id, arrivals.c.id, literal(-1))
        .outerjoin(queue_marks, queue_marks.c.item_id == -arrivals.c.id)
        .where(_IS_UNREADABLE, arrivals.c.id >= least)
        .order_by(arrivals.c.id)
    )
    if wanted.channel is not None:
        query = query.where(arrivals.c.channel == wanted.channel.value)
    return query.where(*_whose(wanted))


def _whose(wanted: Wanted) -> list[ColumnElement[bool]]:
    match wanted.whose:
        case Whose.MINE:
            return [and_(queue_marks.c.assigned_to == wanted.person)]
        case Whose.UNASSIGNED:
            return [or_(queue_marks.c.assigned_to.is_(None), queue_marks.c.assigned_to == "")]
        case Whose.ALL:
            return []
