"""The signatures that a mail carries (DKIM, RFC 6376), verified with keys that somebody else has looked up.

Owns the verdict on each signature and on the mail. Asks no name server: `key_names` says what to look up, and
`checked` is handed what was found. Vouches for a domain only where that domain signed the whole body and is the
sender's own; a signature with a length limit under which text was added is a failure.
"""

import re
from collections.abc import Mapping, Sequence
from email.message import Message

from dkim import DKIM, DKIMException, KeyFormatError, UnknownKeyTypeError, evaluate_pk
from dkim.canonicalization import CanonicalizationPolicy, InvalidCanonicalizationPolicyError
from dkim.util import InvalidTagValueList, parse_tag_value

from parsers import mail_headers
from parsers.reading import SignatureCheck, SignatureKind, SignatureResult

MOST_SIGNATURES = 5  # a mail has one to three; each costs a question to a name server
_LEAST_RSA_BITS = 1024  # RFC 8301
_NAME = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])")
_LONGEST_NAME = 253
_MULTI_PART = frozenset({"co", "com", "org", "net", "gov", "edu", "ac", "nhs"})  # second levels under a country

KeyRecords = Mapping[str, str]
"""TXT records by name; an empty text: there is none; a name that is missing: nobody could say."""


def key_names(message: Message) -> tuple[str, ...]:
    """The DNS names of the keys that the mail's signatures name, each once; names that cannot be are left out."""
    names = [_key_name(tags) for tags in _signatures(message)]
    return tuple(dict.fromkeys(name for name in names if name))


def checked(data: bytes, message: Message, records: KeyRecords) -> tuple[SignatureCheck, ...]:
    """The verdict on each signature of the mail whose raw bytes are `data`, topmost first."""
    sender = next(iter(mail_headers.addresses(message, "From")), "").rpartition("@")[2]
    verifier = DKIM(data, minkey=_LEAST_RSA_BITS)
    return tuple(_check(verifier, place, tags, sender, records) for place, tags in enumerate(_signatures(message)))


def failed_signature(checks: Sequence[SignatureCheck]) -> str:
    """Why the sender is to be doubted, as `dkim=fail (…)`; empty where nothing failed or the sender's own holds."""
    checks = [one for one in checks if one.kind is SignatureKind.DKIM]
    if any(one.result is SignatureResult.HOLDS and one.is_senders_own for one in checks):
        return ""
    failure = next((one for one in checks if one.result is SignatureResult.FAIL), None)
    return f"dkim=fail ({failure.domain or 'no domain'}: {failure.reason})" if failure else ""


def _signatures(message: Message) -> list[dict[str, str]]:
    """The tags of each DKIM-Signature; empty for one that cannot be taken apart."""
    return [_tags(value) for value in mail_headers.values(message, "DKIM-Signature")[:MOST_SIGNATURES]]


def _tags(value: str) -> dict[str, str]:
    try:
        found = parse_tag_value(value.encode("utf-8", "replace"))
    except (InvalidTagValueList, ValueError, TypeError):
        return {}
    return {name.decode("utf-8", "replace"): text.decode("utf-8", "replace").strip() for name, text in found.items()}


def _key_name(tags: dict[str, str]) -> str:
    name = f"{tags.get('s', '')}._domainkey.{tags.get('d', '')}".lower()
    return name if len(name) <= _LONGEST_NAME and _NAME.fullmatch(name) else ""


def _check(verifier: DKIM, place: int, tags: dict[str, str], sender: str, records: KeyRecords) -> SignatureCheck:
    domain = tags.get("d", "").lower()[:_LONGEST_NAME]
    is_own = is_same_organisation(domain, sender)
    result, reason = _verdict(verifier, place, tags, records)
    return SignatureCheck(domain, result, reason, is_own)


def _verdict(verifier: DKIM, place: int, tags: dict[str, str], records: KeyRecords) -> tuple[SignatureResult, str]:
    name = _key_name(tags)
    if not name:
        return SignatureResult.FAIL, "the signature names no domain and key"
    if name not in records:
        return SignatureResult.UNCHECKED, "could not check: no name server answered for its key"
    if not records[name]:
        return SignatureResult.FAIL, "the key that the signature names does not exist"
    return _verified(verifier, place, tags, name, records[name].encode("utf-8", "replace"))


def _verified(verifier: DKIM, place: int, tags: dict[str, str], name: str, key: bytes) -> tuple[SignatureResult, str]:

    def found(_name: bytes, timeout: int = 5) -> bytes:
        del timeout
        return key

    try:
        evaluate_pk(name.encode(), key)
        holds = verifier.verify(place, dnsfunc=found)
    except KeyFormatError:
        return SignatureResult.FAIL, "the key that the signature names is withdrawn, damaged or too short"
    except UnknownKeyTypeError:
        return SignatureResult.UNCHECKED, "could not check: a kind of key that is not known here"
    except DKIMException as error:
        is_body = "body hash" in str(error)
        return SignatureResult.FAIL, "the body was changed after signing" if is_body else "the signature is malformed"
    except (ValueError, TypeError, LookupError, ArithmeticError):
        return SignatureResult.FAIL, "the signature or its key is malformed"
    if not holds:
        return SignatureResult.FAIL, "the signature does not fit the mail's headers and the key"
    if not _covers_all(verifier, tags):
        return SignatureResult.FAIL, "only the beginning of the body is signed (l=): the rest may be a stranger's"
    return SignatureResult.HOLDS, ""


def _covers_all(verifier: DKIM, tags: dict[str, str]) -> bool:
    """Whether nothing stands in the body beyond a length limit of the signature."""
    if "l" not in tags:
        return True
    try:
        policy = CanonicalizationPolicy.from_c_value(tags["c"].encode() if "c" in tags else None)
        return int(tags["l"]) >= len(policy.canonicalize_body(verifier.body))
    except (InvalidCanonicalizationPolicyError, ValueError):
        return False


def is_same_organisation(one: str, other: str) -> bool:
    """Whether two domains share the part that is registered, as DMARC's relaxed alignment asks.

    Without the list of public suffixes: the last two labels, three under a country's second level.
    """
    return bool(one) and bool(other) and _registered(one) == _registered(other)


def _registered(domain: str) -> str:
    labels = domain.lower().strip(".").split(".")
    is_deeper = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _MULTI_PART
    return ".".join(labels[-3:] if is_deeper else labels[-2:])
