"""HylaFAX's own files, where they lie on this machine: the receive hook, and whether we may see what comes in.

hfaxd does not even list a received fax whose mode keeps others out, so its protocol cannot tell.
"""

import asyncio
import grp
import os
import pwd
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from gateway.doctor.finding import Finding, Tell, doubt, fault, well

SPOOL, GOFAX = Path("/var/spool/hylafax"), Path("/etc/gofax.conf")
_GOFAX_RUNS_US = re.compile(r"^\s*faxrcvdcmd\s*=\s*\S*referloop-faxrcvd", re.MULTILINE | re.IGNORECASE)
_GOFAX_MEND = "faxrcvdcmd = bin/referloop-faxrcvd under [gofaxd]"
_RUNS_US = re.compile(r'^\s*FaxRcvdCmd\s*:\s*"?\S*referloop-faxrcvd', re.MULTILINE | re.IGNORECASE)
_MODE = re.compile(r"^\s*RecvFileMode\s*:\s*\"?(0?[0-7]{3})", re.MULTILINE | re.IGNORECASE)
_MODE_MEND = "RecvFileMode: 0644"
_AS_ROOT = "run this as root to look there too"
_INSTALL = "install -m 0755 scripts/hylafax-faxrcvd /var/spool/hylafax/bin/referloop-faxrcvd"
_USER = "uucp"


@dataclass(frozen=True, slots=True)
class HylafaxSpoolCheck:
    """`notes` is fax.hylafax.notes_dir; None where it is left out. `spool` is HylaFAX's, if it is on this machine."""

    notes: Path | None
    spool: Path = SPOOL
    gofax: Path = GOFAX
    name: str = "hylafax files"
    limit_s: float = 20.0

    async def run(self, tell: Tell) -> list[Finding]:
        """Look at files; the hook is not run."""
        tell("looking at the hook and at what came in")
        return await asyncio.to_thread(self._look)

    def _look(self) -> list[Finding]:
        if not self.spool.is_dir():
            return [
                doubt(f"HylaFAX's spool {self.spool} is not on this machine", f"look there: {_MODE_MEND}, {_INSTALL}")
            ]
        found = [*self._configs(), *self._unseen()]
        if self.notes is None:
            mend = "install it and set fax.hylafax.notes_dir: docs/hylafax.md"
            return [*found, doubt("there is no receive hook: a fax that was cut off is not marked as such", mend)]
        return [*found, self._folder(self.notes), *self._program()]

    def _unseen(self) -> list[Finding]:
        """Faxes that came in and that nobody but HylaFAX may see."""
        try:
            faxes = list((self.spool / "recvq").glob("fax*.tif"))
            shut = [fax for fax in faxes if not fax.stat().st_mode & stat.S_IROTH]
        except OSError as error:
            return [doubt(f"{self.spool / 'recvq'} may not be looked into ({error.strerror})", _AS_ROOT)]
        if shut:
            mend = f"{_MODE_MEND}, then chmod 644 {self.spool}/recvq/fax*.tif: they are taken in at once"
            return [fault(f"{len(shut)} received faxes are hidden from us by their mode", mend)]
        return []

    def _folder(self, notes: Path) -> Finding:
        mend = f"install -d -o {_USER} -g {_own_group()} -m 2770 {notes}"
        if not notes.is_dir():
            return fault(f"the hook's folder {notes} is not there", mend)
        if not os.access(notes, os.R_OK | os.W_OK | os.X_OK):
            return fault(f"we may not take notes out of {notes}", mend)
        try:
            if not _may_write(notes, _USER):
                return fault(f"HylaFAX's user {_USER} may not write to {notes}", mend)
        except KeyError:
            return doubt(
                f"this machine has no user {_USER}: {notes} must be shared with HylaFAX's", "see docs/hylafax.md"
            )
        return well(f"notes can be left in and taken from {notes}")

    def _program(self) -> list[Finding]:
        program = self.spool / "bin" / "referloop-faxrcvd"
        if not program.is_file():
            return [fault(f"{program} is not there: HylaFAX has no hook to run", _INSTALL)]
        if not program.stat().st_mode & stat.S_IXOTH:
            return [fault(f"{program} cannot be started", f"chmod 755 {program}")]
        return [well(f"{program} is there")]

    def _configs(self) -> list[Finding]:
        """Each modem's configuration: may others read its faxes, does it run the hook."""
        found: list[Finding] = []
        for config in sorted((self.spool / "etc").glob("config.*")):
            if config.suffix in (".sav", ".bak", ".devid"):
                continue
            try:
                text = config.read_text(encoding="latin-1")
            except OSError as error:
                found.append(doubt(f"{config} may not be read ({error.strerror})", _AS_ROOT))
                continue
            if not text.strip():
                found += self._gofax(config.name)  # GOfax.IP's channels have empty files
                continue
            mode = _MODE.search(text)
            if mode is None or not int(mode[1], 8) & 0o004:
                found.append(fault(f"{config.name} hides what it receives from us", f"{_MODE_MEND} in {config}"))
            if self.notes is not None and not _RUNS_US.search(text):
                mend = f'FaxRcvdCmd: "bin/referloop-faxrcvd" in {config}, then restart faxgetty'
                found.append(fault(f"{config.name} does not run the hook", mend))
        return found

    def _gofax(self, device: str) -> list[Finding]:
        """Whether GOfax.IP, which keeps its settings in a file of its own, runs the hook."""
        if self.notes is None or not self.gofax.is_file():
            return []
        if re.search(
            r"^\s*faxrcvdcmd\s*=\s*\S*referloop-faxrcvd", self.gofax.read_text(), re.MULTILINE | re.IGNORECASE
        ):
            return []
        return [fault(f"{device}: GOfax.IP does not run the hook", f"{_GOFAX_MEND} in {self.gofax}")]


def _may_write(folder: Path, user: str) -> bool:
    who, about = pwd.getpwnam(user), folder.stat()
    groups = set(os.getgrouplist(user, who.pw_gid))
    if who.pw_uid == about.st_uid:
        needed = stat.S_IWUSR | stat.S_IXUSR
    elif about.st_gid in groups:
        needed = stat.S_IWGRP | stat.S_IXGRP
    else:
        needed = stat.S_IWOTH | stat.S_IXOTH
    return about.st_mode & needed == needed


def _own_group() -> str:
    try:
        return grp.getgrgid(os.getegid()).gr_name
    except KeyError:
        return str(os.getegid())
