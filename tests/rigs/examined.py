"""What one check of `referloop doctor` says."""

from gateway.doctor.examine import examine
from gateway.doctor.finding import Check, Level


async def found_by(check: Check) -> list[tuple[Level, str, str]]:
    """Its findings: level, what is, how to mend it."""
    (examined,) = await examine([check], lambda name, words: None, lambda one: None)
    return [(one.level, one.what, one.mend) for one in examined.findings]


async def wrong_with(check: Check) -> str:
    """Everything but what is well, as one text; empty where all is."""
    return "\n".join(f"{what} -> {mend}" for level, what, mend in await found_by(check) if level is not Level.WELL)
