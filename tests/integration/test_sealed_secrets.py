"""Secrets of authenticator apps lie sealed in the database; those an older Referloop kept plain are sealed at once."""

from datetime import UTC, datetime
from pathlib import Path

from pyotp.totp import TOTP
from sqlalchemy import text

from config.load import load_settings
from gateway.desk import database_url, open_desk
from gateway.domain.person import Role
from gateway.services.access.accounts import By
from gateway.services.access.log_in import LetIn
from gateway.services.access.sealing import Seal
from gateway.storage.engine import connect
from tests.rigs.site import PASSWORD, a_site

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def test_a_secret_kept_plain_is_sealed_when_the_store_is_opened_and_its_codes_still_let_in(tmp_path: Path) -> None:
    with a_site(tmp_path) as site:
        site.person("Maria", Role.STAFF)
        settings = load_settings(tmp_path / "clinic" / "referloop.toml")
    engine = connect(database_url(settings))
    with engine.begin() as rows:
        rows.execute(text("UPDATE people SET totp_secret = :secret"), {"secret": SECRET})
    with open_desk(settings) as desk:
        with engine.begin() as rows:
            kept = rows.execute(text("SELECT totp_secret FROM people")).scalar_one()
        assert kept.startswith("sealed1:")
        assert SECRET not in kept
        first = desk.access.log_in.with_password("Maria", PASSWORD, "127.0.0.1")
        assert isinstance(first, LetIn)
        assert not first.is_whole
        guest = desk.access.stays.guest(first.secret)
        assert guest
        code = TOTP(SECRET).at(datetime.now(UTC))
        assert isinstance(desk.access.log_in.with_code(guest, code, "127.0.0.1"), LetIn)
    with open_desk(settings), engine.begin() as rows:
        assert rows.execute(text("SELECT totp_secret FROM people")).scalar_one() == kept
    engine.dispose()


def test_a_secret_that_is_offered_is_never_stored_as_it_is(tmp_path: Path) -> None:
    with a_site(tmp_path) as site:
        site.person("Maria", Role.STAFF)
        person = site.access.accounts.everybody()[0]
        offered = site.access.second_factor.offer(person.id)
        assert site.access.second_factor.offer(person.id) == offered
        codes = site.access.second_factor.confirm(person.id, TOTP(offered).at(site.clock.now()), "")
        assert len(codes) == 10
        kept = str(site.access.accounts.everybody()[0])
        assert "sealed1:" in kept
        assert offered not in kept
        site.access.accounts.reset_second_factor("Maria", By("test"))
        assert not site.access.accounts.everybody()[0].has_second_factor


def test_what_is_sealed_opens_only_under_its_key_for_its_purpose_and_about_whom_it_was() -> None:
    seal = Seal(b"k" * 40, "one")
    sealed = seal.close("the secret", "maria")
    assert seal.open(sealed, "maria") == "the secret"
    assert sealed != seal.close("the secret", "maria")
    assert seal.open(sealed, "lena") is None
    assert Seal(b"k" * 40, "two").open(sealed, "maria") is None
    assert Seal(b"x" * 40, "one").open(sealed, "maria") is None
    assert seal.open(sealed[:-4] + "AAAA", "maria") is None
    assert seal.open("the secret", "maria") is None
