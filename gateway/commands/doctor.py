"""`referloop doctor`: whether every line works, in plain words, and whether what is kept is what was received."""

import asyncio
import os
import pwd
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from config.errors import SettingsError
from config.load import SYSTEM_FILE, load_settings, settings_file
from config.settings import Settings
from gateway.commands.output import AsJson, failing_clearly, print_json
from gateway.commands.state import Config, desk
from gateway.desk import SystemClock
from gateway.doctor.examine import Examined, examine
from gateway.doctor.finding import Check, Level
from gateway.doctor.hylafax_spool import SPOOL
from gateway.doctor.round import Asked, checks_for
from gateway.errors import ReferloopError
from gateway.services.phone import to_e164
from outbound.errors import OutboundError
from outbound.mail_message import is_address

CREDSTORE = Path("/etc/credstore")
_MARKS = {Level.WELL: ("✓", "green"), Level.DOUBT: ("!", "yellow"), Level.FAULT: ("✗", "bold red")}


def doctor(
    config: Config,
    *,
    verify: Annotated[
        bool, typer.Option("--verify", help="Try no line; walk the chain of events and re-hash every document.")
    ] = False,
    only: Annotated[list[str] | None, typer.Option(help="Only this check; may be repeated.")] = None,
    fax_to: Annotated[
        str, typer.Option(help="Send a test fax to this number, the clinic's own, and wait for it.")
    ] = "",
    fax_minutes: Annotated[float, typer.Option(help="How long to wait for it.", min=0.1)] = 15.0,
    mail_to: Annotated[str, typer.Option(help="Send a test mail to this address.")] = "",
    time_server: Annotated[str, typer.Option(help="Whose time counts: HOST or HOST:PORT.")] = "pool.ntp.org",
    hylafax_spool: Annotated[Path, typer.Option(help="Where HylaFAX keeps its spool.")] = SPOOL,
    as_json: AsJson = False,
) -> None:
    """Try every configured line end to end and say what is wrong and how to mend it; nothing is sent unasked.

    The exit code is 1 at a fault; what only deserves a look (!) does not change it.
    """
    if verify:
        _verify(config, as_json=as_json)
        return
    with failing_clearly(ReferloopError, SettingsError, OutboundError):
        file = settings_file(config)
        settings = load_settings(file, credstore=_credstore(file))
        host, _, port = time_server.partition(":")
        asked = Asked(host, int(port or 123), hylafax_spool, _number(fax_to, settings), fax_minutes, _address(mail_to))
        become_owner(settings.storage.data_dir)
        checks = _chosen(checks_for(settings, file, SystemClock().now, asked), only or [])
    report = run_checks(checks, is_quiet=as_json)
    faults = sum(one.level is Level.FAULT for one in report)
    if as_json:
        print_json({"is_well": not faults, "checks": [_as_json(one) for one in report]})
    else:
        _sum_up(report)
    if faults:
        raise typer.Exit(1)


def run_checks(checks: Sequence[Check], *, is_quiet: bool = False) -> list[Examined]:
    """Run them with progress on standard error and findings on standard output."""
    out, err = Console(highlight=False), Console(stderr=True)
    progress = _Progress(err)
    with progress.status if err.is_terminal and not is_quiet else nullcontext():
        return asyncio.run(examine(checks, progress.told, lambda one: None if is_quiet else print_examined(one, out)))


def print_examined(one: Examined, out: Console) -> None:
    """A check's findings, a line each, and below it how to mend what is wrong."""
    for number, finding in enumerate(one.findings):
        mark, style = _MARKS[finding.level]
        name = one.name if number == 0 else ""
        out.print(Text.assemble((f"{mark} ", style), (f"{name:<14} ", "bold"), finding.what), soft_wrap=True)
        if finding.mend:
            out.print(Text.assemble(" " * 17, ("→ ", style), finding.mend), soft_wrap=True)


@dataclass
class _Progress:
    """What is tried just now, on one line."""

    console: Console
    busy: dict[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        self.status = self.console.status("")

    def told(self, name: str, words: str) -> None:
        self.busy.pop(name, None)
        if words:
            self.busy[name] = words
        self.status.update(
            Text(" · ".join(f"{name}: {words}" for name, words in self.busy.items()), overflow="ellipsis")
        )


def _sum_up(report: Sequence[Examined]) -> None:
    count = {level: sum(one.level is level for one in report) for level in Level}
    if count[Level.FAULT]:
        typer.echo(f"\n{count[Level.FAULT]} of {len(report)} checks found a fault")
    elif count[Level.DOUBT]:
        typer.echo(f"\nall works; {count[Level.DOUBT]} of {len(report)} checks deserve a look")
    else:
        typer.echo(f"\nall well: {len(report)} checks")


def _as_json(one: Examined) -> dict[str, object]:
    findings = [{"level": found.level.value, "what": found.what, "mend": found.mend} for found in one.findings]
    return {"check": one.name, "level": one.level.value, "seconds": round(one.seconds, 2), "findings": findings}


def _chosen(checks: list[Check], names: list[str]) -> list[Check]:
    known = [check.name for check in checks]
    for name in names:
        if name not in known:
            raise typer.BadParameter(f"--only {name}: here are {', '.join(known)}")
    return [check for check in checks if not names or check.name in names]


def _credstore(file: Path) -> Path | None:
    """Root may see what systemd will hand to the daemon."""
    is_systems = file.resolve().parent == SYSTEM_FILE.parent
    return CREDSTORE if is_systems and os.geteuid() == 0 else None


def become_owner(data_dir: Path) -> None:
    """Root goes on as the daemon's user: what root may do says nothing, and its files would stand in the way."""
    if os.geteuid() != 0 or not data_dir.exists():
        return
    owner = data_dir.stat()
    if owner.st_uid == 0:
        return
    user = pwd.getpwuid(owner.st_uid)
    os.initgroups(user.pw_name, user.pw_gid)
    os.setresgid(user.pw_gid, user.pw_gid, user.pw_gid)
    os.setresuid(user.pw_uid, user.pw_uid, user.pw_uid)
    sys.stderr.write(f"referloop: going on as {user.pw_name}, the daemon's user\n")


def _number(written: str, settings: Settings) -> str:
    if not written:
        return ""
    if settings.fax.carrier in ("none", "email"):
        raise typer.BadParameter(f"--fax-to: fax.carrier is {settings.fax.carrier}: there is no line to test like this")
    try:
        return to_e164(written)
    except ValueError as error:
        raise typer.BadParameter(f"--fax-to: {error}") from error


def _address(written: str) -> str:
    if written and not is_address(written):
        raise typer.BadParameter("--mail-to: write one plain mail address")
    return written


def _verify(config: Path | None, *, as_json: bool) -> None:
    with desk(config) as at_desk:
        with at_desk.store.transaction() as tx:
            counts = tx.counts()
        faults = list(at_desk.store.verify_chain())
        faults += [f"document {sha256} is not what was received" for sha256 in at_desk.vault.damaged()]
    if as_json:
        print_json({"faults": faults, "verified": True, "counts": counts})
    else:
        for one in faults:
            typer.echo(one)
        all_well = "all well: settings, store, event chain, audit log and documents"
        typer.echo(f"{len(faults)} faults" if faults else all_well)
    if faults:
        raise typer.Exit(1)
