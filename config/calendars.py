"""Public holidays of a country, from the `holidays` package."""

from collections.abc import Iterable
from datetime import date

from config.errors import SettingsError


def load_calendar(country: str, subdivision: str, years: Iterable[int]) -> frozenset[date]:
    """The days a clinic there does not work, besides weekends.

    Raises:
        SettingsError: the package knows no such country or subdivision.
    """
    import holidays

    if not country:
        return frozenset()
    try:
        found = holidays.country_holidays(country, subdiv=subdivision or None, years=list(years))
    except NotImplementedError as error:
        place = f"{country}-{subdivision}" if subdivision else country
        raise SettingsError(
            f"clinic.country / clinic.subdivision: no holidays are known for {place!r}; "
            "write an ISO 3166 code such as US and MA, or leave country empty and list clinic.closed_days"
        ) from error
    return frozenset(found)
