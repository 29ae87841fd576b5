"""Phone and fax numbers as people write them, to E.164."""


def to_e164(text: str, region: str = "US") -> str:
    """The number in E.164; an extension is left out, because E.164 has none.

    Raises:
        ValueError: saying what to write instead.
    """
    import phonenumbers  # 30 MB of number plans: only a process that takes in forms pays for them

    fix = "write it as +15085550100, or as (508) 555-0100"
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as error:
        raise ValueError(f"{text!r} is no phone number: {fix}") from error
    if not phonenumbers.is_valid_number(number):
        raise ValueError(f"{text!r} is not a number that can be dialled (check each digit): {fix}")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def to_fax_number(text: str, region: str = "US") -> str:
    """As `to_e164`, but an extension is refused: no fax machine can dial it.

    Raises:
        ValueError: saying what to write instead.
    """
    import phonenumbers

    number = to_e164(text, region)
    if phonenumbers.parse(text, region).extension:
        raise ValueError(f"{text!r} has an extension, which a fax call cannot dial: write the direct fax number")
    return number
