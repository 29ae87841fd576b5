"""What the exchange's script says becomes the fate of each call."""

from pathlib import Path

import pytest

from outbound.carriers.loopback_script import Fate, LineScript, fate_of_call, read_script
from outbound.errors import CarrierMisconfigured
from outbound.sender import Cause


def test_busy_and_no_answer_come_first_and_then_the_line_is_cut_once() -> None:
    script = LineScript(busy=2, no_answer=1, cut_after_page=1)
    fates = [fate_of_call(script, ordinal, 3) for ordinal in range(1, 7)]
    assert [fate.cause for fate in fates] == [
        Cause.BUSY,
        Cause.BUSY,
        Cause.NO_ANSWER,
        Cause.LINE,
        Cause.NONE,
        Cause.NONE,
    ]
    assert [fate.pages for fate in fates] == [0, 0, 0, 1, 3, 3]


def test_a_voice_answers_every_call() -> None:
    assert all(fate_of_call(LineScript(voice=True, busy=1), n, 2).cause is Cause.NOT_A_FAX for n in (1, 2, 9))


def test_a_cut_after_the_last_page_is_no_cut() -> None:
    assert fate_of_call(LineScript(cut_after_page=2), 1, 2) == Fate(Cause.NONE, 2)


def test_no_script_and_no_table_are_a_good_line(tmp_path: Path) -> None:
    assert read_script(tmp_path / "script.toml", "+15085550100") == LineScript()


@pytest.mark.parametrize(
    "text",
    [
        "busy 2",
        '["+15085550100"]\nbuzy = 2',
        '["+15085550100"]\nbusy = true',
        '["+15085550100"]\nvoice = 1',
        '["+15085550100"]\nbusy = -1',
        '["+15085550100"]\nbusy = 1.5',
        '"+15085550100" = "busy"',
        '["+15085550100"\n',
    ],
)
def test_a_slip_in_the_script_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "script.toml"
    path.write_text(text)
    with pytest.raises(CarrierMisconfigured, match=r"script\.toml"):
        read_script(path, "+15085550100")


def test_every_documented_key_is_read(tmp_path: Path) -> None:
    path = tmp_path / "script.toml"
    path.write_text(
        '["+15085550100"]\nbusy = 2\nno_answer = 1\ncut_after_page = 3\ncut_calls = 2\nvoice = true\n'
        "wrong_number = true\nrejected = true\nsilent = true\nlate_seconds = 5\nrepeat_events = true\n"
    )
    assert read_script(path, "+15085550100") == LineScript(2, 1, 3, 2, True, True, True, True, 5, True)
