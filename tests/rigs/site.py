"""The web pages over a real store, with somebody logged in, a clock that can be moved, and ways to fill the clinic."""

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import tomlkit
from argon2 import PasswordHasher
from fastapi import FastAPI

from config.load import load_settings
from config.reference import format_number
from config.template import write_clinic_folder
from config.vocabulary import Channel
from gateway.desk import Desk, admission, open_desk
from gateway.domain.arrival import Envelope
from gateway.domain.audit import ChainedEntry
from gateway.domain.event import Event, EventKind
from gateway.domain.person import Role
from gateway.domain.referral import Status, move
from gateway.domain.session import Limits
from gateway.identity_provider import OidcProvider
from gateway.services.access.access import Access, open_access
from gateway.services.access.accounts import By
from gateway.services.access.passwords import Passwords
from gateway.services.access.ports import AuditQuestion
from gateway.testing import FixedClock
from gateway.web.app import make_app
from gateway.web.desk import WebDesk
from gateway.web.house import House
from gateway.web.one_referral import OneReferral
from gateway.web.single_sign_on import SignOn
from gateway.web_desks import entry_desk, review_desk
from gateway.workers import WorkerPool

NAME, PASSWORD = "Maria Gomez", "four quiet herons"
ORIGIN = "http://127.0.0.1:8470"
IDLE, LONGEST = timedelta(minutes=15), timedelta(hours=12)
QUICK = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
"""Real argon2, at costs for tests."""


