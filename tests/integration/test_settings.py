from pathlib import Path

import pytest

from config.errors import SettingsError
from config.load import load_settings
from config.policy_file import load_policy
from config.settings import Settings
from config.template import as_toml, keys, sections, settings_template, write_clinic_folder
from scripts.document_settings import PAGE, settings_page


@pytest.fixture
def clinic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh clinic's referloop.toml, in an environment that says nothing."""
    for name in ("REFERLOOP_CONFIG", "CREDENTIALS_DIRECTORY", "NOTIFY_SOCKET", "WATCHDOG_USEC"):
        monkeypatch.delenv(name, raising=False)
    return write_clinic_folder(tmp_path / "clinic")[0]


def rewrite(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def complaint(file: Path | None) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings(file)
    return str(caught.value)


def test_every_setting_is_in_the_written_file_with_its_default_and_a_word_about_it() -> None:
    text = settings_template()
    for section, model in sections():
        table = text.partition(f"\n[{section}]\n")[2].partition("\n[")[0]
        for name, field in keys(model).items():
            line = next(line for line in table.splitlines() if line.removeprefix("# ").startswith(f"{name} = "))
            assert field.description
            assert line.endswith(f"# {field.description}")
            if name != "policy_file":
                assert f"{name} = {as_toml(field.get_default(call_default_factory=True))}  #" in line


def test_a_fresh_folder_loads_as_the_defaults_whether_its_comments_are_taken_away_or_not(clinic: Path) -> None:
    commented = load_settings(clinic)
    lines = clinic.read_text(encoding="utf-8").splitlines()
    bare = [line.removeprefix("# ") if " = " in line else line for line in lines]
    clinic.write_text("\n".join(bare), encoding="utf-8")
    assert load_settings(clinic) == commented
    assert commented.clinic == Settings().clinic
    assert commented.followup.policy_file == clinic.parent / "policy.toml"
    assert load_policy(commented.followup.policy_file) == load_policy()


def test_init_never_writes_over_what_is_there(clinic: Path) -> None:
    before = (clinic.parent / "secrets" / "code_key").read_text(encoding="utf-8")
    with pytest.raises(SettingsError, match="exists already"):
        write_clinic_folder(clinic.parent)
    assert (clinic.parent / "secrets" / "code_key").read_text(encoding="utf-8") == before


def test_the_key_is_for_its_owner_alone(clinic: Path) -> None:
    assert (clinic.parent / "secrets" / "code_key").stat().st_mode & 0o777 == 0o600
    assert (clinic.parent / "secrets").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('fax_number = ""', 'fax_numbr = ""', "unknown key clinic.fax_numbr; did you mean clinic.fax_number?"),
        ("[web]", "[wbe]", "unknown key wbe; did you mean web?"),
        ("# port = 8470", "port = 70000", "web.port: Input should be less than or equal to 65535"),
        ('fax_number = ""', 'fax_number = "508 555 0100"', "like +15085550100"),
        ('zone = "America/New_York"', 'zone = "Worcester"', "clinic.zone: no such time zone"),
        ('carrier = "none"', 'carrier = "fax"', "fax.carrier: Input should be 'none', 'hylafax',"),
        ('# opens = "08:00"', 'opens = "8 am"', "clinic.opens: write a time of day"),
    ],
)
def test_a_mistake_names_the_key_the_file_the_line_and_the_fix(clinic: Path, old: str, new: str, said: str) -> None:
    rewrite(clinic, old, new)
    line = clinic.read_text(encoding="utf-8")[: clinic.read_text(encoding="utf-8").index(new)].count("\n") + 1
    assert complaint(clinic).startswith(f"{clinic}, line {line}: ")
    assert said in complaint(clinic)


@pytest.mark.parametrize(
    ("said", "complained"),
    [
        ({"host": "0.0.0.0"}, "web: host 0.0.0.0 can be reached from elsewhere, and passwords must not"),
        ({"host": "10.0.0.7", "tls_certificate": "c.pem"}, "web: tls_certificate and tls_key go together"),
        ({"host": "10.0.0.7", "tls_proxies": '["10.0.0.8"]'}, "web: names is empty"),
        ({"tls_proxies": '["proxy.example"]'}, "web.tls_proxies: 'proxy.example' is no address"),
    ],
)
def test_the_pages_are_never_reached_from_elsewhere_in_the_clear(
    clinic: Path, monkeypatch: pytest.MonkeyPatch, said: dict[str, str], complained: str
) -> None:
    for name, value in said.items():
        monkeypatch.setenv(f"REFERLOOP_WEB__{name.upper()}", value)
    assert complained in complaint(clinic)


