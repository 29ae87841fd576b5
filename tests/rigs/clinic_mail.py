"""A clinic and an office on one mail server of their own: Postfix and Dovecot, each of which can be killed."""

import io
import json
import subprocess
import sys
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import tomlkit
from PIL import Image

from config.load import load_settings
from config.template import write_clinic_folder
from gateway.demo.office_mail import MailAccount, Mailbox
from gateway.demo.processes import running, wait_for_file
from gateway.desk import Desk, open_desk
from gateway.domain.referral import Referral
from gateway.domain.task import Task
from gateway.domain.transmission import Transmission
from gateway.services.recipient_form import parse_recipient_json
from tests.rigs.dovecot import Dovecot, free_port, running_dovecot
from tests.rigs.oauth_server import OWNER as CLINIC
from tests.rigs.postfix import Postfix, running_postfix, sasl_for_postfix

OFFICE = "desk@office.example"
DIRECT = "direct@clinic.example"  # stands for an address at a HISP
REFERLOOP = str(Path(sys.executable).with_name("referloop"))


@dataclass
class MailClinic:
    """The clinic's folder, its servers, and the office that answers."""

    folder: Path
    dovecot: Dovecot
    postfix: Postfix
    asked: int = field(default=0)

    @property
    def config(self) -> Path:
        """Its referloop.toml."""
        return self.folder / "clinic" / "referloop.toml"

    def settle(self, imap_port: int, smtp_port: int, **mail: Any) -> None:
        """Write the settings; `mail` goes over what [mail] would be."""
        config = self.config
        if not config.exists():
            write_clinic_folder(config.parent)
        policy = config.parent / "policy.toml"
        text = policy.read_text(encoding="utf-8")
        policy.write_text(
            text.replace('["5 minutes", "15 minutes", "60 minutes"]', '["2 seconds", "2 seconds", "2 seconds"]')
        )
        login = {"host": "127.0.0.1", "security": "none", "username": CLINIC, "password": self.dovecot.password}
        changes: dict[str, dict[str, Any]] = {
            "clinic": {"name": "Maple Street Clinic", "reply_address": CLINIC, "always_open": True},
            "fax": {"carrier": "none"},
            "mail": {
                "enabled": True,
                "from_address": CLINIC,
                "smtp": login | {"port": smtp_port, "dot_timeout_s": 20},
                "imap": login | {"port": imap_port, "poll_s": 5},
                **mail,
            },
            "loop": {"send_seconds": 1, "sweep_seconds": 1},
            "web": {"port": 0},
        }
        document = tomlkit.parse(config.read_text(encoding="utf-8"))
        for section, values in changes.items():
            table: Any = document[section]
            for key, value in values.items():
                if isinstance(value, dict):
                    table.setdefault(key, tomlkit.table()).update(value)
                else:
                    table[key] = value
        config.write_text(tomlkit.dumps(document), encoding="utf-8")
        with self.desk() as desk:
            office = {"name": "Harbor Cardiology", "specialty": "cardiology", "email": OFFICE, "preferred": "email"}
            if not desk.store_has(office["name"]):
                desk.desk.intake.save_recipient(parse_recipient_json(json.dumps(office).encode()), "test")

    @contextmanager
    def desk(self) -> "Generator[LookedAt]":
        """The clinic's rows, beside the daemon that works with them."""
        with open_desk(load_settings(self.config)) as desk:
            yield LookedAt(desk)

    def refer(self, family: str, attachment_kb: int = 0) -> str:
        """Drop a referral as an EHR would; its own id."""
        self.asked += 1
        external_id = f"EHR-{self.asked}"
        drop = self.config.parent / "data" / "drop"
        drop.mkdir(parents=True, exist_ok=True)
        names: list[str] = []
        if attachment_kb:
            out, side = io.BytesIO(), int((attachment_kb * 1024) ** 0.5)
            Image.effect_noise((side, side), 90).save(out, format="PNG")
            names = [f"{external_id}-scan.png"]
            (drop / names[0]).write_bytes(out.getvalue())
        told = {
            "external_id": external_id,
            "patient": {"family": family, "given": "Ada", "birth_date": "1961-04-23", "sex": "female", "mrn": "77-1"},
            "clinician": {"name": "Helen Marsh MD", "npi": "1245319599", "phone": "+15085550101"},
            "recipient": "Harbor Cardiology",
            "specialty": "cardiology",
            "service": "specialist_consult",
            "question": "Palpitations: please see and advise.",
            "urgency": "routine",
            "attachments": names,
        }
        half = drop / f".{external_id}.part"
        half.write_text(json.dumps(told), encoding="utf-8")
        half.rename(drop / f"{external_id}.json")
        return external_id

    @property
    def office(self) -> Mailbox:
        """The office's mail program, over TLS."""
        dovecot = self.dovecot
        return Mailbox(
            MailAccount(OFFICE, dovecot.password, self.postfix.port, dovecot.tls_port, dovecot.ca_file, "127.0.0.1")
        )

    def in_office(self) -> int:
        """How many mails the office's mailbox holds."""
        return replace(self.dovecot, user=OFFICE).count()

    @asynccontextmanager
    async def daemon(self) -> AsyncGenerator[str]:
        """`referloop serve` until the end of the block; its web address."""
        told = self.config.parent / "data" / "web-address"
        told.unlink(missing_ok=True)
        async with running("daemon", self.folder, "gateway.cli", "serve", "-c", str(self.config)) as process:
            await wait_for_file(told, process, "daemon", 60)
            yield told.read_text().strip()
            assert process.returncode is None, (self.folder / "daemon.log").read_text()[-3000:]

    def health(self, address: str) -> list[str]:
        """What the daemon complains of."""
        return list(httpx.get(f"{address}healthz", timeout=20).json()["complaints"])

    def command(self, *arguments: str) -> "subprocess.Popen[str]":
        """`referloop ARGUMENTS` on this clinic, its output in a pipe."""
        line = [REFERLOOP, *arguments, "-c", str(self.config)]
        return subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@dataclass(frozen=True, slots=True)
