"""Use cases, one a file, in short transactions."""
