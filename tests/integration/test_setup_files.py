"""What `referloop setup` writes: settings with their comments, policy, and secrets where they belong."""

from pathlib import Path

from config.template import settings_template
from gateway.setup.question import Answers
from gateway.setup.questions import CLINIC, FAX, MAIL, PARTS, POLICY
from gateway.setup.writing import ClinicFolder, present, with_answers

MAILS: Answers = {
    "mail.enabled": True,
    "mail.address": "referrals@clinic.example",
    "mail.smtp_host": "smtp.clinic.example",
    "mail.smtp_username": "referrals@clinic.example",
    "mail.smtp_password": "for mail",
    "mail.imap_host": "imap.clinic.example",
    "mail.imap_password": "",
}


def test_only_the_lines_that_were_answered_change_and_keep_their_comments() -> None:
    before = settings_template()
    after = with_answers(before, {"clinic.name": "Maple", "fax.hylafax.port": 4560, "web.names": ["a.example"]})
    changed = [(old, new) for old, new in zip(before.splitlines(), after.splitlines(), strict=True) if old != new]
    assert [new.partition("#")[0].strip() for _, new in changed] == [
        'name = "Maple"',
        "port = 4560",
        'names = ["a.example"]',
    ]
    for old, new in changed:
        assert old.rpartition("  # ")[2] == new.rpartition("  # ")[2], "what it means still stands beside it"


def test_every_question_names_keys_that_the_settings_have() -> None:
    keys = {key for part in PARTS for one in part.questions for key in one.keys if not key.startswith("policy:")}
    before = settings_template()
    after = with_answers(before, dict.fromkeys(keys, "x"))
    assert len(after.splitlines()) == len(before.splitlines()), "none was added: each stood there, commented or not"


def test_secrets_lie_beside_the_settings_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    place = ClinicFolder(tmp_path / "clinic")
    place.make()
    place.write((MAIL,), MAILS)
    secrets = {path.name: path for path in (place.folder / "secrets").iterdir()}
    assert sorted(secrets) == ["code_key", "imap_password", "smtp_password"]
    assert {path.stat().st_mode & 0o777 for path in secrets.values()} == {0o600}
    assert place.load().mail.imap.password.get_secret_value() == "for mail"
    assert "for mail" not in place.settings.read_text()


def test_with_systemd_every_secret_goes_where_systemd_takes_it_from(tmp_path: Path) -> None:
    place = ClinicFolder(tmp_path / "clinic", credstore=tmp_path / "credstore")
    place.make()
    place.write((MAIL,), MAILS)
    assert sorted(path.name for path in (tmp_path / "credstore").iterdir()) == [
        "referloop.code_key",
        "referloop.imap_password",
        "referloop.smtp_password",
    ]
    assert list((place.folder / "secrets").iterdir()) == []
    assert place.load().mail.smtp.password.get_secret_value() == "for mail"
    with place.tried((FAX,), {"fax.carrier": "none"}) as (settings, file):
        assert settings.mail.smtp.password.get_secret_value() == "for mail", "what was given before is tried too"
        assert file.stat().st_mode & 0o777 == 0o600
    assert not file.exists()


def test_policy_and_present_answers_are_read_back(tmp_path: Path) -> None:
    place = ClinicFolder(tmp_path / "clinic")
    place.make()
    place.write((CLINIC, POLICY), {"clinic.name": "Maple", "policy.close": False})
    found = {one.id: present(one, place) for part in (CLINIC, POLICY) for one in part.questions}
    assert found["clinic.name"] == "Maple"
    assert found["policy.close"] is False
    assert found["clinic.address"] is None
    policy = (place.folder / "policy.toml").read_text()
    assert "close_on_report = false #" in policy, "the comment beside it stays"
