"""A clinic's day in minutes: `python -m bench traffic`."""
