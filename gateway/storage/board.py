"""The board: one page of referrals out of however many, counts of filters, owners, and filters that people keep."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, delete, false, func, insert, literal, or_, select, true, update

from config.policy import Clock
from gateway.domain.matching.names import folded
from gateway.domain.person import Role
from gateway.domain.referral import Referral, Status
from gateway.services.board_questions import BoardFilter, Change, FilteredList, SavedFilter, Served, Sort, Stage
from gateway.services.queue_questions import Whose
from gateway.storage.access_tables import people
from gateway.storage.chain import EventRows
from gateway.storage.tables import events, referrals, saved_filters, tasks
from gateway.storage.values import referral_of, specialty_key

_R = referrals.c
_ORDER = {
    Sort.ATTENTION: (_R.board_rank, _R.look_at, _R.id),
    Sort.PATIENT: (_R.patient_key, _R.id),
    Sort.OLDEST: (_R.id,),
    Sort.NEWEST: (_R.id.desc(),),
}
_CLOCKS = {
    Stage.CONFIRMATION: (Clock.ACKNOWLEDGED,),
    Stage.APPOINTMENT: (Clock.DECIDED, Clock.BOOKED),
    Stage.REPORT: (Clock.SEEN, Clock.REPORT_IN),
}
_MISREAD = str.maketrans("OIL", "011")  # as people write the digits of a number


class BoardRows(EventRows):
    """The board of one transaction's connection."""

    def board_page(self, wanted: BoardFilter, sort: Sort, at: datetime, *, offset: int, limit: int) -> list[Referral]:
        """One page: which ones out of the index alone, then their rows."""
        chosen = select(_R.id).where(*_meant(wanted, at)).order_by(*_ORDER[sort]).limit(limit).offset(offset)
        ids = list(self._connection.execute(chosen).scalars())
        rows = self._connection.execute(select(referrals).where(_R.id.in_(ids)))
        found = {row.id: referral_of(row) for row in rows}
        return [found[id_] for id_ in ids]

    def board_count(self, wanted: BoardFilter, at: datetime) -> int:
        """How many there are on all pages."""
        query = select(func.count()).select_from(referrals).where(*_meant(wanted, at))
        return self._connection.execute(query).scalar() or 0

    def board_tally(self, wanted: Sequence[BoardFilter], at: datetime) -> tuple[int, ...]:
        """How many open ones each of these means, in one question."""
        sums = [func.sum(case((and_(true(), *_narrowed(one, at)), 1), else_=0)) for one in wanted]
        row = self._connection.execute(select(func.count(), *sums).where(_R.is_open)).one()
        return tuple(count or 0 for count in row[1:])

    def served(self) -> Served:
        """What the open referrals are for."""
        query = select(_R.specialty_key, _R.recipient_id).where(_R.is_open).distinct()
        rows = self._connection.execute(query).all()
        specialties = sorted({row.specialty_key for row in rows} - {""})
        return Served(tuple(specialties), tuple(sorted({row.recipient_id for row in rows})))

    def in_state(self, status: Status) -> int:
        """How many referrals stand there."""
        query = select(func.count()).select_from(referrals).where(_R.status == status.value)
        return self._connection.execute(query).scalar() or 0

    def open_task_count(self, at: datetime) -> int:
        """How many things are to do; those put off until later do not count."""
        is_now = or_(tasks.c.snoozed_until.is_(None), tasks.c.snoozed_until <= at)
        query = select(func.count()).select_from(tasks).where(tasks.c.done_at.is_(None), is_now)
        return self._connection.execute(query).scalar() or 0

    def people_who_act(self) -> list[str]:
        """The accounts that may be given a referral, by name."""
        may_act = [role.value for role in Role if role.allows(Role.STAFF)]
        query = select(people.c.name).where(people.c.role.in_(may_act), people.c.is_disabled.is_(False))
        return list(self._connection.execute(query.order_by(people.c.name_key)).scalars())

    def saved_filters(self, person: str, of: FilteredList) -> list[SavedFilter]:
        """A person's own of one list, in the order they were made."""
        theirs = (saved_filters.c.person == person, saved_filters.c.list == of.value)
        rows = self._connection.execute(select(saved_filters).where(*theirs).order_by(saved_filters.c.id))
        return [SavedFilter(row.id, row.name, row.query) for row in rows]

    def keep_filter(self, person: str, of: FilteredList, name: str, query: str) -> None:
        """Keep it, in place of the one of the same name on the same list."""
        key = {"person": person, "list": of.value, "name": name}
        same = [saved_filters.c[column] == value for column, value in key.items()]
        if self._connection.execute(update(saved_filters).where(*same).values(query=query)).rowcount == 0:
            self._connection.execute(insert(saved_filters).values(**key, query=query))

    def drop_filter(self, person: str, filter_id: int) -> None:
        """No longer kept, if it is that person's."""
        theirs = (saved_filters.c.person == person, saved_filters.c.id == filter_id)
        self._connection.execute(delete(saved_filters).where(*theirs))

    def changes(self, after_seq: int, limit: int) -> list[Change]:
        """What happened since, in order."""
        query = (
            select(events.c.seq, events.c.kind, events.c.part_id, events.c.arrival_id, _R.number)
            .outerjoin(referrals, _R.id == events.c.referral_id)
            .where(events.c.seq > after_seq)
            .order_by(events.c.seq)
            .limit(limit)
        )
        return [
            Change(row.seq, row.kind, row.number or "", row.part_id or (-row.arrival_id if row.arrival_id else None))
            for row in self._connection.execute(query)
        ]


def _meant(wanted: BoardFilter, at: datetime) -> list[ColumnElement[bool]]:
    if wanted.states is None:
        return [_R.is_open, *_narrowed(wanted, at)]
    return [_R.status.in_([status.value for status in wanted.states]), *_narrowed(wanted, at)]


def _narrowed(wanted: BoardFilter, at: datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.whose is Whose.MINE:
        found.append(_R.owner == wanted.person)
    elif wanted.whose is Whose.UNASSIGNED:
        found.append(_R.owner == "")
    if wanted.urgencies:
        found.append(_R.urgency.in_(sorted(wanted.urgencies)))
    if wanted.is_late:
        found.append(or_(_R.board_rank == 0, _R.due_at < at))
    if wanted.stage is not None:
        found.append(_waits_for(wanted.stage))
    if wanted.specialty:
        found.append(_R.specialty_key == specialty_key(wanted.specialty))
    if wanted.recipient_id is not None:
        found.append(_R.recipient_id == wanted.recipient_id)
    return [*found, *_searched(wanted.searched)]


def _waits_for(stage: Stage) -> ColumnElement[bool]:
    runs = _R.clock.in_([clock.value for clock in _CLOCKS[stage]])
    return or_(runs, _R.status == Status.READY.value) if stage is Stage.CONFIRMATION else runs


def _searched(text: str) -> list[ColumnElement[bool]]:
    """Each word must begin one of the patient's names, or the number as it is written."""
    found: list[ColumnElement[bool]] = []
    for word in text.split():
        name, number = folded(word), "".join(char for char in word.upper() if char.isalnum()).translate(_MISREAD)
        begins = [(literal(" ") + _R.patient_key).contains(f" {part}", autoescape=True) for part in name.split()]
        either = [and_(*begins)] if begins else []
        if number:
            either.append(_R.number.startswith(number, autoescape=True))
        found.append(or_(false(), *either))
    return found
