"""The board's filters between a query string and the store's question. No patient's data stands in them."""

from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from starlette.datastructures import QueryParams

from gateway.domain.referral import Status
from gateway.services.board_questions import BoardFilter, Sort, Stage
from gateway.services.queue_questions import Whose
from gateway.web.gate import safe_path

HIGH = "high"
"""Every urgency but the least."""
ANY = "any"
"""Closed ones too."""
_MOST_PAGES = 100_000


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What the board is narrowed to, its order, and which page of it is shown."""

    whose: Whose = Whose.ALL
    urgency: str = ""
    is_late: bool = False
    stage: Stage | None = None
    specialty: str = ""
    recipient: int | None = None
    state: str = ""
    sort: Sort = Sort.ATTENTION
    page: int = 1

    @classmethod
    def of(cls, query: QueryParams) -> "Narrowing":
        """As asked for; what is not known is as if it were not asked."""
        whose, stage, state = query.get("whose", ""), query.get("stage", ""), query.get("state", "")
        sort, recipient = query.get("sort", ""), query.get("recipient", "")
        return cls(
            whose=Whose(whose) if whose in list(Whose) else Whose.ALL,
            urgency=query.get("urgency", "")[:40],
            is_late=query.get("late", "") == "1",
            stage=Stage(stage) if stage in list(Stage) else None,
            specialty=query.get("specialty", "")[:80],
            recipient=whole(recipient),
            state=state if state == ANY or state in list(Status) else "",
            sort=Sort(sort) if sort in list(Sort) else Sort.ATTENTION,
            page=min(max(whole(query.get("page", "")) or 1, 1), _MOST_PAGES),
        )

    @classmethod
    def of_text(cls, query: str) -> "Narrowing":
        """As kept."""
        return cls.of(QueryParams(query))

    def wanted(self, person: str, urgencies: tuple[str, ...], searched: str = "") -> BoardFilter:
        """As the store is asked; `urgencies` are the policy's, the strictest first."""
        return BoardFilter(
            person=person,
            whose=self.whose,
            states=self._states(),
            urgencies=self._urgencies(urgencies),
            is_late=self.is_late,
            stage=self.stage,
            specialty=self.specialty,
            recipient_id=self.recipient,
            searched=searched,
        )

    def query(self, **changed: str) -> str:
        """As a query string of its first page, or with other values."""
        told = {
            "whose": "" if self.whose is Whose.ALL else self.whose.value,
            "urgency": self.urgency,
            "late": "1" if self.is_late else "",
            "stage": self.stage.value if self.stage else "",
            "specialty": self.specialty,
            "recipient": str(self.recipient) if self.recipient is not None else "",
            "state": self.state,
            "sort": "" if self.sort is Sort.ATTENTION else self.sort.value,
        } | changed
        return urlencode({name: value for name, value in told.items() if value})

    def _states(self) -> frozenset[Status] | None:
        if not self.state:
            return None
        return frozenset(Status) if self.state == ANY else frozenset({Status(self.state)})

    def _urgencies(self, urgencies: tuple[str, ...]) -> frozenset[str]:
        if self.urgency == HIGH:
            return frozenset(urgencies[:-1] or urgencies)
        return frozenset({self.urgency} if self.urgency else ())


def path_of(query: str) -> str:
    """The board so narrowed."""
    return f"/?{query}".rstrip("?")


def onward_path(text: str) -> str:
    """Where a deed goes on to: a path of ours, of the board and the work list with their filters and nothing else."""
    path = safe_path(text)
    query = QueryParams(urlsplit(text).query) if path in ("/", "/work") else QueryParams()
    if path == "/":
        narrowing = Narrowing.of(query)
        return path_of(narrowing.query(**({"page": str(narrowing.page)} if narrowing.page > 1 else {})))
    if path == "/work":
        told = {name: query[name] for name in ("whose", "kind", "later", "page") if query.get(name, "").isalnum()}
        return f"/work?{urlencode(told)}".rstrip("?")
    return path


def whole(text: str) -> int | None:
    """A whole number of an id's size, or None."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None
