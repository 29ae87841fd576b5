"""Opening a referral from a checked intake: once per sender's own id, under a number of its own."""

from config.reference import mint_number
from gateway.domain.referral import Intake, Referral
from gateway.services.ports import Clock, Store, Transaction


def open_referral(store: Store, clock: Clock, intake: Intake, *, actor: str) -> tuple[Referral, bool]:
    """The referral for this intake and whether it is new; the same external id twice opens one."""
    with store.transaction() as tx:
        return opened(tx, clock, intake, actor)


def opened(tx: Transaction, clock: Clock, intake: Intake, actor: str, number: str = "") -> tuple[Referral, bool]:
    """As `open_referral`, inside a transaction; under a number that was kept for it, unless another has it."""
    if known := tx.referral_known_as(intake.origin, intake.external_id):
        return known, False
    tx.recipient(intake.recipient_id)
    if not number or tx.referral_numbered(number) is not None:
        number = free_number(tx)
    return tx.add_referral(intake, number, clock.now(), actor), True


def free_number(tx: Transaction) -> str:
    """A new number that neither a referral nor a draft has."""
    number = mint_number()
    while tx.number_is_taken(number):
        number = mint_number()
    return number
