"""Every page there is, for the tests that look at all of them. A new page needs a line here, and nothing else.

`path` may name what the clinics of `tests/browser/test_axe.py` hold, like {number} or {item}. That no page of the
application is missing here is a test of its own, `tests/integration/test_every_page.py`.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AnyPage:
    """One page as somebody sees it."""

    name: str
    path: str
    who: str = "administrator"  # a role, or "stranger" for who has not logged in
    key: str = ""  # pressed once the page is there: opens a dialog
    clinic: str = "full"  # "empty": nothing is in it; "new": nobody has an account; "lines": it faxes and mails
    sends: str = ""  # a button, pressed whatever the browser would say of its form: shows what is wrong with it
    opens: bool = False  # everything that can be unfolded is


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
    AnyPage("queue, a filter to keep", "/queue?kind=consult_note", opens=True),
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
    AnyPage("work list", "/work", opens=True),
    AnyPage("work list, empty", "/work", clinic="empty"),
    AnyPage("work list as a viewer sees it", "/work", "viewer"),
    AnyPage("work list, calls", "/work?kind=calls"),
    AnyPage("work list, put off", "/work?later=yes"),
    AnyPage("work list, a call without a word", "/work?kind=calls", sends="[action$='/tasks/call/call'] button"),
    AnyPage("board, keys open", "/", key="?"),
    AnyPage("board, everybody", "/?state=any"),
    AnyPage("board, a filter to keep", "/?urgency=high", opens=True),
    AnyPage("referral, all unfolded", "/referrals/{number}", opens=True),
    AnyPage("referral, a call without a word", "/referrals/{number}", sends="[action$='/call'] button"),
    AnyPage("referral, an enclosure without a file", "/referrals/{number}", sends="[action$='/enclose'] button"),
    AnyPage("referral, a pause without a day", "/referrals/{number}", sends="[action$='/pause'] button"),
    AnyPage("login, refused", "/login", "stranger", sends="main button"),
    AnyPage("first run, refused", "/first-run", "stranger", clinic="new", sends="main button"),
    AnyPage("password", "/account/password"),
    AnyPage("password, refused", "/account/password", sends="main button"),
    AnyPage("second factor", "/account/second-factor"),
    AnyPage("second factor, refused", "/account/second-factor", sends="main button"),
    AnyPage("people, refused", "/people", sends="form[action='/people'] button"),
    AnyPage("tokens", "/people/tokens"),
    AnyPage("tokens, refused", "/people/tokens", sends="form[action='/people/tokens'] button"),
    AnyPage("draft of what was sent too late", "/draft", "late"),
    AnyPage("file that could act", "/documents/{acting}/original"),
    AnyPage("new referral", "/new", "staff", clinic="lines"),
    AnyPage("new referral, whole", "/new/{ready}", "staff", clinic="lines"),
    AnyPage("new referral, refused", "/new/{begun}", "staff", clinic="lines", sends="[formaction$='/send']"),
    AnyPage("new referral, thrown away", "/new/{thrown}", "staff", clinic="lines"),
    AnyPage("preview", "/new/{ready}/preview", "staff", clinic="lines"),
    AnyPage("directory", "/directory", clinic="lines"),
    AnyPage("directory, empty", "/directory", clinic="empty"),
    AnyPage("directory, nothing fits", "/directory?q=zzz", clinic="lines"),
    AnyPage("office", "/directory/{office}", clinic="lines"),
    AnyPage("office as a viewer sees it", "/directory/{office}", "viewer", clinic="lines"),
    AnyPage("office, set aside", "/directory/{aside}", clinic="lines"),
    AnyPage("office, merged", "/directory/{merged}", clinic="lines"),
    AnyPage("new office", "/directory/new", clinic="lines"),
    AnyPage("new office, refused", "/directory/new", clinic="lines", sends="main form button"),
    AnyPage("office, changed", "/directory/{office}/edit", clinic="lines"),
    AnyPage("duplicates", "/directory/duplicates", clinic="lines"),
    AnyPage("duplicates, none", "/directory/duplicates", clinic="empty"),
    AnyPage("merge", "/directory/{office}/merge/{aside}", clinic="lines"),
    AnyPage("reports", "/reports"),
    AnyPage("open loops", "/reports/open-loops"),
    AnyPage("open loops, empty", "/reports/open-loops", clinic="empty"),
    AnyPage("turnaround", "/reports/turnaround"),
    AnyPage("turnaround, a wrong period", "/reports/turnaround?since=soon"),
    AnyPage("volume", "/reports/volume"),
    AnyPage("volume, empty", "/reports/volume", clinic="empty"),
    AnyPage("closed loops", "/reports/closed-loop"),
    AnyPage("closed loops, a wrong list of visits", "/reports/closed-loop", sends="main form[method='post'] button"),
    AnyPage("referrals behind a number", "/reports/closed-loop/all"),
    AnyPage("referrals behind turnaround", "/reports/turnaround/referrals?of=1"),
)  # fmt: skip
