"""One request through the `twilio` package's client, as two of our carriers make it.

The client would take its region from the environment and write it into the host's name, wait for ever and log
numbers: here it has an environment of its own, a timeout, no proxy or login from elsewhere, and a silent logger.
"""

import logging
from typing import Literal

from outbound.errors import CarrierSilent, CarrierTrouble, CarrierUnreachable

_NO_ENVIRONMENT = {"TWILIO_EDGE": ""}  # an empty one would be taken for none
_silent = logging.Logger("twilio client", level=logging.CRITICAL + 1)

Method = Literal["GET", "POST", "DELETE"]


def request(
    login: tuple[str, str], method: Method, url: str, fields: dict[str, str], timeout_s: float
) -> tuple[int, str, str]:
    """The answer's status, text and Retry-After header; `login` is the account's id and its token.

    Raises:
        CarrierTrouble: which one says whether the request may have been carried out.
    """
    import requests
    from twilio.http.http_client import TwilioHttpClient
    from twilio.rest import Client

    http = TwilioHttpClient(pool_connections=True, timeout=timeout_s, logger=_silent)
    assert http.session is not None  # noqa: S101 - pool_connections makes one
    http.session.trust_env = False
    client = Client(*login, http_client=http, environment=_NO_ENVIRONMENT)
    sent: dict[str, object] = {**fields}
    params, data = (None, sent) if method == "POST" else (sent, None)
    with http.session:
        try:
            answer = client.request(method, url, params, data)
        except requests.RequestException as error:
            raise _trouble(error) from error
    return answer.status_code, answer.text, str((answer.headers or {}).get("Retry-After", ""))


def _trouble(error: Exception) -> CarrierTrouble:
    """A connection that was never made carried nothing; of any other nobody knows."""
    import requests
    from urllib3.exceptions import NewConnectionError

    reason = getattr(error.args[0], "reason", None) if error.args else None
    never_made = isinstance(error, requests.ConnectTimeout | requests.exceptions.SSLError)
    if never_made or isinstance(reason, NewConnectionError):
        return CarrierUnreachable(f"no connection: {type(error).__name__}")
    return CarrierSilent(f"no answer: {type(error).__name__}")
