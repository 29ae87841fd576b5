"""`referloop setup` as a person answers it at a terminal, wrong answers and interruptions included, and from a file."""

import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.load import load_settings
from config.template import write_clinic_folder
from gateway.desk import open_desk
from gateway.domain.person import Role
from tests.rigs.dovecot import PROGRAM, Dovecot, running_dovecot, taking_tokens
from tests.rigs.oauth_server import CLIENT_ID, OWNER, oauth_server
from tests.rigs.typist import Typist, typing_at

pytestmark = pytest.mark.slow  # each question waits for its prompt

REFERLOOP = [sys.executable, "-m", "gateway.cli"]
PASSWORD = "seven maples in a row"


@pytest.fixture(scope="module", name="dovecot")
def a_dovecot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dovecot]:
    with running_dovecot(tmp_path_factory.mktemp("dovecot")) as server:
        yield server


def answer_clinic(typist: Typist) -> None:
    typist.answer("The clinic's name", "Maple Street Family Medicine")
    typist.answer("Street address", "12 Maple Street, Worcester, MA 01608")
    typist.answer("Phone for questions", "(508) 555-0101")
    typist.answer("Time zone", "America/New_York")
    typist.answer("Country", "")
    typist.answer("State", "MA")
    typist.answer("Opens at", "")
    typist.answer("Closes at", "18:00")


def answer_rest(typist: Typist) -> None:
    typist.answer("close its referral by itself?", "n")
    typist.answer("Address to listen on", "")
    typist.answer("Port", "18470")
    typist.answer("Their name", "Maria Gomez")
    typist.answer("Their password", PASSWORD)
    typist.answer("Once more", PASSWORD)


def answer_mail(typist: Typist, dovecot: Dovecot, password: str) -> None:
    """What was answered before stands in brackets."""
    typist.answer("Send and receive mail?", "")
    typist.answer(f"Its mail address [{dovecot.user}]", "")
    typist.answer("How it lets us in [none]", "")
    typist.answer("Outgoing server [localhost]", "")
    typist.answer("Its port [7]", "")
    typist.answer("Its security [none]", "")
    typist.answer("User there", dovecot.user)
    typist.answer("Password there: ", password)
    typist.answer("Incoming server", "localhost")
    typist.answer("Its port", str(dovecot.tls_port))
    typist.answer("Its security", "")
    typist.answer("User there", "")
    typist.answer("(nothing: the same", "")
    typist.answer("Certificate authority's file", str(dovecot.ca_file))
    typist.answer("Folder for mails taken in", "")
    typist.answer("Mails it holds already", "")


def written(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "referloop.toml").read_text())


@pytest.mark.skipif(not Path(PROGRAM).exists(), reason="needs dovecot")
def test_from_nothing_to_a_clinic_with_every_part_tried_and_wrong_answers_asked_again(
    dovecot: Dovecot, tmp_path: Path
) -> None:
    clinic = tmp_path / "clinic"
    with typing_at([*REFERLOOP, "setup", str(clinic)], tmp_path) as typist:
        typist.answer("The clinic's name", "")
        typist.wait_for("an answer is needed here")
        typist.answer("The clinic's name", "Maple Street Family Medicine")
        typist.answer("Street address", "")
        typist.answer("Phone for questions", "12")
        typist.wait_for("✗")
        typist.answer("Phone for questions", "(508) 555-0101")
        typist.answer("Time zone", "Worcester")
        typist.wait_for("no such time zone: write one like America/Chicago")
        typist.answer("Time zone", "America/New_York")
        typist.answer("Country", "")
        typist.answer("State", "MA")
        typist.answer("Opens at", "18:00")  # after it closes: the settings themselves say so
        typist.answer("Closes at", "08:00")
        typist.wait_for("must be after opens")
        typist.answer("[c]hange", "c")
        for asked in ("The clinic's name", "Street address", "Phone for questions", "Time zone", "Country", "State"):
            typist.answer(asked, "")
        typist.answer("Opens at", "08:00")
        typist.answer("Closes at", "17:00")

        typist.answer("Send and receive mail?", "")
        typist.answer("Its mail address", "referrals at clinic")
        typist.wait_for("write one plain mail address")
        typist.answer("Its mail address", dovecot.user)
        typist.answer("How it lets us in", "kerberos")
        typist.wait_for("'kerberos' is none of none, microsoft, google")
        typist.answer("How it lets us in", "")
        typist.answer("Outgoing server [smtp.clinic.example]", "localhost")
        typist.answer("Its port [587]", "7")
        typist.answer("Its security [starttls]", "none")
        typist.answer("User there", "-")  # no login; so no password is asked for
        typist.wait_for("Incoming server [imap.clinic.example]: ")  # what comes before its prompt is whole may be lost
        typist.interrupt()
        assert typist.ends() == 1
    assert "go on with referloop setup" in typist.seen

    with typing_at([*REFERLOOP, "setup", str(clinic)], tmp_path) as typist:
        typist.answer("Setup was interrupted (done: clinic). Go on there?", "y")
        answer_mail(typist, dovecot, "not it")
        typist.wait_for("refuses user or password")
        typist.answer("[c]hange", "c")
        answer_mail(typist, dovecot, dovecot.password)
        typist.wait_for("lets us in")
        typist.answer("[k]eep", "k")  # nobody listens at port 7, which is to be mended later

        typist.answer("Who carries faxes [none]", "pigeon")
        typist.wait_for("'pigeon' is none of none, hylafax")
        typist.answer("Who carries faxes", "none")
        answer_rest(typist)
        assert typist.ends() == 0, typist.seen
    assert PASSWORD not in typist.seen
    assert dovecot.password not in typist.seen

    settings = load_settings(clinic / "referloop.toml")
    assert settings.clinic.phone == "+15085550101"
    assert settings.mail.imap.password.get_secret_value() == dovecot.password
    assert settings.mail.smtp.password.get_secret_value() == dovecot.password
    for secret in (clinic / "secrets").iterdir():
        assert secret.stat().st_mode & 0o777 == 0o600
    text = (clinic / "referloop.toml").read_text()
    assert "password = " not in "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    assert 'closes = "17:00"  # Business time ends.' in text, "comments are kept"
    assert "close_on_report = false" in (clinic / "policy.toml").read_text()
    assert not (clinic / ".setup-progress.json").exists()
    with open_desk(settings) as desk:
        assert [(one.name, one.role) for one in desk.access.accounts.everybody()] == [
            ("Maria Gomez", Role.ADMINISTRATOR)
        ]


