"""`referloop certificate`, what it refuses, and the doctor's word before a certificate ends."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.load import load_settings
from config.template import write_clinic_folder
from gateway.doctor.certificates import CertificatesCheck
from gateway.doctor.finding import Level
from gateway.domain.event import EventKind
from gateway.errors import NotFound, UnusableCertificate
from gateway.mail_keys import end_notices, own_ends
from gateway.services.keep_certificates import KeepCertificates
from gateway.storage.store import SqlStore
from gateway.testing import FixedClock, memory_store
from tests.rigs.examined import found_by, wrong_with
from tests.rigs.openssl_office import Authority

OFFICE = "desk@office.example"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.made(tmp_path_factory.mktemp("authority"))


def a_clinic(folder: Path, **smime: str) -> Path:
    config = write_clinic_folder(folder / "clinic")[0]
    lines = "".join(f'{name} = "{value}"\n' for name, value in smime.items())
    config.write_text(
        '[clinic]\nreply_address = "referrals@clinic.example"\n[fax]\ncarrier = "none"\n'
        f'[mail]\nenabled = true\nfrom_address = "referrals@clinic.example"\n[mail.smime]\n{lines}'
    )
    return config


def referloop(config: Path, *command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "gateway.cli", *command, "-c", str(config)],
        env={"PATH": os.defpath}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_certificate_is_put_on_file_listed_and_removed(tmp_path: Path, authority: Authority) -> None:
    config, office = a_clinic(tmp_path), authority.office(OFFICE)
    added = referloop(config, "certificate", "add", str(office.certificate))
    assert added.returncode == 0, added.stderr
    assert f"{OFFICE}: mail is encrypted until" in added.stdout
    shown = subprocess.run(
        ["openssl", "x509", "-noout", "-fingerprint", "-sha256", "-in", str(office.certificate)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    fingerprint = shown.stdout.strip().partition("=")[2]
    assert fingerprint in added.stdout
    (row,) = json.loads(referloop(config, "certificate", "list", "--json").stdout)
    assert (row["address"], row["sha256"], row["warning"]) == (OFFICE, fingerprint, "")
    assert OFFICE in referloop(config, "certificate", "list").stdout
    assert "mail goes unencrypted again" in referloop(config, "certificate", "remove", OFFICE.upper()).stdout
    assert json.loads(referloop(config, "certificate", "list", "--json").stdout) == []
    gone = referloop(config, "certificate", "remove", OFFICE)
    assert (gone.returncode, "no certificate is on file" in gone.stderr) == (1, True)
    assert "0 faults" not in referloop(config, "doctor", "--verify").stdout


def test_every_change_is_an_event_and_a_newer_certificate_takes_the_place(authority: Authority) -> None:
    store = memory_store()
    keep = KeepCertificates(store, FixedClock(datetime.now(UTC) + timedelta(minutes=5)))
    first, second = authority.office(OFFICE), authority.office(OFFICE)
    keep.add(first.certificate.read_bytes(), "", "Lena")
    keep.add(second.certificate.read_bytes(), OFFICE, "Lena")
    assert keep.pem_of(OFFICE.title()) == second.certificate.read_text()
    assert [one.saved_by for one in keep.everybody()] == ["Lena"]
    keep.remove(OFFICE, "Lena")
    with pytest.raises(NotFound):
        keep.remove(OFFICE, "Lena")
    with store.transaction() as tx:
        kinds = [one.event.kind for one in tx.events()]
    assert kinds == [EventKind.CERTIFICATE_SAVED, EventKind.CERTIFICATE_SAVED, EventKind.CERTIFICATE_REMOVED]
    assert list(store.verify_chain()) == []
    store.close()


def test_what_nothing_could_be_encrypted_for_is_refused_with_its_reason(authority: Authority) -> None:
    store = memory_store()
    keep = KeepCertificates(store, FixedClock(datetime.now(UTC) + timedelta(minutes=5)))
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
    cases = {
        "is no RSA key": authority.office(OFFICE, key=curve),
        "has 1024 bits": authority.office(OFFICE, key=("-newkey", "rsa:1024")),
        "is for signing alone": authority.office(OFFICE, usage="digitalSignature"),
        "is not for mail": authority.office(OFFICE, purpose="serverAuth"),
        "ended on 2022": authority.office(OFFICE, since="200101", days=730),
        "say with --address": authority.office(OFFICE, names="DNS:office.example"),
    }
    for said, office in cases.items():
        with pytest.raises(UnusableCertificate, match=said):
            keep.add(office.certificate.read_bytes(), "", "Lena")
    with pytest.raises(UnusableCertificate, match=r"is not for someone@else\.example but for desk@office\.example"):
        keep.add(authority.office(OFFICE).certificate.read_bytes(), "someone@else.example", "Lena")
    for junk in (b"", b"junk", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"):
        with pytest.raises(UnusableCertificate, match="is no certificate"):
            keep.add(junk, "", "Lena")
    whole = keep.add(cases["say with --address"].certificate.read_bytes(), OFFICE, "Lena")
    assert whole.address == OFFICE
    store.close()


async def test_the_doctor_says_before_a_certificate_ends(tmp_path: Path, authority: Authority) -> None:
    own = authority.office("referrals@clinic.example", days=12)
    config = a_clinic(tmp_path, certificate=str(own.certificate), key=str(own.key))
    settings = load_settings(config)
    found = await found_by(CertificatesCheck(settings))
    assert found[0][0] is Level.DOUBT
    assert "referrals@clinic.example's certificate expires in 11 days" in found[0][1]
    settings.storage.data_dir.mkdir(parents=True, exist_ok=True)
    store = SqlStore.open(f"sqlite:///{settings.storage.data_dir / 'referloop.sqlite'}")
    keep = KeepCertificates(store, FixedClock(datetime.now(UTC) + timedelta(minutes=5)))
    keep.add(authority.office(OFFICE, days=9).certificate.read_bytes(), "", "Lena")
    keep.add(authority.office("long@office.example").certificate.read_bytes(), "", "Lena")
    old = KeepCertificates(store, FixedClock(datetime(2020, 6, 1, tzinfo=UTC)))
    old.add(authority.office("old@office.example", since="200101", days=365).certificate.read_bytes(), "", "Lena")
    assert keep.ended() == ["the certificate of old@office.example ended on 2021-01-01: ask for the new one"]
    store.close()
    wrong = await wrong_with(CertificatesCheck(settings))
    until = (datetime.now(UTC) + timedelta(days=9)).strftime("%Y-%m-%d")
    assert f"the certificate of desk@office.example ends on {until} -> ask for the next one, and" in wrong
    assert "the certificate of old@office.example ended on 2021-01-01 -> ask for the new one" in wrong
    assert "long@office.example" not in wrong


def test_the_board_hears_of_our_own_certificate_a_week_before_it_ends(tmp_path: Path, authority: Authority) -> None:
    own = authority.office("referrals@clinic.example", days=6)
    settings = load_settings(a_clinic(tmp_path, certificate=str(own.certificate), key=str(own.key)))
    ends, now = own_ends(settings), datetime.now(UTC)
    (soon,) = end_notices(ends, now)
    assert soon.startswith("our certificate of referrals@clinic.example ends on")
    assert end_notices(ends, now - timedelta(days=3)) == []
    (over,) = end_notices(ends, now + timedelta(days=7))
    assert "packets wait for the new one" in over


async def test_files_that_do_not_belong_together_or_lie_open_are_faults(tmp_path: Path, authority: Authority) -> None:
    one, other = authority.office("referrals@clinic.example"), authority.office("kids@clinic.example")
    config = a_clinic(tmp_path, certificate=str(one.certificate), key=str(other.key))
    assert "is the key of another certificate" in await wrong_with(CertificatesCheck(load_settings(config)))
    config = a_clinic(tmp_path / "b", certificate=str(other.certificate), key=str(other.key))
    assert "is not for referrals@clinic.example" in await wrong_with(CertificatesCheck(load_settings(config)))
    one.key.chmod(0o644)
    config = a_clinic(tmp_path / "c", certificate=str(one.certificate), key=str(one.key))
    assert "everybody may read the key" in await wrong_with(CertificatesCheck(load_settings(config)))
    served = referloop(config, "serve")
    assert (served.returncode, "everybody may read the key" in served.stderr) == (1, True)
