"""One document of the queue as a view: why it is held, who may be meant, what was read and where it stands."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from config.reference import format_number
from config.vocabulary import DocumentKind
from gateway.domain.arrangement import Arrangement
from gateway.domain.arrival import Arrival, Candidate, Part, PartState
from gateway.domain.directory import Recipient
from gateway.domain.referral import Referral
from gateway.errors import NotFound
from gateway.services.find_referrals import find_referrals
from gateway.services.ports import Transaction
from gateway.services.queue_marks import HELD_FOR
from gateway.services.queue_questions import Mark, Note
from gateway.services.rearrange import can_be_arranged
from gateway.services.take_back import TakenBack, is_settled, taken_back
from gateway.web.document_facts import Facts, facts_of
from gateway.web.queue_filters import UNREADABLE, Filters
from gateway.web.queue_views import CandidateRow, Choice, DocumentView, NoteRow, PageView, Sibling
from gateway.web.review_desk import ReviewDesk
from gateway.web.words import spaced, span_in_words
from parsers.reading import Document, Origin, Page, Reading

_PIXELS = ("application/pdf", "image/tiff", "image/jpeg", "image/png", "message/rfc822", "application/zip")
_KEYS = "123456789"
_WORTH_A_LOOK = 0.01
_MORE_LIKELY_THAN_NOT = 0.5
_ARRANGED = (PartState.ARRANGING, PartState.REPLACED)

_HEAD_ONLY = "only its head was recognised as text, since that said enough; a search finds no words below it."


@dataclass(frozen=True, slots=True)
class _Found:
    """What the store said of one item, in one transaction."""

    arrival: Arrival
    part: Part | None
    reading: Reading | None
    candidates: list[tuple[Candidate, Referral]]
    recipients: dict[int, Recipient]
    filed_on: tuple[tuple[str, str], ...]
    siblings: list[Part]
    mark: Mark
    notes: list[Note]
    colleagues: list[str]
    is_purged: bool
    next_id: int | None
    next_picture: str
    seen: int
    arrangement: Arrangement | None
    back: TakenBack | None
    chased: tuple[str, ...]

    @property
    def document(self) -> Document | None:
        if self.part is None or self.reading is None or self.part.index >= len(self.reading.documents):
            return None
        return self.reading.documents[self.part.index]


@dataclass(frozen=True, slots=True)
class DocumentDesk:
    """Answers the document page's questions."""

    desk: ReviewDesk

    async def document(self, item_id: int, filters: Filters, person: str, *, holds: bool) -> DocumentView:
        """One item; opening a waiting one holds it for a person who may settle it. Raises NotFound."""
        found = await asyncio.to_thread(self._look, item_id, filters, person, holds=holds)
        return self._view(item_id, found, filters, person)

    async def search(self, typed: str) -> tuple[CandidateRow, ...]:
        """Referrals by what was typed."""
        return await asyncio.to_thread(self._search, typed)

    def _look(self, item_id: int, filters: Filters, person: str, *, holds: bool) -> _Found:
        now = self.desk.clock.now()
        with self.desk.store.transaction() as tx:
            part = tx.part(item_id) if item_id > 0 else None
            arrival = tx.arrival(part.arrival_id if part else -item_id)
            if part is None:
                tx.queue_item(item_id)  # refuses what has become readable meanwhile
            named = tx.candidates_of(part.id) if part else []
            back = taken_back(tx, part) if part else None
            following = tx.next_waiting(filters.wanted(person), tx.place_of(item_id), now)
            if holds and (part is None or part.state is PartState.REVIEW):
                tx.hold(item_id, person, now, now + HELD_FOR)
            return _Found(
                arrival=arrival,
                part=part,
                reading=tx.reading_of(arrival.id),
                candidates=named,
                recipients=tx.recipients_among([referral.intake.recipient_id for _, referral in named]),
                filed_on=_filed_on(tx, part),
                siblings=[one for one in tx.parts_of(arrival.id) if one.state is not PartState.REPLACED],
                mark=tx.mark(item_id),
                notes=tx.notes(item_id),
                colleagues=[name for name in tx.people_at_the_desk() if name != person],
                is_purged=tx.is_purged(arrival.id),
                next_id=following,
                next_picture=_first_picture(tx, following),
                seen=tx.last_seq(),
                arrangement=tx.arrangement_of(part.id) if part and part.state in _ARRANGED else None,
                back=back,
                chased=tuple(self.desk.undo.chased(tx, item_id, back.referral_ids)) if back else (),
            )

    def _view(self, item_id: int, found: _Found, filters: Filters, person: str) -> DocumentView:
        part, arrival, document = found.part, found.arrival, found.document
        now = self.desk.clock.now()
        facts = facts_of(document, found.reading, arrival.id) if document and found.reading else Facts()
        pages = _pages(found)
        is_waiting = part is None or part.state is PartState.REVIEW
        holder = found.mark.holder(now)
        return DocumentView(
            id=item_id,
            arrival=arrival.id,
            kind=spaced(part.kind) if part else UNREADABLE,
            state=part.state.value if part else UNREADABLE,
            is_waiting=is_waiting,
            settled=self._settled(part),
            filed_on=found.filed_on,
            is_purged=found.is_purged,
            is_quarantined=arrival.is_quarantined,
            channel=arrival.envelope.channel.value,
            sender=_sender(found),
            name=arrival.envelope.name,
            received=self.desk.said(arrival.received_at),
            waits=span_in_words(now - arrival.received_at),
            reasons=_sentences(part.reason if part else arrival.error),
            candidates=_candidates(found.candidates, found.recipients),
            kinds=_kinds(part.kind if part else DocumentKind.OTHER),
            date=facts.date,
            time=facts.time,
            written=facts.written,
            boxes=facts.boxes,
            facts=facts.facts,
            spots=facts.spots,
            pages=pages,
            text=document.text if document else "",
            notes=tuple(NoteRow(self.desk.said(note.at), note.author, note.text) for note in found.notes),
            label=found.mark.label,
            assigned_to=found.mark.assigned_to,
            colleagues=tuple(found.colleagues),
            held_by=holder if holder != person else "",
            siblings=_siblings(found, item_id),
            warnings=found.reading.active if found.reading else (),
            can_rearrange=can_be_arranged(part) and all(page.url for page in pages),
            can_join=can_be_arranged(part)
            and any(can_be_arranged(one) and one.id != item_id for one in found.siblings),
            next_id=found.next_id,
            next_picture=found.next_picture,
            filters=filters.query(),
            seen=found.seen,
            arranging=self._arranging(found.arrangement, now),
            undone=found.back.undone if found.back else (),
            stays=found.back.stays if found.back else (),
            chased=found.chased,
        )

    async def replaced_by(self, item_id: int) -> int | None:
        """The first of the items that an item gave way to; None if it still stands."""
        return await asyncio.to_thread(self._replaced_by, item_id)

    def _replaced_by(self, item_id: int) -> int | None:
        if item_id <= 0:
            return None
        with self.desk.store.transaction() as tx:
            part = tx.part(item_id)
            said = tx.arrangement_of(item_id) if part.state is PartState.REPLACED else None
        return said.new_ids[0] if said and said.new_ids else None

    def _arranging(self, asked: Arrangement | None, now: datetime) -> str:
        if asked is None or asked.ended_at is not None:
            return ""
        how = "being read now" if asked.is_being_read(now) else "waiting for its turn to be read"
        return f"{asked.reason[:1].upper()}{asked.reason[1:]}, {span_in_words(now - asked.asked_at)} ago: {how}"

    def _settled(self, part: Part | None) -> str:
        if part is None or not is_settled(part):
            return ""
        return f"{part.state.value} by {part.settled_by or 'system'}, {self.desk.said(part.settled_at)}"

    def _search(self, typed: str) -> tuple[CandidateRow, ...]:
        with self.desk.store.transaction() as tx:
            found = find_referrals(tx, typed, self.desk.clock)
            recipients = tx.recipients_among([referral.intake.recipient_id for referral in found])
        return tuple(_row(referral, recipients, "") for referral in found)


