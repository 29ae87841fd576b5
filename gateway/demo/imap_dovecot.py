"""Dovecot on the post office's Maildirs: its configuration, for root and for anyone else.

Dovecot never lets root read mail. Started as root it is given the system's `mail` user, shut into the
mail folder, so that even a folder only root may enter will do; started by anyone else it is that user
throughout. Only the configuration of Dovecot 2.3 is known here.
"""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

_AS_ROOT = ("mail", "dovenull", "dovecot")


@dataclass(frozen=True, slots=True)
class Users:
    """Who does what in Dovecot."""

    mail: str
    login: str
    internal: str

    @property
    def mail_ids(self) -> tuple[int, int]:
        """Uid and gid of the mail's owner."""
        entry = pwd.getpwnam(self.mail)
        return entry.pw_uid, entry.pw_gid


def users_here() -> Users:
    """Root gives its rights away; anyone else has none to give."""
    if os.geteuid() == 0:
        return Users(*_AS_ROOT)
    name = pwd.getpwuid(os.geteuid()).pw_name
    return Users(name, name, name)


def is_usable(folder: Path) -> bool:
    """Whether a Dovecot is installed that we can configure for mail below `folder`."""
    path = str(folder)
    if program() is None or any(char.isspace() or char in ':%"#' for char in path):
        return False
    if os.geteuid() == 0:
        known = {entry.pw_name for entry in pwd.getpwall()}
        if not known.issuperset(_AS_ROOT):
            return False
    told = subprocess.run([program() or "", "--version"], capture_output=True, text=True, check=False, timeout=10)
    return told.stdout.startswith("2.3.")


def program() -> str | None:
    """Where Dovecot is, also when /usr/sbin is on no PATH."""
    return shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin")


def write_config(folder: Path, mail: Path, run: Path, port: int) -> Path:
    """Write dovecot.conf beside `cert.pem`, `key.pem` and `users` in `folder`.

    Args:
        folder: where those files are.
        mail: the folder with a folder a mailbox in it.
        run: a folder with a short path, for sockets.
        port: of IMAP over TLS on 127.0.0.1.
    """
    users = users_here()
    uid, gid = users.mail_ids
    is_root = os.geteuid() == 0
    home = f"home=/%Lu chroot={mail}" if is_root else f"home={mail}/%Lu"
    no_chroot = "" if is_root else "  chroot =\n"
    text = f"""\
base_dir = {run}
state_dir = {run}
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
default_internal_user = {users.internal}
default_internal_group = {_group(users.internal)}
default_login_user = {users.login}
default_process_limit = 100
default_client_limit = 400
first_valid_uid = {uid}
first_valid_gid = {gid}
{f"valid_chroot_dirs = {mail}" if is_root else ""}
ssl = required
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
auth_mechanisms = plain login
auth_failure_delay = 0
mail_location = maildir:~/Maildir
mail_max_userip_connections = 100
passdb {{
  driver = passwd-file
  args = username_format=%Lu {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} {home}
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
service imap-login {{
{no_chroot}  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
service auth {{
  user = {pwd.getpwuid(os.geteuid()).pw_name}
}}
service anvil {{
{no_chroot}}}
service stats {{
{no_chroot}}}
"""
    path = folder / "dovecot.conf"
    path.write_text(text, encoding="utf-8")
    return path


def _group(user: str) -> str:
    import grp

    return grp.getgrgid(pwd.getpwnam(user).pw_gid).gr_name
