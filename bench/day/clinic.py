"""The clinic of the bench's day: a folder, a directory, a fax line of either kind and a real mail server."""

import json
from pathlib import Path
from typing import Any

import tomlkit

from bench.clinic import CLINIC_FAX, OFFICE_FAX
from config.load import load_settings
from config.template import write_clinic_folder
from gateway.demo.clinic import MailPorts
from gateway.desk import open_desk
from gateway.services.recipient_form import parse_recipient_json

ADDRESS, TOWN, GONE = "referrals@clinic.example", "desk@town.example", "gone@away.example"
PASSWORD = "only-for-the-bench"  # noqa: S105 - of mailboxes that live as long as the bench
BUSY_FAX = "+15085550112"
_WAITS = 'waits = ["2 seconds", "3 seconds", "4 seconds", "5 seconds"]'


def make_clinic(folder: Path, mail: MailPorts, fax: dict[str, Any]) -> Path:
    """Its referloop.toml. `fax` is what stands under [fax]."""
    config = write_clinic_folder(folder)[0]
    document: Any = tomlkit.parse(config.read_text(encoding="utf-8"))
    said = {"name": "Maple Street Family Medicine", "fax_number": CLINIC_FAX, "reply_address": ADDRESS}
    document["clinic"].update({**said, "always_open": True})
    for name, value in fax.items():
        document["fax"][name].update(value) if isinstance(value, dict) else document["fax"].update({name: value})
    document["mail"].update({"enabled": True, "from_address": ADDRESS})
    login = {"host": "localhost", "username": ADDRESS, "password": PASSWORD, "ca_file": str(mail.ca_file)}
    document["mail"]["smtp"].update({**login, "port": mail.smtp})
    document["mail"]["imap"].update({**login, "port": mail.imap, "poll_s": 5})
    document["loop"].update({"send_seconds": 1, "poll_seconds": 1, "sweep_seconds": 5, "chase_seconds": 5})
    document["web"].update({"port": 0})
    config.write_text(tomlkit.dumps(document), encoding="utf-8")
    policy = folder / "policy.toml"
    head, _, rest = policy.read_text(encoding="utf-8").partition("waits =")
    policy.write_text(f"{head}{_WAITS}\n{rest.partition(chr(10))[2]}", encoding="utf-8")
    return config


def fill_directory(config: Path, fax_numbers: dict[str, str]) -> None:
    """Offices by name with their fax number; two more are reached by mail, of which one is gone."""
    entries: list[dict[str, str]] = [{"name": name, "fax": fax} for name, fax in fax_numbers.items()]
    entries += [{"name": "Harbor", "email": TOWN, "preferred": "email"}]
    entries += [{"name": "Away", "email": GONE, "preferred": "email"}]
    with open_desk(load_settings(config)) as desk:
        for entry in entries:
            whole = {**entry, "specialty": "cardiology", "phone": "+15085550211"}
            desk.intake.save_recipient(parse_recipient_json(json.dumps(whole).encode()), "bench")


__all__ = ["ADDRESS", "BUSY_FAX", "CLINIC_FAX", "GONE", "OFFICE_FAX", "PASSWORD", "TOWN"]
