"""Steps and who carries them out. A job is only a nudge; the row is the truth."""
