"""The HTTP API under /api/v1: for programs, with tokens; each group of endpoints is one file, listed in `app.py`."""
