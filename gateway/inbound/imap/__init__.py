"""A mailbox folder as a source of arrivals. The only place that knows aioimaplib."""

from gateway.inbound.imap.account import Backoff, ImapAccount
from gateway.inbound.imap.watcher import ImapWatcher, Places

__all__ = ["Backoff", "ImapAccount", "ImapWatcher", "Places"]
