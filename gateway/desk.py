"""The clinic's store, vault and use cases, wired once for both the daemon and the command line.

Plain constructor calls; no process, socket or thread is started here.
"""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from config.calendars import load_calendar
from config.oidc_settings import OidcSettings
from config.policy_file import load_policy
from config.settings import Settings
from config.vocabulary import Channel
from gateway.domain.calendar import Calendar
from gateway.domain.matching.decide import Thresholds
from gateway.domain.person import Role
from gateway.domain.session import Limits
from gateway.mailboxes import mail_grants
from gateway.services.access.access import Access, open_access
from gateway.services.access.single_sign_on import Admission
from gateway.services.change_referral import ChangeReferral
from gateway.services.chase_due import ChaseDue
from gateway.services.intake import TakeIntake
from gateway.services.keep_certificates import KeepCertificates
from gateway.services.keep_directory import KeepDirectory
from gateway.services.mail_grants import MailGrants
from gateway.services.match_part import MatchPart
from gateway.services.pause_referral import PauseReferral
from gateway.services.purge import Purge
from gateway.services.queue_marks import QueueMarks
from gateway.services.record_contact import RecordContact
from gateway.services.reports.reports import Reports
from gateway.services.rules import Rules
from gateway.services.settle_review import SettleReview
from gateway.services.take_back import TakeBack
from gateway.storage.pictures import PictureCache
from gateway.storage.store import SqlStore
from gateway.storage.vault import FileVault


class SystemClock:
    """The machine's clock, read here and nowhere else."""

    def now(self) -> datetime:
        """The time now, aware, UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything a command or the daemon works with."""

    settings: Settings
    store: SqlStore
    vault: FileVault
    clock: SystemClock
    rules: Rules
    intake: TakeIntake
    directory: KeepDirectory
    change: ChangeReferral
    pause: PauseReferral
    contact: RecordContact
    matcher: MatchPart
    settle: SettleReview
    marks: QueueMarks
    undo: TakeBack
    shelf: PictureCache
    chase: ChaseDue
    purge: Purge
    access: Access
    grants: MailGrants
    certificates: KeepCertificates
    reports: Reports

    @property
    def code_keys(self) -> tuple[bytes, ...]:
        """The keys that sign page codes, newest first."""
        return (self.settings.code_key.get_secret_value().encode(),)


@contextmanager
def open_desk(settings: Settings) -> Generator[Desk, None, None]:
    """Open the store (migrating it if need be) and wire the use cases to it."""
    settings.storage.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    store = SqlStore.open(database_url(settings))
    try:
        desk = _wire(settings, store)
        desk.access.second_factor.seal_kept()  # what an older Referloop kept as it was
        yield desk
    finally:
        store.close()


def database_url(settings: Settings) -> str:
    """The configured database, or SQLite in the data folder."""
    return settings.storage.database_url or f"sqlite:///{settings.storage.data_dir / 'referloop.sqlite'}"


def _wire(settings: Settings, store: SqlStore) -> Desk:
    clock = SystemClock()
    vault = FileVault(settings.storage.data_dir / "vault")
    rules = _rules(settings, clock)
    keys = (settings.code_key.get_secret_value().encode(),)
    shelf = PictureCache(settings.storage.data_dir / "pictures", settings.storage.pictures_mb << 20)
    matcher = MatchPart(store, clock, rules, keys)
    return Desk(
        settings=settings,
        store=store,
        vault=vault,
        clock=clock,
        rules=rules,
        intake=TakeIntake(store, vault, clock, rules),
        directory=KeepDirectory(store, clock),
        change=ChangeReferral(store, clock, rules),
        pause=PauseReferral(store, clock, rules),
        contact=RecordContact(store, clock),
        matcher=matcher,
        settle=SettleReview(store, clock, rules, matcher),
        marks=QueueMarks(store, clock),
        undo=TakeBack(store, clock, rules, matcher.requeue),
        shelf=shelf,
        chase=ChaseDue(store, clock, rules),
        purge=Purge(store, vault, clock, rules, shelf.forget),
        access=_access(settings, store, clock),
        grants=mail_grants(settings, store, clock),
        certificates=KeepCertificates(store, clock),
        reports=Reports.over(store, clock, rules),
    )


def _access(settings: Settings, store: SqlStore, clock: SystemClock) -> Access:
    web = settings.web
    return open_access(
        store,
        clock,
        key=settings.code_key.get_secret_value().encode(),
        limits=Limits(idle=timedelta(minutes=web.idle_minutes), absolute=timedelta(hours=web.longest_hours)),
        second_factor_for=frozenset(Role(role) for role in web.second_factor_for),
        passwords_for_all=settings.oidc.local_passwords == "everybody" or not settings.oidc.issuer,
        admission=admission(settings.oidc),
    )


def admission(oidc: OidcSettings) -> Admission | None:
    """Whom the identity provider lets in; None without one."""
    if not oidc.issuer:
        return None
    groups = {
        Role.VIEWER: oidc.viewers,
        Role.STAFF: oidc.staff,
        Role.MANAGER: oidc.managers,
        Role.ADMINISTRATOR: oidc.administrators,
    }
    domains = frozenset(domain.lower().lstrip("@") for domain in oidc.allowed_domains)
    return Admission({role: frozenset(values) for role, values in groups.items()}, domains)


def _rules(settings: Settings, clock: SystemClock) -> Rules:
    return Rules(
        policy=load_policy(settings.followup.policy_file),
        calendar=_calendar(settings, clock),
        zone=ZoneInfo(settings.clinic.zone),
        thresholds=Thresholds(posterior=settings.matching.threshold),
        carrier_patience=timedelta(hours=settings.loop.carrier_patience_hours),
        tests_unconfirmed_numbers=settings.fax.test_unconfirmed_numbers,
        set_aside_after=settings.fax.set_aside_after,
        channels=_lines(settings),
        discarded_for=timedelta(days=settings.retention.discarded_days),
    )


def _lines(settings: Settings) -> frozenset[Channel]:
    lines = {Channel.FAX: settings.fax.carrier != "none", Channel.EMAIL: settings.mail.enabled}
    return frozenset(channel for channel, is_there in lines.items() if is_there)


def _calendar(settings: Settings, clock: SystemClock) -> Calendar:
    clinic = settings.clinic
    year = clock.now().year
    holidays = load_calendar(clinic.country, clinic.subdivision, range(year, year + 3))
    return Calendar(
        zone=clinic.zone,
        opens=time.fromisoformat(clinic.opens),
        closes=time.fromisoformat(clinic.closes),
        holidays=holidays | frozenset(clinic.closed_days),
        is_always_open=clinic.always_open,
    )
