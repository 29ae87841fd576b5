"""SignalWire's Twilio-compatible API, asked through the `twilio` package's client, in threads."""

import asyncio
import json
from typing import Any

from outbound.carriers.cloud_http import CloudHttp
from outbound.carriers.twilio_client import Method, request
from outbound.errors import CarrierSilent

_TIMEOUT_S = 60.0


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
        status, text, retry_after = await asyncio.to_thread(
            request, (self._project, self._token), method, url, fields or {}, _TIMEOUT_S
        )
        if (trouble := self._http.trouble(status, retry_after)) is not None:
            raise trouble
        return _json(text)


def _json(text: str) -> Any:
    if not text.strip():
        return None
    try:
        return json.loads(text)
    except ValueError as error:
        raise CarrierSilent("SignalWire's answer is not JSON") from error
