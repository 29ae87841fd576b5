"""Runs checks beside each other, each within its limit, and tells of each in the order they were given."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gateway.doctor.finding import Check, Finding, Level, fault


@dataclass(frozen=True, slots=True)
class Examined:
    """One check and what it found."""

    name: str
    findings: tuple[Finding, ...]
    seconds: float

    @property
    def level(self) -> Level:
        """The worst of its findings."""
        levels = {finding.level for finding in self.findings}
        return next((level for level in (Level.FAULT, Level.DOUBT) if level in levels), Level.WELL)


Told = Callable[[str, str], None]
"""Hears a check's name and what it does just now; nothing once it is done."""


async def examine(checks: Sequence[Check], told: Told, done: Callable[[Examined], None]) -> list[Examined]:
    """Try all of them at once. `done` hears of each when it and all before it have ended."""
    tasks = [asyncio.ensure_future(_one(check, told)) for check in checks]
    results: list[Examined] = []
    try:
        for task in tasks:
            results.append(await task)
            done(results[-1])
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return results


async def _one(check: Check, told: Told) -> Examined:
    started_at = time.monotonic()
    told(check.name, "…")
    try:
        async with asyncio.timeout(check.limit_s):
            findings = await check.run(lambda words: told(check.name, words))
    except TimeoutError:
        findings = [
            fault(
                f"no end within {check.limit_s:g} s: whatever is asked here does not answer",
                "look whether the server or the disk hangs, then try again with --only " + check.name,
            )
        ]
    except Exception as error:  # noqa: BLE001 - one broken check must not hide what the others find
        findings = [fault(f"the check itself failed: {type(error).__name__}: {error}", "please report this as a bug")]
    told(check.name, "")
    return Examined(check.name, tuple(findings), time.monotonic() - started_at)
