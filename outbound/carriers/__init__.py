"""Fax carriers, one vendor a file; each passes the one contract test."""