class LookedAt:
    """One look at the clinic's rows."""

    desk: Desk

    def store_has(self, name: str) -> bool:
        """Whether the directory names an office."""
        with self.desk.store.transaction() as tx:
            return any(one.name == name for one in tx.recipients())

    def referral(self, external_id: str) -> Referral | None:
        """By the EHR's id."""
        with self.desk.store.transaction() as tx:
            return next((one for one in tx.referrals() if one.intake.external_id == external_id), None)

    def sendings(self, external_id: str) -> list[Transmission]:
        """Every sending of it."""
        referral = self.referral(external_id)
        if referral is None:
            return []
        with self.desk.store.transaction() as tx:
            return tx.transmissions_of(referral.id)

    def filed(self, external_id: str) -> list[str]:
        """The kinds of documents filed on it."""
        referral = self.referral(external_id)
        if referral is None:
            return []
        with self.desk.store.transaction() as tx:
            return sorted(part.kind.value for part in tx.filed_on(referral.id))

    def counts(self) -> dict[str, int]:
        """Rows by table and state."""
        with self.desk.store.transaction() as tx:
            return tx.counts()

    def tasks(self) -> list[Task]:
        """What a person is asked for."""
        with self.desk.store.transaction() as tx:
            return tx.tasks()


@contextmanager
def mail_clinic(folder: Path, extra: str = "") -> Generator[MailClinic]:
    """Both servers, up; nothing of the clinic is settled yet."""
    auth_port = free_port()
    folder.chmod(0o755)
    with running_dovecot(folder / "dovecot", sasl_for_postfix(auth_port) + extra) as started:
        dovecot = replace(started, user=CLINIC)
        with running_postfix(folder / "postfix", dovecot, [CLINIC, OFFICE, DIRECT], auth_port) as postfix:
            yield MailClinic(folder, dovecot, postfix)
