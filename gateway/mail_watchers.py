"""One watcher for each folder of each mailbox; what becomes of one is nothing to the others."""

from datetime import date, datetime, time
from typing import Literal
from zoneinfo import ZoneInfo

from config.settings import Settings
from gateway.inbound.imap import ImapAccount, ImapWatcher, Places
from gateway.mailboxes import MAIN, Mailbox, mailboxes, watched
from gateway.services.mail_grants import MailGrants
from gateway.services.ports import Door

_SILENT_S = 300.0  # after so long a fault is no passing one


def mail_watchers(settings: Settings, grants: MailGrants, door: Door, places: Places) -> dict[str, ImapWatcher]:
    """By name, as health and metrics tell them."""
    zone = ZoneInfo(settings.clinic.zone)
    return {
        _name(box, folder): ImapWatcher(imap_account(box, folder, zone, grants), door, places)
        for box in mailboxes(settings)
        if box.imap.username
        for folder in watched(box)
    }


def mail_notices(watchers: dict[str, ImapWatcher], troubles: list[str], now_s: float, started_s: float) -> list[str]:
    """What staff must hear: mailboxes that turn us away, and those that nothing was heard of for long."""
    said = list(troubles)
    for name, watcher in watchers.items():
        is_long = now_s - max(watcher.last_heard_at, started_s) > _SILENT_S
        if watcher.trouble and (watcher.is_refused or is_long) and watcher.trouble not in said:
            said.append(f"{name}: {watcher.trouble}")
    return said


def _name(box: Mailbox, folder: str) -> str:
    return f"mailbox {folder}" if box.name == MAIN else f"mailbox {box.name}: {folder}"


def imap_account(box: Mailbox, folder: str, zone: ZoneInfo, grants: MailGrants) -> ImapAccount:
    """One folder of a mailbox, as its watcher needs it."""
    imap = box.imap
    password = imap.password.get_secret_value()
    return ImapAccount(
        host=imap.host,
        port=imap.port,
        security=imap.security,
        username=imap.username,
        password=password,
        tokens=grants.source(box.name) if box.oauth.provider != "none" and not password else None,
        ca_file=imap.ca_file,
        folder=folder,
        move_to=imap.move_to,
        since=_since(imap.since, zone),
        idle_renew_s=imap.idle_renew_s,
        poll_s=imap.poll_s,
        largest_bytes=imap.largest_mb << 20,
    )


def _since(told: str, zone: ZoneInfo) -> Literal["now"] | datetime | None:
    if told == "now":
        return "now"
    return None if told == "all" else datetime.combine(date.fromisoformat(told), time(), zone)
