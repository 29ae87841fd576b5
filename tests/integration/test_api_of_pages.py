"""Whatever the pages do, the API does: no page and no button is without its endpoint, or a reason why it has none."""

from pathlib import Path

from gateway.domain.token import Scope
from gateway.web.api.app import Api
from tests.rigs.review_site import review_site

AT_A_SCREEN = "is about a person at a screen"
DRAWS = "draws a page for people; a program asks for what is on it"
IN_ONE = "is part of another answer"
SETTLED = ("GET /documents/settled", "POST /documents/search")
DRAFT = ("PUT /drafts/{draft}", "POST /drafts")

OF_PAGES: dict[str, tuple[str, ...] | str] = {
    "GET /": ("GET /board", "GET /figures"),
    "POST /": ("POST /referrals/search",),
    "POST /filters": ("POST /filters", "GET /filters"),
    "POST /filters/{filter_id}/drop": ("POST /filters/{filter_id}/drop",),
    "GET /live": ("GET /live",),
    "GET /queue": ("GET /documents", "GET /documents/standing", "GET /documents/filters"),
    "POST /queue": ("POST /documents/search",),
    "POST /queue/filters": ("POST /documents/filters",),
    "POST /queue/filters/{filter_id}/drop": ("POST /documents/filters/{filter_id}/drop",),
    "GET /queue/next": ("GET /documents",),
    **{f"{method} /queue/{what}": SETTLED for method in ("GET", "POST") for what in ("filed", "kept", "trash")},
    "POST /queue/unblock": ("POST /senders/unblock", "GET /senders/blocked"),
    "POST /queue/files/{arrival}/retry": ("POST /arrivals/{arrival}/retry",),
    "GET /queue/{item}": ("GET /documents/{item}", "GET /colleagues"),
    "POST /queue/{item}/referrals": ("POST /referrals/search",),
    "POST /queue/{item}/file": ("POST /documents/{item}/file",),
    "POST /queue/{item}/discard": ("POST /documents/{item}/discard",),
    "POST /queue/{item}/keep": ("POST /documents/{item}/keep",),
    "POST /queue/{item}/take-back": ("POST /documents/{item}/take-back",),
    "POST /queue/{item}/hold": ("POST /documents/{item}/hold",),
    "POST /queue/{item}/release": ("POST /documents/{item}/release",),
    "POST /queue/{item}/hand": ("POST /documents/{item}/assign",),
    "POST /queue/{item}/label": ("POST /documents/{item}/label",),
    "POST /queue/{item}/note": ("POST /documents/{item}/notes",),
    "POST /queue/{item}/split": ("POST /documents/{item}/split",),
    "POST /queue/{item}/join": ("POST /documents/{item}/join",),
    "POST /queue/{item}/pages": ("POST /documents/{item}/pages",),
    "GET /queue/{item}/arranged": ("GET /documents/{item}/arrangement",),
    "POST /queue/{item}/read-again": ("POST /documents/{item}/read-again",),
    "GET /documents/{arrival}/pages/{index}.png": ("GET /documents/{item}/pages/{index}/image",),
    "GET /documents/{arrival}/pages/{index}/{sides}.png": ("GET /documents/{item}/pages/{index}/cut-outs/{sides}",),
    "GET /documents/{arrival}/original": ("GET /documents/{item}",),
    "GET /documents/{arrival}/original/file": ("GET /documents/{item}/original",),
    "GET /referrals/{number}": ("GET /referrals/{number}",),
    "POST /referrals/{number}/send": ("POST /referrals/{number}/send",),
    "POST /referrals/{number}/pause": ("POST /referrals/{number}/pause",),
    "POST /referrals/{number}/resume": ("POST /referrals/{number}/resume",),
    "POST /referrals/{number}/call": ("POST /referrals/{number}/calls",),
    "POST /referrals/{number}/barrier": ("POST /referrals/{number}/barriers",),
    "POST /referrals/{number}/assign": ("POST /referrals/{number}/assign",),
    "POST /referrals/{number}/tasks/{kind}/done": ("POST /referrals/{number}/tasks/{kind}/done",),
    "POST /referrals/{number}/cancel": ("POST /referrals/{number}/cancel",),
    "POST /referrals/{number}/close": ("POST /referrals/{number}/close",),
    "POST /referrals/{number}/enclose": ("POST /referrals/{number}/enclosures",),
    "POST /referrals/{number}/take-off": ("POST /referrals/{number}/enclosures/take-off",),
    "GET /work": ("GET /work",),
    "POST /referrals/{number}/tasks/{kind}/call": ("POST /referrals/{number}/tasks/{kind}/call",),
    "POST /referrals/{number}/tasks/{kind}/later": ("POST /referrals/{number}/tasks/{kind}/later",),
    "POST /referrals/{number}/arrived": ("POST /referrals/{number}/arrived",),
    "POST /referrals/{number}/send-again": ("POST /referrals/{number}/send-again",),
    "POST /referrals/{number}/number": ("POST /referrals/{number}/number",),
    "POST /referrals/{number}/redirect": ("POST /referrals/{number}/redirect",),
    "GET /new": ("GET /drafts", "GET /drafts/choices"),
    "POST /new/offices": ("POST /directory/search",),
    "GET /new/{draft}": ("GET /drafts/{draft}",),
    "GET /new/{draft}/preview": ("POST /drafts/{draft}/preview",),
    "GET /new/{draft}/ways": ("GET /drafts/{draft}",),
    "GET /new/{draft}/pages/{name}.png": ("GET /drafts/{draft}/pages/{name}",),
    "POST /new/{draft}/save": DRAFT,
    "POST /new/{draft}/find": ("POST /directory/search",),
    "POST /new/{draft}/preview": ("POST /drafts/{draft}/preview",),
    "POST /new/{draft}/send": ("POST /drafts/{draft}/send",),
    "POST /new/{draft}/discard": ("POST /drafts/{draft}/discard",),
    "POST /new/{draft}/restore": ("POST /drafts/{draft}/restore",),
    "GET /new/{draft}/files": ("GET /drafts/{draft}",),
    "POST /new/{draft}/files": ("POST /drafts/{draft}/files",),
    "POST /new/{draft}/files/{file}/{deed}": DRAFT,
    "GET /directory": ("GET /directory", "POST /directory/search"),
    "GET /directory/duplicates": ("GET /directory/duplicates",),
    "GET /directory/new": DRAWS,
    "POST /directory/new": ("PUT /directory",),
    "GET /directory/{office}/edit": DRAWS,
    "POST /directory/{office}/edit": ("PUT /directory/{office}",),
    "GET /directory/{office}": ("GET /directory/{office}", "GET /directory/{office}/record"),
    "POST /directory/{office}/confirm": ("POST /directory/{office}/confirm",),
    "GET /directory/{office}/merge/{other}": ("GET /directory/duplicates", "GET /directory/{office}"),
    "POST /directory/{office}/merge/{other}": ("POST /directory/{office}/merge",),
    "POST /directory/{office}/part": ("POST /directory/{office}/part",),
    "GET /reports": DRAWS,
    **{
        f"GET /reports/{name}{ending}": (f"GET /reports/{name}{ending}",)
        for name in ("open-loops", "turnaround", "volume", "closed-loop")
        for ending in ("", ".csv")
    },
    "GET /reports/turnaround/referrals": ("GET /reports/turnaround/referrals",),
    "POST /reports/closed-loop": ("POST /reports/closed-loop",),
    "GET /reports/closed-loop/{which}.csv": ("GET /reports/closed-loop/{which}.csv",),
    "GET /reports/closed-loop/{which}": ("GET /reports/closed-loop/{which}",),
    "GET /people": ("GET /people",),
    "POST /people": ("POST /people",),
    "POST /people/password": ("POST /people/password",),
    "POST /people/role": ("POST /people/role",),
    "POST /people/second-factor": ("POST /people/second-factor/reset",),
    "POST /people/log-out": ("POST /people/log-out",),
    "POST /people/disable": ("POST /people/disable",),
    "POST /people/enable": ("POST /people/enable",),
    "GET /people/tokens": ("GET /tokens",),
    "POST /people/tokens": ("POST /tokens",),
    "POST /people/tokens/revoke": ("POST /tokens/revoke",),
    "GET /audit": ("GET /audit",),
    "GET /audit.csv": ("GET /audit/export",),
    "GET /healthz": ("GET /health",),
    "GET /metrics": ("GET /figures",),
    "GET /static/{name}": "style and scripts",
    **{
        f"{method} {path}": AT_A_SCREEN
        for path in ("/first-run", "/login", "/login/code", "/account/password", "/account/second-factor")
        for method in ("GET", "POST")
    },
    "POST /logout": AT_A_SCREEN,
    "GET /account": AT_A_SCREEN,
    "GET /draft": AT_A_SCREEN,
    "POST /draft/{draft_id}/send": AT_A_SCREEN,
    "POST /draft/{draft_id}/drop": AT_A_SCREEN,
}
"""Each page and button with the endpoints that do the same, or why there is none."""

ANY_TOKEN = {"GET /token"}


def operations(described: dict[str, dict[str, object]]) -> set[str]:
    return {f"{method.upper()} {path}" for path, methods in described.items() for method in methods}


def test_every_page_and_button_has_its_endpoint_or_a_reason_and_every_endpoint_its_scope(tmp_path: Path) -> None:
    with review_site(tmp_path) as site:
        pages = operations(site.web.openapi()["paths"])
        (api,) = (app for route in site.web.routes if isinstance(app := getattr(route, "app", None), Api))
        told = api.openapi()["paths"]
    assert pages - set(OF_PAGES) == set(), "these need a line in OF_PAGES, and an endpoint"
    assert set(OF_PAGES) - pages == set(), "these pages are gone"
    named = {one for told_of in OF_PAGES.values() if isinstance(told_of, tuple) for one in told_of}
    assert named - operations(told) == set(), "these endpoints are not there"
    scopes = {
        f"{method.upper()} {path}": [scope for one in row.get("security", ()) for scope in one["token"]]
        for path, methods in told.items()
        for method, row in methods.items()
    }
    assert {name for name, needed in scopes.items() if len(needed) != 1} == ANY_TOKEN
    assert {scope for needed in scopes.values() for scope in needed} == set(Scope)
