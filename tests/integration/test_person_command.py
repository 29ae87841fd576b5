"""`referloop person …`, as a shell runs it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from config.load import load_settings
from config.template import write_clinic_folder
from gateway.cli import app
from gateway.desk import open_desk
from gateway.services.access.log_in import LetIn
from gateway.services.access.passwords import first_code, is_first_code
from gateway.services.access.ports import AuditQuestion

PASSWORD = "four quiet herons"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write_clinic_folder(tmp_path / "clinic")[0]


def person(config: Path, *arguments: str, password: str = "") -> Result:
    return CliRunner().invoke(app, ["person", *arguments, "--config", str(config)], input=password + "\n")


def test_the_first_code_is_told_until_somebody_has_an_account(config: Path) -> None:
    key = load_settings(config).code_key.get_secret_value().encode()
    told = person(config, "first-code")
    assert told.output.strip() == first_code(key)
    assert is_first_code(key, told.output.lower().replace("-", " "))
    assert not is_first_code(b"another clinic's key", told.output)
    assert (
        person(config, "add", "Maria", "--role", "administrator", "--password-stdin", password=PASSWORD).exit_code == 0
    )
    assert person(config, "first-code").exit_code == 1


def test_people_are_added_listed_changed_and_shut_out_and_all_of_it_is_in_the_audit_log(config: Path) -> None:
    for name, role in (("Maria", "administrator"), ("Jo", "staff")):
        assert "can log in" in person(config, "add", name, "--role", role, "--password-stdin", password=PASSWORD).output
    assert "role" in person(config, "list").output
    for arguments in (("role", "Jo", "manager"), ("reset-totp", "jo"), ("disable", "Jo"), ("enable", "Jo")):
        assert person(config, *arguments).exit_code == 0
    assert person(config, "password", "Jo", "--password-stdin", password="seven calm otters").exit_code == 0
    with open_desk(load_settings(config)) as desk:
        jo = next(one for one in desk.access.accounts.everybody() if one.name == "Jo")
        assert (jo.role, jo.is_disabled, jo.must_change_password) == ("manager", False, True)
        assert isinstance(desk.access.log_in.with_password("Jo", "seven calm otters", ""), LetIn)
        kinds = [chained.entry.kind.value for chained in desk.access.audit.ask(AuditQuestion())]
    assert kinds[1:6] == [
        "password changed",
        "person enabled",
        "person disabled",
        "second factor removed",
        "role changed",
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add", "Maria", "--password-stdin"), "is called Maria already"),
        (("disable", "Maria"), "the only administrator"),
        (("password", "Nobody", "--password-stdin"), "nobody is called Nobody"),
    ],
)
def test_what_cannot_be_done_is_one_line(config: Path, arguments: tuple[str, ...], said: str) -> None:
    person(config, "add", "Maria", "--role", "administrator", "--password-stdin", password=PASSWORD)
    done = person(config, *arguments, password=PASSWORD)
    assert done.exit_code == 1
    assert said in done.output
    assert PASSWORD not in done.output
