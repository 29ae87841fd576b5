"""A real Dovecot of our own on a free loopback port, gone at the end."""

import getpass
import imaplib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import trustme

from gateway.inbound.imap.names import folder_argument, quoted

PROGRAM = shutil.which("dovecot") or "/usr/sbin/dovecot"
_CONFIG = """
base_dir = {run}
state_dir = {run}
log_path = {root}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{root}/cert.pem
ssl_key = <{root}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login
default_internal_user = {internal}
default_login_user = {login}
default_internal_group = {group}
mail_location = maildir:{mail}/%u
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 1
mail_max_userip_connections = 100
mailbox_list_index = no
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={mail}/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
{extra}
"""


@dataclass(frozen=True)
class Dovecot:
    """Where it listens and who may log in: any user name, with this password."""

    root: Path
    run: Path
    port: int
    tls_port: int
    ca_file: Path
    user: str = "referrals@clinic.example"
    password: str = "open-sesame-1"

    @contextmanager
    def session(self) -> Generator[imaplib.IMAP4]:
        """A session of the rig's own, through the standard library."""
        with imaplib.IMAP4("127.0.0.1", self.port, timeout=10) as imap:
            imap.login(quoted(self.user), self.password)
            yield imap

    def make_folder(self, folder: str) -> None:
        """Make a folder."""
        with self.session() as imap:
            assert imap.create(folder_argument(folder))[0] == "OK"

    def deliver(self, mail: bytes, folder: str = "INBOX") -> None:
        """Put a mail into a folder."""
        with self.session() as imap:
            assert imap.append(folder_argument(folder), "", "", mail)[0] == "OK"

    def flags(self, folder: str = "INBOX") -> list[bytes]:
        """The flags of each mail in a folder."""
        with self.session() as imap:
            imap.select(folder_argument(folder), readonly=True)
            _, found = imap.fetch("1:*", "(FLAGS)")
            return [line for line in found if isinstance(line, bytes)]

    def count(self, folder: str = "INBOX") -> int:
        """How many mails a folder holds."""
        with self.session() as imap:
            return int(imap.select(folder_argument(folder), readonly=True)[1][0] or 0)


def free_port() -> int:
    """A loopback port nobody listens on now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def taking_tokens(root: Path, introspection_url: str) -> str:
    """Further settings of a Dovecot that takes tokens of a provider, whose owner it asks it for."""
    root.mkdir(parents=True, exist_ok=True)
    asked = root / "oauth2.conf.ext"
    asked.write_text(
        f"introspection_mode = post\nintrospection_url = {introspection_url}\nusername_attribute = username\n"
        "active_attribute = active\nactive_value = true\n"
    )
    return f"""
auth_mechanisms = plain login xoauth2 oauthbearer
auth_failure_delay = 0
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {asked}
}}
"""


@contextmanager
def running_dovecot(
    root: Path, extra: str = "", *, certificate_for: str = "localhost", good_until: datetime | None = None
) -> Generator[Dovecot]:
    """Start it with everything it writes below `root`."""
    with (
        tempfile.TemporaryDirectory(prefix="dovecot-") as run,  # a socket's path may have 107 letters
        _running(root, Path(run), extra, certificate_for, good_until) as server,
    ):
        yield server


@contextmanager
def _running(
    root: Path, run: Path, extra: str, certificate_for: str, good_until: datetime | None
) -> Generator[Dovecot]:
    mail = root / "mail"
    mail.mkdir(parents=True, exist_ok=True)
    run.chmod(0o755)
    authority = trustme.CA()
    certificate = authority.issue_cert(certificate_for, "127.0.0.1", not_after=good_until)
    authority.cert_pem.write_to_path(root / "ca.pem")
    certificate.private_key_pem.write_to_path(root / "key.pem")
    (root / "cert.pem").write_bytes(b"".join(blob.bytes() for blob in certificate.cert_chain_pems))
    port, tls_port = free_port(), free_port()
    is_root = os.geteuid() == 0
    me = pwd.getpwnam("nobody" if is_root else getpass.getuser())
    if is_root:
        os.chown(mail, me.pw_uid, me.pw_gid)
        for folder in (root, *root.parents):
            if folder.is_relative_to("/tmp") and folder != Path("/tmp"):
                folder.chmod(0o755)
    config = root / "dovecot.conf"
    config.write_text(
        _CONFIG.format(
            root=root,
            run=run,
            mail=mail,
            port=port,
            tls_port=tls_port,
            uid=me.pw_uid,
            gid=me.pw_gid,
            internal="dovecot" if is_root else me.pw_name,
            login="dovenull" if is_root else me.pw_name,
            group="dovecot" if is_root else "",
            password=Dovecot.password,
            extra=extra,
        )
    )
    server = Dovecot(root, run, port, tls_port, root / "ca.pem")
    try:
        start(server)
        yield server
    finally:
        kill(server, signal.SIGTERM)


_RUNNING: dict[Path, "subprocess.Popen[bytes]"] = {}


def start(server: Dovecot) -> None:
    """Start it, or start it again over the same mailboxes, and wait until it greets."""
    command = [PROGRAM, "-F", "-c", str(server.root / "dovecot.conf")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)
    _RUNNING[server.root] = process
    _wait_until_it_listens(server.port, process, server.root)


def kill(server: Dovecot, with_signal: signal.Signals = signal.SIGKILL) -> None:
    """End it; with SIGKILL all of it at once, in whatever it was doing."""
    process = _RUNNING.pop(server.root, None)
    if process is None:
        return
    if with_signal is signal.SIGKILL:
        os.killpg(process.pid, signal.SIGKILL)
        (server.run / "master.pid").unlink(missing_ok=True)
    else:
        process.send_signal(with_signal)
    process.wait(10)
    if process.stderr is not None:
        process.stderr.close()


def _wait_until_it_listens(port: int, process: "subprocess.Popen[bytes]", root: Path) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if process.poll() is not None:
            said = process.stderr.read().decode() if process.stderr else ""
            raise RuntimeError(f"dovecot ended: {said} {(root / 'dovecot.log').read_text()}")
        try:
            with imaplib.IMAP4("127.0.0.1", port, timeout=2):
                return
        except (OSError, imaplib.IMAP4.error):
            time.sleep(0.05)
    raise RuntimeError("dovecot does not listen")
