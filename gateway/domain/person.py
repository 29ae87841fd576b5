"""Who works with the clinic's referrals, and what each may do. Pure."""

from enum import StrEnum


class Role(StrEnum):
    """What a person may do; each may also do what those before it may."""

    VIEWER = "viewer"  # sees referrals
    STAFF = "staff"  # settles the queue, sends, cancels
    MANAGER = "manager"  # reads the audit log
    ADMINISTRATOR = "administrator"  # adds and shuts out people

    def allows(self, needed: "Role") -> bool:
        """Whether this role may do what `needed` may."""
        order = list(Role)
        return order.index(self) >= order.index(needed)
