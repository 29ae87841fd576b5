"""A mailbox folder as a source of arrivals. The only place that knows aioimaplib."""

from gateway.inbound.imap.account import Backoff, ImapAccount
from gateway.inbound.imap.connection import Connection
from gateway.inbound.imap.errors import LoginRefused, MailboxFault
from gateway.inbound.imap.watcher import ImapWatcher, Places

__all__ = ["Backoff", "Connection", "ImapAccount", "ImapWatcher", "LoginRefused", "MailboxFault", "Places"]
