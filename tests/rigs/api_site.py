"""The HTTP API over a real clinic: tokens, and a program that shows one."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from gateway.domain.person import Role
from gateway.domain.token import Scope
from gateway.services.access.accounts import By
from tests.rigs.review_site import ReviewSite, review_site
from tests.rigs.site import Site

API = "http://127.0.0.1:8470/api/v1"


def program_at(
    site: Site, role: Role = Role.ADMINISTRATOR, scopes: frozenset[Scope] = frozenset(Scope)
) -> httpx.AsyncClient:
    """A program with a token of its own in front of a site."""
    name = f"bridge {len(site.access.tokens.everyone())}"
    secret = site.access.tokens.add(name, role, scopes, 30, By("test"))[1]
    transport = httpx.ASGITransport(site.app, client=("127.0.0.1", 40000))
    return httpx.AsyncClient(transport=transport, base_url=API, headers={"authorization": f"Bearer {secret}"})


@dataclass(slots=True)
class ApiSite:
    """A clinic's pages and API."""

    site: ReviewSite

    def token(
        self, name: str = "EHR bridge", role: Role = Role.ADMINISTRATOR, scopes: frozenset[Scope] = frozenset(Scope)
    ) -> str:
        """A token's secret."""
        return self.site.clinic.desk.access.tokens.add(name, role, scopes, 30, By("test"))[1]

    def program(self, secret: str = "", *, at: str = "127.0.0.1", **headers: str) -> httpx.AsyncClient:
        """One that shows this token with every request; it says nothing of itself that browsers say."""
        shown = {"authorization": f"Bearer {secret}"} if secret else {}
        transport = httpx.ASGITransport(self.site.app.app, client=(at, 40000))
        return httpx.AsyncClient(transport=transport, base_url=API, headers=shown | headers)


@contextmanager
def api_site(folder: Path) -> Generator[ApiSite, None, None]:
    """An empty clinic's."""
    with review_site(folder) as site:
        yield ApiSite(site)


def a_referral(external_id: str = "ehr-1", **changes: object) -> dict[str, object]:
    """A referral as a program sends it."""
    return {
        "external_id": external_id,
        "patient": {"family": "Okafor", "given": "Maria", "birth_date": "1961-04-23"},
        "clinician": {"name": "Helen Marsh MD"},
        "recipient": {"name": "Bayview Cardiology", "fax": "(508) 555-0111"},
        "specialty": "cardiology",
        "question": "Chest pain on exertion?",
    } | changes
