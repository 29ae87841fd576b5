"""Filters of the board and of the review queue that a person keeps under a name of her own."""

from dataclasses import dataclass

from gateway.errors import NotSaid
from gateway.services.board_questions import FilteredList, SavedFilter
from gateway.services.ports import Store
from gateway.services.said import said

MOST = 12
_LONGEST = 40
_LONGEST_QUERY = 400


@dataclass(frozen=True, slots=True)
class KeepFilter:
    """What only one account sees, of one list; no event, for it changes nothing of anybody's."""

    store: Store
    of: FilteredList = FilteredList.BOARD

    def kept(self, person: str) -> list[SavedFilter]:
        """In the order they were made."""
        with self.store.transaction() as tx:
            return tx.saved_filters(person, self.of)

    def keep(self, person: str, name: str, query: str) -> None:
        """Keep it, in place of the one of the same name. Raises NotSaid: no name, no filter, or too many are kept."""
        told = " ".join(said(name, "how the filter is called").split())
        if len(told) > _LONGEST:
            raise NotSaid(f"call the filter something shorter: {_LONGEST} characters at most")
        if not query or len(query) > _LONGEST_QUERY:
            raise NotSaid("narrow the list first, then keep that filter")
        with self.store.transaction() as tx:
            kept = tx.saved_filters(person, self.of)
            if len(kept) >= MOST and all(one.name != told for one in kept):
                raise NotSaid(f"{MOST} filters are kept already: drop one first")
            tx.keep_filter(person, self.of, told, query)

    def drop(self, person: str, filter_id: int) -> None:
        """No longer keep it."""
        with self.store.transaction() as tx:
            tx.drop_filter(person, filter_id)
