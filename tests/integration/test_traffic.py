"""A clinic's day in two minutes through the real daemon: nothing grows, nothing is lost, twice or left lying."""

from pathlib import Path

import pytest

from bench.day.traffic import Plan, measure
from tests.rigs.dovecot import PROGRAM


@pytest.mark.slow
@pytest.mark.skipif(not Path(PROGRAM).exists(), reason="needs dovecot")
def test_a_day_of_traffic_leaves_the_daemon_as_it_was_and_nothing_undone(tmp_path: Path) -> None:
    figures = measure(Plan("loopback", minutes=2.0, referrals=16), tmp_path)
    missed = [f"{figure.what}: {figure.worst:g} {figure.unit}" for figure in figures if figure.is_kept is False]
    assert missed == []
    told = {figure.what: figure.worst for figure in figures}
    assert told["packets sent"] >= 16
    assert told["faxes, mails and scans that came in"] > 8