def _filed_on(tx: Transaction, part: Part | None) -> tuple[tuple[str, str], ...]:
    if part is None or part.state is not PartState.FILED:
        return ()
    return tuple((format_number(one.number), f"{one.family}, {one.given}") for one in tx.filed_numbers(part.id))


def _first_picture(tx: Transaction, item_id: int | None) -> str:
    """Where the first page of the next item is drawn, so that the browser may fetch it beforehand."""
    if item_id is None:
        return ""
    if item_id < 0:
        return _picture(-item_id, 0)
    part = tx.part(item_id)
    return _picture(part.arrival_id, part.pages[0]) if part.pages else ""


def _picture(arrival_id: int, index: int) -> str:
    return f"/documents/{arrival_id}/pages/{index}.png"


def _sender(found: _Found) -> str:
    mail = found.reading.mail if found.reading else None
    told = mail.fax_caller if mail and mail.is_fax else ""
    return told or found.arrival.envelope.sender or (mail.sender if mail else "")


def _sentences(reason: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in reason.split(";") if one.strip())


def _candidates(named: list[tuple[Candidate, Referral]], recipients: dict[int, Recipient]) -> tuple[CandidateRow, ...]:
    return tuple(
        _row(referral, recipients, _KEYS[place] if place < len(_KEYS) else "", candidate, is_first=place == 0)
        for place, (candidate, referral) in enumerate(named)
    )