class Site:
    """The pages over a real store, and ways to fill it."""

    def __init__(self, desk: Desk, second_factor_for: frozenset[Role] = frozenset()) -> None:
        self.desk = desk
        self.clock = FixedClock(datetime.now(UTC))
        self.rung: list[bool] = []
        self.heard = {"fax": 2.0, "mailbox INBOX": 9.0}
        self.notices: list[str] = []
        self.access = _access(desk, self.clock, second_factor_for)
        self.painter = WorkerPool.from_settings(desk.settings, desk.code_keys, processes=1)
        self.house = House.of(desk.settings, desk.rules.zone)
        self.app = self.built(self.house)
        self.browser = self.a_browser()

    def built(self, house: House) -> FastAPI:
        """The application over this site's rows."""
        desk = self.desk
        pages = WebDesk(
            desk.store,
            desk.clock,
            desk.rules.zone,
            desk.settings.storage.data_dir,
            troubles=lambda: tuple(self.notices),
        )
        referral = OneReferral(pages, desk.change, desk.pause, desk.contact)
        pool = self.painter
        service = self.access.single_sign_on
        return make_app(
            referral,
            self.access,
            house,
            review_desk(desk, pool, pool, lambda: None, lambda: None),
            entry_desk(desk, pool, pages),
            reports=desk.reports,
            heard_seconds_ago=lambda: self.heard,
            step_failures=lambda: {"read": 3},
            something_is_due=lambda: self.rung.append(True),
            sign_on=SignOn(OidcProvider(desk.settings.oidc, self.clock), service) if service else None,
        )

    def a_browser(
        self, app: FastAPI | None = None, *, at: str = "127.0.0.1", origin: str = ORIGIN
    ) -> httpx.AsyncClient:
        """One with no cookies yet, which says of its requests what browsers say."""
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(app or self.app, client=(at, 40000)),
            base_url=origin,
            headers={"sec-fetch-site": "same-origin"},
        )

    def person(self, name: str = NAME, role: Role = Role.ADMINISTRATOR, password: str = PASSWORD) -> None:
        """An account whose owner chose the password."""
        self.access.accounts.add(name, role, password, By("test"), must_change=False)

    async def log_in(
        self, browser: httpx.AsyncClient | None = None, name: str = NAME, password: str = PASSWORD
    ) -> httpx.Response:
        """Type name and password; the answer."""
        form = {"name": name, "password": password}
        return await (browser or self.browser).post("/login", data=form)

    async def as_role(self, role: Role) -> httpx.AsyncClient:
        """A browser in which a person of this role has logged in."""
        browser = self.a_browser()
        self.person(f"one {role.value}", role)
        assert (await self.log_in(browser, f"one {role.value}")).status_code == 303
        return browser

    def audit(self, kind: str = "") -> list[ChainedEntry]:
        """The log, newest first."""
        return self.access.audit.ask(AuditQuestion(kind=kind))

    async def text(self, path: str) -> str:
        answer = await self.browser.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    def refer(self, family: str, *, urgency: str = "routine", **changes: object) -> str:
        """Open a referral; its printed number."""
        form = {
            "external_id": f"ehr-{family}-{urgency}",
            "patient": {"family": family, "given": "Ada", "birth_date": "1958-03-09"},
            "clinician": {"name": "Helen Marsh MD"},
            "recipient": {"name": "Bayview Cardiology", "fax": "(508) 555-0111"},
            "specialty": "cardiology",
            "question": "Chest pain on exertion?",
            "urgency": urgency,
        } | changes
        referral, _ = self.desk.intake.open_json(json.dumps(form).encode(), Path(), origin="test", actor="test")
        return format_number(referral.number)

    def move(self, number: str, *statuses: Status, due_in: timedelta | None = None, is_escalated: bool = False) -> None:
        now = datetime.now(UTC)
        with self.desk.store.transaction() as tx:
            referral = tx.referral_numbered(number.replace("-", ""))
            assert referral is not None
            for status in statuses:
                moved = move(referral, status, now)
                changed = replace(
                    moved,
                    due_at=now + due_in if due_in else None,
                    escalated_at=now if is_escalated else None,
                )
                detail: dict[str, str | int | float | bool | list[str] | None] = {"to": status.value}
                referral = tx.save_referral(
                    changed, Event(EventKind.REFERRAL_MOVED, now, referral_id=referral.id, detail=detail)
                )

    def queue_unreadable(self, waited: timedelta) -> None:
        at = datetime.now(UTC) - waited
        sha256 = self.desk.vault.put(b"no fax at all")
        with self.desk.store.transaction() as tx:
            arrival, _ = tx.add_arrival(Envelope("fax:1", Channel.FAX), sha256, 13, at)
            event = Event(EventKind.DOCUMENT_UNREADABLE, at, arrival_id=arrival.id)
            tx.record_unreadable(arrival, "the file is no picture", event)


def _access(desk: Desk, clock: FixedClock, second_factor_for: frozenset[Role]) -> Access:
    return open_access(
        desk.store,
        clock,
        key=desk.code_keys[0],
        limits=Limits(IDLE, LONGEST),
        second_factor_for=second_factor_for,
        passwords=QUICK,
        passwords_for_all=desk.settings.oidc.local_passwords == "everybody",
        admission=admission(desk.settings.oidc),
    )


def a_clinic_folder(folder: Path, settings: Mapping[str, Mapping[str, object]]) -> Path:
    """A new clinic's folder with these keys of its settings changed; the settings' file."""
    file = write_clinic_folder(folder / "clinic")[0]
    document = tomlkit.parse(file.read_text(encoding="utf-8"))
    for section, changed in settings.items():
        document[section].update(changed)  # pyright: ignore[reportAttributeAccessIssue] - a table
    file.write_text(tomlkit.dumps(document), encoding="utf-8")
    return file


@contextmanager
def a_site(
    folder: Path,
    second_factor_for: frozenset[Role] = frozenset(),
    *,
    settings: Mapping[str, Mapping[str, object]] | None = None,
) -> Generator[Site, None, None]:
    """A fresh clinic's, with these keys of its settings changed; nobody has an account yet."""
    file = a_clinic_folder(folder, settings or {})
    with open_desk(load_settings(file)) as desk:
        yield Site(desk, second_factor_for)