def test_the_pages_may_be_reached_from_elsewhere_over_tls(clinic: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = {"HOST": "0.0.0.0", "NAMES": '["desk.example"]', "TLS_CERTIFICATE": "c.pem", "TLS_KEY": "k.pem"}
    for name, value in told.items():
        monkeypatch.setenv(f"REFERLOOP_WEB__{name}", value)
    web = load_settings(clinic).web
    assert web.is_secure
    assert web.tls_key == clinic.parent / "k.pem"


def test_two_mistakes_are_told_at_once(clinic: Path) -> None:
    rewrite(clinic, "# port = 8470", "port = 70000")
    rewrite(clinic, "# workers = 1", "workers = 0")
    assert len(complaint(clinic).splitlines()) == 2


def test_the_loopback_line_is_used_only_where_the_settings_name_it(clinic: Path) -> None:
    assert load_settings(clinic).fax.carrier == "none"
    rewrite(clinic, 'carrier = "none"', 'carrier = "loopback"')
    assert "clinic.fax_number is empty" in complaint(clinic)
    rewrite(clinic, 'fax_number = ""', 'fax_number = "+15085550100"')
    assert load_settings(clinic).fax.carrier == "loopback"


def test_the_environment_goes_before_credentials_and_these_before_the_file(
    clinic: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rewrite(clinic, '# password = ""  # Better given as credential smtp', 'password = "of file"  # smtp')
    assert load_settings(clinic).mail.smtp.password.get_secret_value() == "of file"
    credential = tmp_path / "smtp_password"
    credential.write_text("of systemd\n", encoding="utf-8")
    credential.chmod(0o400)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert load_settings(clinic).mail.smtp.password.get_secret_value() == "of systemd"
    monkeypatch.setenv("REFERLOOP_MAIL__SMTP__PASSWORD", "of environment")
    assert load_settings(clinic).mail.smtp.password.get_secret_value() == "of environment"


def test_a_slip_in_a_variables_name_is_found(clinic: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REFERLOOP_WEB__PROT", "80")
    assert complaint(clinic) == "environment variable REFERLOOP_WEB__PROT: unknown key web.prot; did you mean web.port?"


def test_a_bad_value_in_a_variable_names_the_variable(clinic: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REFERLOOP_WEB__PORT", "eighty")
    assert complaint(clinic).startswith("environment variable REFERLOOP_WEB__PORT: web.port: ")


def test_a_list_in_a_variable_must_be_json(clinic: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REFERLOOP_MAIL__IMAP__FOLDERS", "INBOX")
    assert "as JSON" in complaint(clinic)
    monkeypatch.setenv("REFERLOOP_MAIL__IMAP__FOLDERS", '["INBOX", "Fax In"]')
    assert load_settings(clinic).mail.imap.folders == ["INBOX", "Fax In"]


def test_a_missing_a_short_or_an_open_key_is_refused_with_the_fix(clinic: Path) -> None:
    key = clinic.parent / "secrets" / "code_key"
    key.chmod(0o644)
    assert f"chmod 600 {key}" in complaint(clinic)
    key.chmod(0o600)
    key.write_text("short", encoding="utf-8")
    assert "shorter than 32" in complaint(clinic)
    key.unlink()
    assert "referloop init" in complaint(clinic)


def test_a_secret_that_is_a_folder_or_no_text_names_its_key(clinic: Path) -> None:
    key = clinic.parent / "secrets" / "code_key"
    key.write_bytes(b"\xff\xfe\x00" * 20)
    assert "code_key is read from it" in complaint(clinic)
    key.unlink()
    key.mkdir(mode=0o700)
    assert str(key) in complaint(clinic)


def test_no_complaint_shows_a_secret(clinic: Path) -> None:
    rewrite(clinic, '# password = ""', 'password = ["maple-leaf"]')
    assert "hylafax.password" in complaint(clinic)
    assert "maple" not in complaint(clinic)
    assert "maple" not in repr(load_settings_with_password(clinic))


def load_settings_with_password(clinic: Path) -> Settings:
    rewrite(clinic, 'password = ["maple-leaf"]', 'password = "maple-leaf"')
    return load_settings(clinic)


def test_relative_paths_lie_beside_the_file_and_watched_folders_follow_the_data(
    clinic: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load_settings(clinic).inbox.scan_dir == clinic.parent / "data" / "scans"
    monkeypatch.setenv("REFERLOOP_STORAGE__DATA_DIR", str(tmp_path / "state"))
    assert load_settings(clinic).inbox.drop_dir == tmp_path / "state" / "drop"
    rewrite(clinic, '# drop_dir = "data/drop"', 'drop_dir = "elsewhere"')
    assert load_settings(clinic).inbox.drop_dir == clinic.parent / "elsewhere"


def test_the_file_is_found_by_variable_or_in_the_working_folder(
    clinic: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "`referloop init DIR` writes one" in complaint(None)
    monkeypatch.setenv("REFERLOOP_CONFIG", str(clinic))
    assert load_settings().storage.data_dir == clinic.parent / "data"
    monkeypatch.delenv("REFERLOOP_CONFIG")
    monkeypatch.chdir(clinic.parent)
    assert load_settings().storage.data_dir == clinic.parent / "data"


def test_what_systemd_says_reaches_the_daemon_but_is_no_setting(clinic: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", "/run/systemd/notify")
    monkeypatch.setenv("WATCHDOG_USEC", "30000000")
    settings = load_settings(clinic)
    assert (settings.notify_socket, settings.watchdog_s) == ("/run/systemd/notify", 30.0)
    clinic.write_text('notify_socket = "here"\n' + clinic.read_text(encoding="utf-8"), encoding="utf-8")
    assert "unknown key notify_socket" in complaint(clinic)


def test_the_page_about_settings_is_the_settings() -> None:
    assert PAGE.read_text(encoding="utf-8") == settings_page(), "run: python -m scripts.document_settings"


@pytest.mark.parametrize(
    ("section", "lines", "said"),
    [
        ("fax.sinch", 'url = "https://fax.twilio.com"', "Twilio ended Programmable Fax on 17 December 2021"),
        ("fax.telnyx", 'url = "https://API.twilio.com:443/"', "Twilio ended Programmable Fax on 17 December 2021"),
        ("fax.signalwire", 'url = "http://example.signalwire.com"', "begins with https://"),
        ("fax.signalwire", 'url = "https://"', "begins with https://"),
        ("fax.callbacks", 'public_url = "http://fax.clinic.example"', "begins with https://"),
        ("fax.callbacks", 'listen = "8471"', "like 127.0.0.1:8471"),
        ("fax.callbacks", 'listen = "127.0.0.1:99999"', "like 127.0.0.1:8471"),
    ],
)
def test_an_address_that_cannot_be_a_carriers_is_refused_with_the_reason(
    clinic: Path, section: str, lines: str, said: str
) -> None:
    rewrite(clinic, f"[{section}]\n", f"[{section}]\n{lines}\n")
    assert said in complaint(clinic)


@pytest.mark.parametrize(
    ("carrier", "said"),
    [
        ("sinch", "fax.sinch.project_id is empty"),
        ("telnyx", "fax.telnyx.connection_id is empty"),
        ("signalwire", "fax.signalwire.url is empty"),
    ],
)
def test_a_carrier_without_an_account_is_refused(clinic: Path, carrier: str, said: str) -> None:
    rewrite(clinic, 'carrier = "none"', f'carrier = "{carrier}"')
    assert said in complaint(clinic)


def test_signalwire_without_a_public_address_is_refused(clinic: Path) -> None:
    rewrite(clinic, 'carrier = "none"', 'carrier = "signalwire"')
    account = 'url = "https://example.signalwire.com"\nproject_id = "p1"\n'
    rewrite(clinic, "[fax.signalwire]\n", f"[fax.signalwire]\n{account}")
    assert "fax.callbacks.public_url" in complaint(clinic)


def test_a_carriers_secrets_come_from_systemd_and_are_never_shown(
    clinic: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "credentials"
    folder.mkdir(mode=0o700)
    for name in ("sinch_secret", "telnyx_key", "signalwire_token", "signalwire_signing_key", "callback_password"):
        (folder / name).write_text(f"secret of {name}\n", encoding="utf-8")
        (folder / name).chmod(0o600)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    fax = load_settings(clinic).fax
    assert fax.sinch.key_secret.get_secret_value() == "secret of sinch_secret"
    assert fax.telnyx.api_key.get_secret_value() == "secret of telnyx_key"
    assert fax.signalwire.token.get_secret_value() == "secret of signalwire_token"
    assert fax.signalwire.signing_key.get_secret_value() == "secret of signalwire_signing_key"
    assert fax.callbacks.password.get_secret_value() == "secret of callback_password"
    assert "secret of" not in repr(fax)
