"""Watchers: each brings arrived bytes to the one door, receive_document."""
