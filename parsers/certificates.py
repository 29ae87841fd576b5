"""For whom a certificate is: mail addresses, and the whole domains that Direct's organisations have them for."""

from cryptography import x509
from cryptography.x509.oid import NameOID


def names(certificate: x509.Certificate, address: str) -> bool:
    """Whether a certificate is for this mail address, or for its whole domain."""
    address = address.lower()
    return address in addresses(certificate) or address.rpartition("@")[2] in _domains(certificate)


def addresses(certificate: x509.Certificate) -> tuple[str, ...]:
    """The mail addresses that a certificate is for, in lower case."""
    told = _alternatives(certificate)
    found = list(told.get_values_for_type(x509.RFC822Name)) if told else []
    found += [str(one.value) for one in certificate.subject.get_attributes_for_oid(NameOID.EMAIL_ADDRESS)]
    return tuple(dict.fromkeys(one.lower() for one in found if "@" in one))


def _domains(certificate: x509.Certificate) -> tuple[str, ...]:
    told = _alternatives(certificate)
    found = [*told.get_values_for_type(x509.DNSName), *told.get_values_for_type(x509.RFC822Name)] if told else []
    return tuple(one.lower() for one in found if "@" not in one)


def _alternatives(certificate: x509.Certificate) -> x509.SubjectAlternativeName | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return None
