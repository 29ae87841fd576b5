"""No page of the application is missing from the list that axe and the screenshots go through."""

from pathlib import Path

from starlette.routing import compile_path

from tests.rigs.pages import PAGES
from tests.rigs.review_site import review_site

NO_PAGES = {
    "/static/{name}": "style and scripts",
    "/live": "a stream",
    "/healthz": "for monitors",
    "/metrics": "for monitors",
    "/audit.csv": "a file",
    "/reports/open-loops.csv": "a file",
    "/reports/turnaround.csv": "a file",
    "/reports/volume.csv": "a file",
    "/reports/closed-loop.csv": "a file",
    "/reports/closed-loop/{which}.csv": "a file",
    "/documents/{arrival}/original/file": "a file",
    "/documents/{arrival}/pages/{index}.png": "a picture",
    "/documents/{arrival}/pages/{index}/{sides}.png": "a picture",
    "/new/{draft}/pages/{name}.png": "a picture",
    "/new/{draft}/files": "a piece of the draft's page",
    "/new/{draft}/ways": "a piece of the draft's page",
    "/queue/next": "leads to a document",
    "/queue/{item}/arranged": "tells the waiting page where to go",
    "/login/code": "only on the way in: tests/browser/test_axe.py goes it",
}
"""What answers a GET and is no page to look at, with why."""


def test_every_page_is_in_the_list_and_the_list_has_no_page_that_is_not_there(tmp_path: Path) -> None:
    with review_site(tmp_path) as site:
        asked = {path for path, operations in site.web.openapi()["paths"].items() if "get" in operations}
    assert set(NO_PAGES) <= asked
    left = {compile_path(path)[0]: path for path in asked - set(NO_PAGES)}
    fixed_first = sorted(left, key=lambda pattern: "{" in left[pattern])
    seen: set[str] = set()
    for page in PAGES:
        path = page.path.partition("?")[0]
        found = next(
            (left[pattern] for pattern in fixed_first if pattern.match(path.replace("{", "").replace("}", ""))), ""
        )
        assert found or page.name == "no such page", f"{page.name}: nothing answers at {path}"
        seen.add(found)
    assert set(left.values()) - seen == set(), "these pages need a line in tests/rigs/pages.py"
