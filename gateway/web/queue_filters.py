"""The filters of the queue between a query string and the store's question. No patient's data stands in them."""

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from config.vocabulary import Channel, DocumentKind
from gateway.services.queue_questions import Place, Wanted, Whose

UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Filters:
    """What the list is narrowed to, and from where on it is shown."""

    whose: Whose = Whose.ALL
    kind: str = ""
    channel: str = ""
    after: Place | None = None

    @classmethod
    def of(cls, query: QueryParams) -> "Filters":
        """As asked for; what is not known is as if it were not asked."""
        kind, channel = query.get("kind", ""), query.get("channel", "")
        whose = query.get("whose", "")
        return cls(
            whose=Whose(whose) if whose in list(Whose) else Whose.ALL,
            kind=kind if kind == UNREADABLE or kind in list(DocumentKind) else "",
            channel=channel if channel in list(Channel) else "",
            after=_place(query.get("after", "")),
        )

    def wanted(self, person: str, searched: str = "") -> Wanted:
        """As the store is asked."""
        return Wanted(
            person=person,
            whose=self.whose,
            kind=DocumentKind(self.kind) if self.kind not in ("", UNREADABLE) else None,
            is_unreadable=self.kind == UNREADABLE,
            channel=Channel(self.channel) if self.channel else None,
            searched=searched,
        )

    def query(self, after: Place | None = None, **changed: str) -> str:
        """As a query string without its place, or with another."""
        told = {"whose": self.whose.value, "kind": self.kind, "channel": self.channel} | changed
        if after is not None:
            told["after"] = f"{after.arrival_id}.{after.place}"
        return urlencode({name: value for name, value in told.items() if value and (name, value) != ("whose", "all")})


def _place(text: str) -> Place | None:
    arrival, _, place = text.partition(".")
    if not (arrival.isascii() and arrival.isdigit() and place.lstrip("-").isascii() and place.lstrip("-").isdigit()):
        return None
    return Place(int(arrival), int(place))
