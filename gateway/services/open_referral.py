"""Opening a referral from a checked intake: once per sender's own id, under a number of its own."""

from config.reference import mint_number
from gateway.domain.referral import Intake, Referral
from gateway.services.ports import Clock, Store


def open_referral(store: Store, clock: Clock, intake: Intake, *, actor: str) -> tuple[Referral, bool]:
    """The referral for this intake and whether it is new; the same external id twice opens one."""
    with store.transaction() as tx:
        if known := tx.referral_known_as(intake.origin, intake.external_id):
            return known, False
        tx.recipient(intake.recipient_id)
        number = mint_number()
        while tx.referral_numbered(number) is not None:
            number = mint_number()
        return tx.add_referral(intake, number, clock.now(), actor), True