def _row(
    referral: Referral,
    recipients: dict[int, Recipient],
    key: str,
    candidate: Candidate | None = None,
    *,
    is_first: bool = False,
) -> CandidateRow:
    patient = referral.intake.patient
    office = recipients.get(referral.intake.recipient_id)
    return CandidateRow(
        key=key,
        number=format_number(referral.number),
        patient=f"{patient.family}, {patient.given}",
        born=f"{patient.birth_date:%m/%d/%Y}",
        recipient=office.name if office else "",
        status=spaced(referral.status),
        likely=f"{candidate.posterior:.0%}" if candidate else "",
        is_weak=is_first and candidate is not None and candidate.posterior < _MORE_LIKELY_THAN_NOT,
        is_likely=is_first or candidate is None or candidate.posterior >= _WORTH_A_LOOK,
        findings=candidate.findings if candidate else (),
        against=candidate.against if candidate else (),
    )


def _kinds(chosen: DocumentKind) -> tuple[Choice, ...]:
    return tuple(Choice(kind.value, spaced(kind), kind is chosen) for kind in DocumentKind)


def _pages(found: _Found) -> tuple[PageView, ...]:
    """The part's pages in its order; of what could not be read, the first page at least is tried."""
    if found.is_purged or found.arrival.is_quarantined:
        return ()
    if found.part is None or found.reading is None:
        return (PageView(1, 0, _picture(found.arrival.id, 0), "", ""),)
    by_index = {page.index: page for page in found.reading.pages}
    return tuple(_page(n, index, by_index.get(index), found) for n, index in enumerate(found.part.pages, start=1))


def _page(n: int, index: int, page: Page | None, found: _Found) -> PageView:
    """A page whose text came without pixels is shown as text."""
    is_picture = found.arrival.media_type in _PIXELS and not _is_text_alone(page, found)
    url = _picture(found.arrival.id, index) if is_picture else ""
    return PageView(n, index, url, page.text if page else "", _remark(page))


def _remark(page: Page | None) -> str:
    if page is None:
        return ""
    return page.error or (_HEAD_ONLY if page.is_head_only else "")


def _is_text_alone(page: Page | None, found: _Found) -> bool:
    """A text or Word file's page in a mail or an archive."""
    name = found.document.attachment.lower() if found.document else ""
    is_text = page is not None and page.origin is Origin.TEXT
    return (
        is_text
        and found.arrival.media_type in ("message/rfc822", "application/zip")
        and name.endswith((".docx", ".docm", ".txt", ".ics", ".html", ".htm"))
    )


def _siblings(found: _Found, item_id: int) -> tuple[Sibling, ...]:
    return tuple(
        Sibling(one.id, f"{spaced(one.kind)}, {len(one.pages)} p., {one.state.value}", can_be_arranged(one))
        for one in found.siblings
        if one.id != item_id
    )


def when(date: str, time: str) -> datetime | None:
    """The appointment as typed: a date, and a time where one is known. Raises NotFound for what is no date."""
    if not date:
        return None
    try:
        return datetime.fromisoformat(f"{date}T{time or '00:00'}")
    except ValueError:
        raise NotFound(f"{date} {time} is no date and time: write it as YYYY-MM-DD and HH:MM") from None
