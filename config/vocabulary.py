"""The words that paper, reader and referral share.

Owns the closed lists printed on the confirmation form or named in JSON; refuses any behaviour.
"""

from enum import StrEnum


class DocumentKind(StrEnum):
    """What an arrived document is, in the words of `referloop read --json`."""

    CONFIRMATION = "confirmation"
    APPOINTMENT_NOTICE = "appointment_notice"
    CONSULT_NOTE = "consult_note"
    RESULT = "result"
    DECLINE = "decline"
    INFORMATION_REQUEST = "information_request"
    NO_SHOW = "no_show"
    NEW_REFERRAL = "new_referral"
    BOUNCE = "bounce"
    AUTO_REPLY = "auto_reply"
    OTHER = "other"


class AnswerId(StrEnum):
    """The tick boxes of the confirmation form; the values are box ids of its geometry."""

    RECEIVED = "received"
    ACCEPTED_WAITING = "accepted_waiting"
    APPOINTMENT_BOOKED = "appointment_booked"
    ALREADY_SEEN = "already_seen"
    NO_SHOW = "no_show"
    UNABLE_TO_REACH_PATIENT = "unable_to_reach_patient"
    PATIENT_DECLINED = "patient_declined"
    DECLINED_SPECIALTY = "declined_specialty"
    DECLINED_CAPACITY = "declined_capacity"
    DECLINED_INSURANCE = "declined_insurance"
    DECLINED_OTHER = "declined_other"
    NEED_INFORMATION = "need_information"
    WRONG_OFFICE = "wrong_office"
    APPOINTMENT_AM = "appointment_am"
    APPOINTMENT_PM = "appointment_pm"


class CombId(StrEnum):
    """The comb fields of the confirmation form, one digit a cell."""

    APPOINTMENT_DATE = "appointment_date"  # MMDDYY
    APPOINTMENT_TIME = "appointment_time"  # HHMM, 12-hour, beside AM and PM boxes


class ServiceKind(StrEnum):
    """What the patient is referred for."""

    SPECIALIST_CONSULT = "specialist_consult"
    PROCEDURE = "procedure"
    LAB = "lab"
    IMAGING = "imaging"
    EMERGENCY_DEPARTMENT = "emergency_department"
    HOSPITAL = "hospital"
    THERAPY = "therapy"
    COMMUNITY_RESOURCE = "community_resource"


class Channel(StrEnum):
    """How paper travels, out or in."""

    FAX = "fax"
    EMAIL = "email"
    SCAN = "scan"
    HAND = "hand"
