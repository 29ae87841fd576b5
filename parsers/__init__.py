"""Bytes in, a Reading out. No database, no network, no clock; never heard of referrals."""
