"""What can go wrong with a mailbox; the watcher answers each with a new connection."""

from gateway.errors import ReferloopError


class MailboxFault(ReferloopError):
    """The connection is of no more use: it was lost, hung, or said what cannot be understood."""


class LoginRefused(MailboxFault):
    """The server does not accept user and password or token: correct mail.imap, or log in again."""
