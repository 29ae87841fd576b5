"""SignalWire's callbacks: its signature checked, its form read, and answered in the XML that it asks for.

Three kinds come to one address: how a sent packet fares (our key stands in the address), a call that wants to know
what to do (answered with Receive or Reject), and a fax that has come in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from outbound.callbacks import Callback, Told
from outbound.carriers.cloud_sending import CloudReference, is_id, read_reference
from outbound.carriers.signalwire_words import SignalWireFax, fax_told, status_of

_FORM = "application/x-www-form-urlencoded"
_ENDED = ("received", "failed")


@dataclass(frozen=True, slots=True)
class Heard:
    """What a callback says; `received` is the fax it announces, if it does."""

    told: Told
    received: SignalWireFax | None = None
    station_id: str = ""


def hear(callback: Callback, signing_key: str, own_number: str, callback_url: str) -> Heard | None:
    """Read a callback; None if it is not signed with the key."""
    fields = _signed_fields(callback, signing_key)
    if fields is None:
        return None
    fax = fax_told(fields)
    key = dict(parse_qsl(urlsplit(callback.url).query)).get("key", "")
    if key:
        return Heard(_of_a_sent_packet(key, fax))
    if not is_id(fax.sid):
        return Heard(Told())
    if fax.status in _ENDED:
        return Heard(Told(answer=_xml()), fax, fields.get("RemoteStationId", ""))
    return Heard(Told(answer=_xml("receive" if fax.to == own_number else "reject", callback_url)))


def _of_a_sent_packet(key: str, fax: SignalWireFax) -> Told:
    reference = str(CloudReference("SW", key, fax.sid))
    if not fax.sid or read_reference("SW", reference) is None:
        return Told()
    return Told(key, reference, status_of(fax))


def _signed_fields(callback: Callback, signing_key: str) -> Mapping[str, str] | None:
    """The form, if its signature holds. A field that comes twice is signed in no agreed way, and refused."""
    from twilio.request_validator import RequestValidator

    headers = callback.headers
    signature = headers.get("x-signalwire-signature") or headers.get("x-twilio-signature") or ""
    is_form = headers.get("content-type", "").partition(";")[0].strip().lower() == _FORM
    if not signing_key or not signature or not is_form:
        return None
    try:
        pairs = parse_qsl(callback.body.decode("utf-8"), keep_blank_values=True, max_num_fields=100)
    except ValueError:
        return None
    fields = dict(pairs)
    holds = len(fields) == len(pairs) and RequestValidator(signing_key).validate(callback.url, fields, signature)
    return fields if holds else None


def _xml(verb: str = "", callback_url: str = "") -> str:
    from twilio.twiml.fax_response import FaxResponse

    answer = FaxResponse()
    if verb == "receive":
        answer.receive(action=callback_url, method="POST", media_type="application/pdf", page_size="letter")
    elif verb == "reject":
        answer.add_child("Reject")
    return str(answer)
