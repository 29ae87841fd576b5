"""Which referral a document answers: one clue a file, one place that decides."""
