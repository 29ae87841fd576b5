import json
import subprocess
import sys

PATIENT = "Abernathy, 1950-01-31"

STORY = f"""
import asyncio, logging, threading
from gateway.logs import set_up_logging
set_up_logging("DEBUG", STYLE)
log = logging.getLogger("gateway.services")
log.info("filed", extra={{"action": "match", "referral_id": 7}})
log.info("two\\nlines", extra={{"action": "odd"}})

def fail():
    raise ValueError("no such person: {PATIENT}")

def fail_from():
    try:
        fail()
    except ValueError as error:
        raise RuntimeError("cannot file {PATIENT}") from error

try:
    fail_from()
except RuntimeError:
    log.exception("step failed", extra={{"action": "match"}})

logging.getLogger("aioimaplib.aioimaplib").debug("FETCH {PATIENT}")
logging.getLogger("pdfminer.psparser").info("{PATIENT}")
logging.getLogger("uvicorn.access").info("GET /?q={PATIENT}")
log.info("bad %d", "{PATIENT}")

async def forgotten():
    task = asyncio.ensure_future(asyncio.to_thread(fail))
    await asyncio.sleep(0.1)
    del task

async def grouped():
    async with asyncio.TaskGroup() as group:
        group.create_task(asyncio.to_thread(fail))

asyncio.run(forgotten())
thread = threading.Thread(target=fail)
thread.start()
thread.join()
asyncio.run(grouped())
"""


def tell(style: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", STORY.replace("STYLE", repr(style))], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "Abernathy" not in done.stderr
    assert "Abernathy" not in done.stdout
    return done.stderr.splitlines()


def test_json_lines_hold_one_event_each_and_no_text_of_a_stranger() -> None:
    events = [json.loads(line) for line in tell("json")]
    by_message = {event["message"]: event for event in events}
    assert by_message["filed"] | {"level": "INFO", "action": "match", "referral_id": 7} == by_message["filed"]
    assert by_message["two\nlines"]["action"] == "odd"
    assert by_message["step failed"]["error_at"].startswith("RuntimeError at <string>:")
    assert " from ValueError at <string>:" in by_message["step failed"]["error_at"]
    crashes = [event["error_at"] for event in events if event["message"] == "crashed"]
    assert [crash.partition(" ")[0] for crash in crashes] == ["ValueError", "ExceptionGroup"]
    assert ": ValueError at <string>:" in crashes[1]
    assert any(event["logger"] == "asyncio" for event in events)


def test_text_lines_hold_one_event_each_and_no_text_of_a_stranger() -> None:
    lines = tell("text")
    assert any(line.endswith("INFO gateway.services filed action=match referral_id=7") for line in lines)
    assert any("two | lines" in line for line in lines)
    assert any("step failed | RuntimeError at" in line for line in lines)
