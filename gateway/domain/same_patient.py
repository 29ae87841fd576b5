"""Whether two referrals are the same patient's, as far as what the clinic typed tells. Pure."""

from gateway.domain.matching.names import folded
from gateway.domain.referral import Patient


def patient_key(patient: Patient) -> str:
    """Equal for two referrals of one patient: the MRN, else the name and birth date."""
    if key := mrn_key(patient.mrn):
        return key
    return f"name:{folded(patient.family)}|{folded(patient.given)}|{patient.birth_date}"


def mrn_key(mrn: str) -> str:
    """The key of an MRN, however it is spaced and padded; empty for none."""
    plain = "".join(char for char in mrn if char.isalnum()).lstrip("0").casefold()
    return f"mrn:{plain}" if plain else ""


def is_same_patient(one: Patient, other: Patient) -> bool:
    """By MRN where both have one, else by name and birth date."""
    if mrn_key(one.mrn) and mrn_key(other.mrn):
        return mrn_key(one.mrn) == mrn_key(other.mrn)
    told = [(folded(each.family), folded(each.given), each.birth_date) for each in (one, other)]
    return told[0] == told[1]
