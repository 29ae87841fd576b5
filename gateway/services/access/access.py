"""Everything about who may come in, wired once for the pages and for the command line."""

from dataclasses import dataclass

from gateway.domain.person import Person, Role
from gateway.domain.session import Limits
from gateway.services.access.accounts import Accounts
from gateway.services.access.audit_log import AuditLog
from gateway.services.access.kept_answers import KeptAnswers
from gateway.services.access.log_in import LogIn
from gateway.services.access.passwords import Passwords
from gateway.services.access.ports import AccessStore
from gateway.services.access.second_factor import SecondFactor, seal_of_factors
from gateway.services.access.single_sign_on import Admission, SingleSignOn, seal_of_ways
from gateway.services.access.stays import Stays
from gateway.services.access.tokens import Tokens
from gateway.services.ports import Clock


@dataclass(frozen=True, slots=True)
class Access:
    """The use cases, over one store and one clock."""

    clock: Clock
    accounts: Accounts
    log_in: LogIn
    stays: Stays
    second_factor: SecondFactor
    audit: AuditLog
    tokens: Tokens
    answers: KeptAnswers
    single_sign_on: SingleSignOn | None
    second_factor_for: frozenset[Role]

    def lacks_second_factor(self, person: Person) -> bool:
        """Whether they must set one up before anything else; of who has no password here the provider sees to it."""
        return person.role in self.second_factor_for and person.has_password and not person.has_second_factor


def open_access(
    store: AccessStore,
    clock: Clock,
    *,
    key: bytes,
    limits: Limits,
    second_factor_for: frozenset[Role] = frozenset(),
    passwords: Passwords | None = None,
    passwords_for_all: bool = True,
    admission: Admission | None = None,
) -> Access:
    """Wire the use cases; `admission` says whom the identity provider lets in, if there is one.

    `key` is the clinic's: the first administrator's code and the seals are made of it.
    """
    proving = passwords or Passwords()
    stays = Stays(store, clock, limits)
    seal = seal_of_factors(key)
    return Access(
        clock=clock,
        accounts=Accounts(store, clock, proving, key),
        log_in=LogIn(store, clock, proving, stays, seal, only_administrators=not passwords_for_all),
        stays=stays,
        second_factor=SecondFactor(store, clock, seal),
        audit=AuditLog(store, clock),
        tokens=Tokens(store, clock),
        answers=KeptAnswers(store, clock),
        single_sign_on=SingleSignOn(store, clock, stays, proving, seal_of_ways(key), admission) if admission else None,
        second_factor_for=second_factor_for,
    )
