"""Every page there is, for the tests that look at all of them. A new page needs a line here, and nothing else.

`path` may name what the clinic of `tests/browser/test_axe.py` holds: {number}, {item}, {settled}, {broken}.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AnyPage:
    """One page as somebody sees it."""

    name: str
    path: str
    who: str = "administrator"  # a role, or "stranger" for who has not logged in
    key: str = ""  # pressed once the page is there: opens a dialog
    clinic: str = "full"  # "empty": nothing is in it; "new": nobody has an account


PAGES = (
    AnyPage("first run", "/first-run", "stranger", clinic="new"),
    AnyPage("login", "/login", "stranger"),
    AnyPage("board", "/"),
    AnyPage("board, empty", "/", clinic="empty"),
    AnyPage("board as a viewer sees it", "/", "viewer"),
    AnyPage("referral", "/referrals/{number}"),
    AnyPage("referral as a viewer sees it", "/referrals/{number}", "viewer"),
    AnyPage("no such referral", "/referrals/0000-0000"),
    AnyPage("account", "/account"),
    AnyPage("people", "/people"),
    AnyPage("audit", "/audit"),
    AnyPage("audit, nothing fits", "/audit?who=nobody"),
    AnyPage("refused", "/people", "viewer"),
    AnyPage("no such page", "/nowhere"),
    AnyPage("queue", "/queue"),
    AnyPage("queue, empty", "/queue", clinic="empty"),
    AnyPage("queue, nothing fits", "/queue?kind=bounce"),
    AnyPage("queue, filed", "/queue/filed"),
    AnyPage("queue, kept", "/queue/kept"),
    AnyPage("queue, trash", "/queue/trash"),
    AnyPage("document", "/queue/{item}"),
    AnyPage("document as a viewer sees it", "/queue/{item}", "viewer"),
    AnyPage("document, settled", "/queue/{settled}"),
    AnyPage("document, taken back", "/queue/{back}"),
    AnyPage("document, being read", "/queue/{read}"),
    AnyPage("document, unreadable", "/queue/{broken}"),
    AnyPage("no such document", "/queue/9999"),
    *(
        AnyPage(f"document, {name} open", "/queue/{item}", key=key)
        for name, key in (
            ("keys", "?"), ("unrelated", "x"), ("keep", "n"), ("hand on", "h"), ("pages", "s"), ("label", "l"),
            ("note", "c"),
        )
    ),
    AnyPage("reports", "/reports"),
    AnyPage("open loops", "/reports/open-loops"),
    AnyPage("open loops, empty", "/reports/open-loops", clinic="empty"),
    AnyPage("turnaround", "/reports/turnaround"),
    AnyPage("turnaround, a wrong period", "/reports/turnaround?since=soon"),
    AnyPage("volume", "/reports/volume"),
    AnyPage("volume, empty", "/reports/volume", clinic="empty"),
    AnyPage("closed loops", "/reports/closed-loop"),
    AnyPage("referrals behind a number", "/reports/closed-loop/all"),
)  # fmt: skip