@pytest.mark.skipif(not Path(PROGRAM).exists(), reason="needs dovecot")
def test_a_mailbox_without_a_password_is_logged_in_to_at_the_end_and_then_tried(tmp_path: Path) -> None:
    clinic = tmp_path / "clinic"
    write_clinic_folder(clinic)
    root = tmp_path / "dovecot"
    with (
        oauth_server() as provider,
        running_dovecot(root, taking_tokens(root, f"{provider.base}/introspect")) as dovecot,
    ):
        own = {  # in place of Microsoft's addresses
            "REFERLOOP_MAIL__OAUTH__DEVICE_URL": f"{provider.base}/device",
            "REFERLOOP_MAIL__OAUTH__TOKEN_URL": f"{provider.base}/token",
        }
        with typing_at([*REFERLOOP, "setup", str(clinic), "--part", "mail"], tmp_path, own) as typist:
            typist.answer("Send and receive mail?", "")
            typist.answer("Its mail address", OWNER)
            typist.answer("How it lets us in", "microsoft")
            typist.answer("The application's id", CLIENT_ID)
            typist.answer("The clinic's tenant: its id or domain [clinic.example]", "")
            typist.answer("Outgoing server [smtp.office365.com]", "localhost")
            typist.answer("Its port", "7")
            typist.answer("Its security", "")
            typist.answer(f"User there [{OWNER}", "")
            typist.answer("Incoming server [outlook.office365.com]", "localhost")  # no password was asked for
            typist.answer("Its port", str(dovecot.tls_port))
            typist.answer("Its security", "")
            typist.answer("User there", "")
            typist.answer("Certificate authority's file", str(dovecot.ca_file))
            typist.answer("Folder for mails taken in", "")
            typist.answer("Mails it holds already", "yesterday")
            typist.wait_for("write now, all, or a date like 2026-01-31")
            typist.answer("Mails it holds already", "2026-11-01")
            typist.wait_for("nobody has logged in to mailbox main yet")
            typist.wait_for("that comes at the end of this setup")
            typist.answer("[k]eep", "k")  # nobody listens at port 7
            typist.answer("Log in to mailbox main now?", "y")
            typist.wait_for(f"Log in as the owner of {OWNER}")
            typist.wait_for("type the code WDJB-MJHT")
            provider.answer = "approved"
            typist.wait_for("mailbox main is open")
            typist.wait_for("lets us in")
            assert typist.ends() == 0, typist.seen
        mail = written(clinic)["mail"]
        assert (mail["oauth"]["provider"], mail["oauth"]["tenant"]) == ("microsoft", "clinic.example")
        assert mail["imap"]["since"] == "2026-11-01"
        assert [one.name for one in (clinic / "secrets").iterdir()] == ["code_key"], "no password was asked for"
        with typing_at([*REFERLOOP, "setup", str(clinic), "--part", "policy"], tmp_path, own) as typist:
            typist.answer("close its referral by itself?", "")
            assert typist.ends() == 0, "a mailbox that is open is not asked about again"
        provider.revoke()
        told = subprocess.run(
            [*REFERLOOP, "doctor", "--only", "mailbox", "-c", str(clinic / "referloop.toml")],
            env={"PATH": os.defpath, **own}, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert told.returncode == 1
    assert "mailbox main is shut: the grant was revoked or has expired" in told.stdout
    assert "run `referloop mail login main`" in told.stdout


def test_it_can_be_run_again_to_change_one_part_and_overwrites_only_when_told(tmp_path: Path) -> None:
    answers = tmp_path / "answers.toml"
    answers.touch(mode=0o600)
    answers.write_text(
        '[clinic]\nname = "Maple Street"\nphone = "5085550101"\nzone = "America/New_York"\n'
        "[mail]\nenabled = false\n[web]\nport = 18471\n"
    )
    clinic = tmp_path / "clinic"
    command = [*REFERLOOP, "setup", str(clinic), "--answers", str(answers)]
    done = subprocess.run(command, env={"PATH": os.defpath}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    before = written(clinic)
    assert before["web"]["port"] == 18471

    with typing_at([*REFERLOOP, "setup", str(clinic)], tmp_path) as typist:
        typist.answer("Its number or name, or all", "web")
        typist.answer("Address to listen on", "")
        typist.answer("Port [18471]", "18472")
        typist.answer("Given already and other than now: Port. Overwrite?", "")
        typist.wait_for("web: left as it was")
        assert typist.ends() == 0
    assert written(clinic) == before
    with typing_at([*REFERLOOP, "setup", str(clinic), "--part", "web"], tmp_path) as typist:
        typist.answer("Address to listen on", "")
        typist.answer("Port [18471]", "18472")
        typist.answer("Overwrite?", "y")
        assert typist.ends() == 0
    before["web"]["port"] = 18472
    assert written(clinic) == before


def run_unattended(folder: Path, text: str, *options: str, mode: int = 0o600) -> "subprocess.CompletedProcess[str]":
    answers = folder / "answers.toml"
    answers.write_text(text)
    answers.chmod(mode)
    command = [*REFERLOOP, "setup", str(folder / "clinic"), "--answers", str(answers), *options]
    return subprocess.run(command, env={"PATH": os.defpath}, capture_output=True, text=True, timeout=120, check=False)


CLINIC = '[clinic]\nname = "Maple Street"\nphone = "+15085550101"\nzone = "America/New_York"\n[web]\nport = 18473\n'


def test_an_unattended_run_stops_at_a_fault_unless_told_otherwise(tmp_path: Path) -> None:
    line = '[mail]\nenabled = false\n[fax]\ncarrier = "hylafax"\nnumber = "+15085550100"\nhylafax_port = 7\n'
    done = run_unattended(tmp_path, CLINIC + line)
    assert done.returncode == 1
    assert "HylaFAX at localhost:7 does not answer" in done.stdout
    assert written(tmp_path / "clinic")["fax"]["carrier"] == "none", "what does not work is not written"
    done = run_unattended(tmp_path, CLINIC + line, "--keep-faults", "--overwrite")
    assert done.returncode == 0, done.stdout + done.stderr
    assert written(tmp_path / "clinic")["fax"]["carrier"] == "hylafax"


@pytest.mark.parametrize(
    ("text", "mode", "said"),
    [
        ('[clinic]\nnmae = "x"\n', 0o600, "nobody asks for clinic.nmae"),
        (CLINIC, 0o644, "may hold passwords and everybody may read it"),
        ('[clinic]\nname = "x"\nphone = "1"\n', 0o600, "answer clinic.phone"),
        ("[clinic\n", 0o600, "is no TOML"),
        ("[mail]\nenabled = false\n", 0o600, "answer clinic.name: an answer is needed here"),
    ],
)
def test_a_file_of_answers_that_will_not_do_is_one_line(tmp_path: Path, text: str, mode: int, said: str) -> None:
    done = run_unattended(tmp_path, text, mode=mode)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_terminal_and_without_answers_nobody_is_asked(tmp_path: Path) -> None:
    command = [*REFERLOOP, "setup", str(tmp_path / "clinic")]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "nobody is there to ask" in done.stderr
    assert not (tmp_path / "clinic").exists()
