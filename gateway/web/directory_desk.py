"""What the directory's pages show: lists with how offices answer, one entry, likely duplicates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta

from config.policy import Clock as Wait
from config.policy import Span, Unit
from gateway.domain.directory import FaxStanding, Merge, Recipient, ResponseRecord
from gateway.domain.event import ChainedEvent
from gateway.domain.same_office import Likeness, likely_same
from gateway.services.directory_questions import Shown, Sought
from gateway.services.keep_directory import filled_by
from gateway.services.sheet_warnings import office_hours
from gateway.web.entry_desk import EntryDesk, OfficeRow, office_row
from gateway.web.words import spaced

ROWS = 50
PERIODS = {"90": "last 90 days", "365": "last 12 months", "1095": "last 3 years"}
_MOST_PAIRS = 200
WAITS = {
    Wait.ACKNOWLEDGED: "says it was received",
    Wait.DECIDED: "accepts or declines",
    Wait.BOOKED: "has booked",
    Wait.SEEN: "has seen the patient",
    Wait.REPORT_IN: "has reported",
}
"""What can be agreed with an office, in words."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One bar: `share` is how far it reaches, of 100."""

    name: str
    said: str
    share: float


@dataclass(frozen=True, slots=True)
class ListedOffice:
    """One row of the list."""

    office: OfficeRow
    record: ResponseRecord
    share: int  # percent answered


