"""What can be wrong with what a clinic wrote in its files."""


class SettingsError(Exception):
    """A setting cannot be used; the message names the key, the file and the fix."""
