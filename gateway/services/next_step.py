"""What the chase does next, in words: on a referral's page and in the report of open loops."""

from config.policy import Clock, Policy, StepKind

_STEPS = {
    StepKind.RESEND: "a second request goes out",
    StepKind.OTHER_CHANNEL: "a request by another channel goes out",
    StepKind.CALL: "staff are asked to call",
    StepKind.TELL_CLINICIAN: "the referring clinician is told",
}


def next_step(policy: Policy, urgency: str, clock: Clock, rung: int) -> str:
    """The step that is taken when this clock runs out after so many steps."""
    tier = policy.tiers.get(urgency) or next(iter(policy.tiers.values()))
    ladder = tier.ladders[clock]
    return _STEPS[ladder[min(rung, len(ladder) - 1)].step] if ladder else "it is looked at"
