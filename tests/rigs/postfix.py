"""A real Postfix of our own on a free loopback port, its configuration and queue in one folder, gone at the end.

Taken from the installed package or, as `./test` leaves it, unpacked without being installed: installing it would put
another mail server of the machine out, and start one as a service. Postfix's master needs root.
"""

import os
import pwd
import shutil
import signal
import smtplib
import subprocess
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.rigs.dovecot import Dovecot, free_port

_UNPACKED = Path(__file__).parents[2] / ".unpacked" / "postfix"
_FOLDERS = (
    "active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "maildrop", "pid", "private",
    "public", "saved", "trace",
)  # fmt: skip
_MAIN = """
compatibility_level = 3.6
queue_directory = {root}/queue
data_directory = {root}/data
command_directory = {prefix}/usr/sbin
daemon_directory = {prefix}/usr/lib/postfix/sbin
shlib_directory = {prefix}/usr/lib/postfix
meta_directory = {prefix}/etc/postfix
mail_owner = mail
setgid_group = users
import_environment = MAIL_CONFIG TZ LANG=C LD_LIBRARY_PATH={prefix}/usr/lib/postfix
maillog_file = {root}/log/mail.log
maillog_file_prefixes = {root}
myhostname = mx.clinic.example
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks =
alias_maps =
local_recipient_maps =
recipient_delimiter = +
virtual_mailbox_domains = clinic.example, office.example
virtual_mailbox_maps = texthash:{root}/boxes
virtual_mailbox_base = {mail}
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
message_size_limit = 60000000
virtual_mailbox_limit = 0
smtpd_tls_cert_file = {keys}/cert.pem
smtpd_tls_key_file = {keys}/key.pem
smtpd_tls_security_level = may
smtpd_tls_auth_only = no
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{auth_port}
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
default_transport = error:no way out of the test
minimal_backoff_time = 2s
queue_run_delay = 2s
"""
_MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""


def _prefix() -> Path | None:
    """Below which folder Postfix's programs lie; None if it is not there."""
    places = [Path("/"), _UNPACKED]
    return next((one for one in places if (one / "usr/lib/postfix/sbin/master").exists()), None)


def why_not() -> str:
    """Why Postfix cannot be run here, or empty."""
    if os.geteuid() != 0:
        return "Postfix's master runs as root only"
    return "" if _prefix() else "Postfix is neither installed nor unpacked: ./test does it"


def sasl_for_postfix(port: int) -> str:
    """Further settings of a Dovecot that also checks Postfix's log-ins."""
    return f"service auth {{\n  inet_listener {{\n    port = {port}\n  }}\n}}\n"


@dataclass
class Postfix:
    """Where it listens; it can be killed and started again over the same queue."""

    root: Path
    port: int
    prefix: Path
    _master: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    def start(self) -> None:
        """Start it and wait until it greets."""
        (self.root / "queue" / "pid" / "master.pid").unlink(missing_ok=True)
        self._master = subprocess.Popen(
            [self.prefix / "usr/lib/postfix/sbin/master", "-d", "-c", self.root / "etc"],
            env={"LD_LIBRARY_PATH": str(self.prefix / "usr/lib/postfix"), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            assert self._master.poll() is None, f"Postfix ended: {self.log()[-2000:]}"
            try:
                with smtplib.SMTP("127.0.0.1", self.port, timeout=5):
                    return
            except (OSError, smtplib.SMTPException):
                time.sleep(0.05)
        raise RuntimeError(f"Postfix does not greet: {self.log()[-2000:]}")

    def kill(self) -> None:
        """SIGKILL to all of it at once."""
        if self._master is not None:
            os.killpg(self._master.pid, signal.SIGKILL)
            self._master.wait(10)
            self._master = None

    def log(self) -> str:
        """What it wrote."""
        file = self.root / "log" / "mail.log"
        return file.read_text(errors="replace") if file.exists() else ""


@contextmanager
def running_postfix(
    root: Path, dovecot: Dovecot, addresses: Sequence[str], auth_port: int, port: int | None = None
) -> Generator[Postfix]:
    """Start it with everything it writes below `root`; it delivers into Dovecot's mailboxes of these addresses."""
    prefix = _prefix()
    assert prefix is not None, why_not()
    owner = pwd.getpwnam("mail")
    mail = (dovecot.root / "mail").stat()
    for folder in (root / "etc", root / "log", root / "data", *(root / "queue" / one for one in _FOLDERS)):
        folder.mkdir(parents=True, exist_ok=True)
    for folder in (root / "data", *(root / "queue" / one for one in _FOLDERS if one != "pid")):
        shutil.chown(folder, owner.pw_uid)
        folder.chmod(0o700)
    (root / "queue" / "public").chmod(0o710)
    (root / "boxes").write_text("".join(f"{one} {one}/\n" for one in addresses))
    listening = Postfix(root, port or free_port(), prefix)
    told = {
        "root": root,
        "prefix": str(prefix).rstrip("/"),
        "mail": dovecot.root / "mail",
        "keys": dovecot.root,
        "uid": mail.st_uid,
        "gid": mail.st_gid,
        "auth_port": auth_port,
        "port": listening.port,
    }
    (root / "etc" / "main.cf").write_text(_MAIN.format(**told))
    (root / "etc" / "master.cf").write_text(_MASTER.format(**told))
    listening.start()
    try:
        yield listening
    finally:
        listening.kill()