@dataclass(frozen=True, slots=True)
class DirectoryList:
    """One page of entries."""

    rows: tuple[ListedOffice, ...]
    total: int
    page: int
    pages: int
    words: str
    shown: Shown
    days: str
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that happened to an entry."""

    at: str
    what: str
    by: str


@dataclass(frozen=True, slots=True)
class OfficePage:
    """One entry with everything known of it."""

    entry: Recipient
    office: OfficeRow
    confirmed: str
    set_aside: str
    hours: str
    agreed: tuple[tuple[str, str], ...]
    record: ResponseRecord
    measures: tuple[Measure, ...]
    days: str
    history: tuple[Deed, ...]
    merged: tuple[tuple[Merge, Recipient], ...]
    heir: Recipient | None
    alike: tuple[tuple[Recipient, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Pair:
    """Two entries to compare before they are made one."""

    kept: OfficePage
    retired: OfficePage
    filled: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Twins:
    """Likely duplicates, the first of so many."""

    pairs: tuple[Likeness, ...] = field(default_factory=tuple[Likeness, ...])
    total: int = 0


@dataclass(frozen=True, slots=True)
class DirectoryDesk:
    """Answers the directory's pages from the store; each list by a constant number of questions."""

    desk: EntryDesk

    def listed(self, words: str, shown: Shown, page: int, days: str) -> DirectoryList:
        """One page of the list."""
        since, until = self._period(days)
        with self.desk.store.transaction() as tx:
            found = tx.recipients_sought(Sought(words, shown), offset=(page - 1) * ROWS, limit=ROWS)
            records = tx.response_records([one.id for one in found.recipients], since, until)
            standings = tx.fax_standings()
        rows = [(one, records.get(one.id, ResponseRecord())) for one in found.recipients]
        return DirectoryList(
            rows=tuple(ListedOffice(office_row(one), record, _share(record)) for one, record in rows),
            total=found.total,
            page=page,
            pages=max(1, -(-found.total // ROWS)),
            words=words,
            shown=shown,
            days=days,
            counts={
                "unconfirmed": standings.get(FaxStanding.UNCONFIRMED, 0),
                "set_aside": standings.get(FaxStanding.SET_ASIDE, 0),
                "all": sum(standings.values()),
            },
        )

    def entry(self, item: int) -> Recipient:
        """By id. Raises NotFound."""
        with self.desk.store.transaction() as tx:
            return tx.recipient(item)

    def office(self, item: int, days: str) -> OfficePage:
        """One entry. Raises NotFound."""
        since, until = self._period(days)
        with self.desk.store.transaction() as tx:
            entry = tx.recipient(item)
            record = tx.response_records([item], since, until).get(item, ResponseRecord())
            history = tx.recipient_history(item)
            merged = tx.merges_into(item)
            heir = tx.heir_of(item) if entry.merged_into else None
        now = self.desk.clock.now()
        return OfficePage(
            entry=entry,
            office=office_row(entry),
            confirmed=self._said(entry.fax_confirmed_at, entry.fax_confirmed_by, now),
            set_aside=self.desk.said(entry.fax_set_aside_at, now),
            hours=self._hours(entry, now),
            agreed=tuple((WAITS[wait], span_said(span)) for wait, span in (entry.agreed or {}).items()),
            record=record,
            measures=_measures(record),
            days=days,
            history=tuple(self._deed(one, now) for one in history),
            merged=tuple(merged),
            heir=heir,
        )

    def twins(self) -> Twins:
        """Entries that are likely one office."""
        with self.desk.store.transaction() as tx:
            every = tx.recipients()
        found = likely_same(every)
        return Twins(tuple(found[:_MOST_PAIRS]), len(found))

    def pair(self, kept: int, retired: int) -> Pair:
        """Two to compare. Raises NotFound."""
        days = next(iter(PERIODS))
        one, other = self.office(kept, days), self.office(retired, days)
        return Pair(one, other, filled_by(one.entry, other.entry))

    def _period(self, days: str) -> tuple[datetime, datetime]:
        until = self.desk.clock.now()
        return until - timedelta(days=int(days)), until

    def _hours(self, entry: Recipient, now: datetime) -> str:
        is_open = office_hours(entry, self.desk.rules.calendar).is_open(now)
        return (
            f"{entry.opens} to {entry.closes} {entry.zone or self.desk.zone.key}, {'open' if is_open else 'closed'} now"
        )

    def _said(self, at: datetime | None, by: str, now: datetime) -> str:
        if at is None:
            return ""
        who = {"": "", "system": " by an answer from there"}.get(by, f" by {by}")
        return self.desk.said(at, now) + who

    def _deed(self, chained: ChainedEvent, now: datetime) -> Deed:
        event = chained.event
        detail = event.detail or {}
        what = spaced(event.kind)
        if "other" in detail:
            what = f"{what}: entry {detail['other']}, {detail.get('moved', 0)} referrals moved"
        return Deed(self.desk.said(event.at, now), what, event.actor)


def _share(record: ResponseRecord) -> int:
    return round(100 * record.answered / record.referrals) if record.referrals else 0


def _measures(record: ResponseRecord) -> tuple[Measure, ...]:
    """Bars to look at: a share of what was sent, and days on one scale for all three."""
    told = {
        "to an answer": record.days_to_answer,
        "to the appointment": record.days_to_appointment,
        "to the report": record.days_to_report,
    }
    longest = max([days for days in told.values() if days is not None] or [1.0]) or 1.0
    bars = [Measure("answered", f"{_share(record)}%", _share(record))] if record.referrals else []
    bars += [
        Measure(name, f"{days:.0f} days" if days >= 1.5 else f"{days * 24:.0f} hours", 100 * days / longest)
        for name, days in told.items()
        if days is not None
    ]
    return tuple(bars)


def span_said(span: Span) -> str:
    """An agreed span as it is written in a form."""
    amount = f"{span.amount:g}"
    match span.unit:
        case Unit.BUSINESS_DAYS:
            return f"{amount} business days"
        case Unit.BUSINESS_HOURS:
            return f"{amount} business hours"
        case Unit.SECONDS:
            return f"{amount} seconds" if span.amount % 86400 else f"{span.amount / 86400:g} days"


def as_typed(entry: Recipient) -> dict[str, str]:
    """An entry as its form shows it; the password of its PDFs is not shown."""
    names = [one.name for one in fields(entry) if isinstance(getattr(entry, one.name), str)]
    typed = {name: str(getattr(entry, name)) for name in names} | {"pdf_password": ""}
    typed |= {"preferred": entry.preferred.value, "fallback": entry.fallback.value if entry.fallback else ""}
    return typed | {f"agreed.{wait.value}": span_said(span) for wait, span in (entry.agreed or {}).items()}


def as_raw(typed: Mapping[str, str], before: Recipient | None, names: Sequence[str]) -> dict[str, object]:
    """A form's fields as the checks take them; a password that was left empty stays what it was."""
    raw: dict[str, object] = {name: typed[name].replace("\r\n", "\n") for name in names if typed.get(name)}
    agreed = {
        wait.value: typed[f"agreed.{wait.value}"] for wait in Wait if typed.get(f"agreed.{wait.value}", "").strip()
    }
    if agreed:
        raw["agreed"] = agreed
    if before is not None and raw.get("email_security") == "password" and not raw.get("pdf_password"):
        raw["pdf_password"] = before.pdf_password
    return raw
