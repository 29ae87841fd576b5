"""SignalWire's Twilio-compatible API, asked through the `twilio` package's client, in threads.

The client would take its region from the environment and write it into the host's name, wait for ever and log
numbers: here it has an environment of its own, a timeout, no proxy or login from elsewhere, and a silent logger.
"""

import asyncio
import json
import logging
from typing import Any, Literal

from outbound.carriers.cloud_http import CloudHttp
from outbound.errors import CarrierSilent, CarrierTrouble, CarrierUnreachable

_TIMEOUT_S = 60.0
_NO_ENVIRONMENT = {"TWILIO_EDGE": ""}  # an empty one would be taken for none
_silent = logging.Logger("signalwire", level=logging.CRITICAL + 1)

Method = Literal["GET", "POST", "DELETE"]


class SignalWireApi:
    """Requests below `/Accounts/{project}`; `http` keeps the peace that the carrier asks for."""

    def __init__(self, http: CloudHttp, project_id: str, token: str) -> None:
        self._http = http
        self._project = project_id
        self._token = token
        self._path = f"/api/laml/2010-04-01/Accounts/{project_id}"

    async def ask(self, method: Method, path: str, fields: dict[str, str] | None = None) -> Any:
        """One request; `path` begins below the account, or with /api where the carrier named it.

        Raises:
            CarrierTrouble: which one says whether the request may have been carried out.
        """
        self._http.check_quiet()
        url = self._http.base_url + (path if path.startswith("/api/") else self._path + path)
        status, text, retry_after = await asyncio.to_thread(self._request, method, url, fields or {})
        if (trouble := self._http.trouble(status, retry_after)) is not None:
            raise trouble
        return _json(text)

    def _request(self, method: Method, url: str, fields: dict[str, str]) -> tuple[int, str, str]:
        import requests
        from twilio.http.http_client import TwilioHttpClient
        from twilio.rest import Client

        http = TwilioHttpClient(pool_connections=True, timeout=_TIMEOUT_S, logger=_silent)
        assert http.session is not None  # noqa: S101 - pool_connections makes one
        http.session.trust_env = False
        client = Client(self._project, self._token, http_client=http, environment=_NO_ENVIRONMENT)
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


def _json(text: str) -> Any:
    if not text.strip():
        return None
    try:
        return json.loads(text)
    except ValueError as error:
        raise CarrierSilent("SignalWire's answer is not JSON") from error
