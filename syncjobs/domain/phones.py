"""Phone numbers as E.164, what `phonenumbers` would say, without asking it where its own tables leave no doubt."""

import re
from collections.abc import Callable
from functools import cache

import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

_ABROAD = re.compile(r"\+[1-9][0-9]*(?:[ -][0-9]+)*")
_AT_HOME = re.compile(r"0[1-9][0-9]*(?:[ -][0-9]+)*")
_NOT_DIGIT = re.compile(r"[^0-9]+")
# Digits of a number as people write it (with or without the trunk prefix), or None where there is doubt.
Reading = Callable[[str, bool], str | None]


def normal_phone(phone: str, country: str = "DE") -> str:
    """E.164; a number that can't be one gives the empty key. A local number is read as that country's."""
    return _plain(phone, country) or _asked(phone, country)


def _plain(phone: str, country: str) -> str | None:
    if _ABROAD.fullmatch(phone):
        digits = _NOT_DIGIT.sub("", phone)
        for size in (1, 2, 3):
            code = int(digits[:size])
            if code in COUNTRY_CODE_TO_REGION_CODE:
                found = _country(COUNTRY_CODE_TO_REGION_CODE[code][0])(digits[size:], False)
                return f"+{code}{found}" if found else None
    elif _AT_HOME.fullmatch(phone) and country:
        found = _country(country)(_NOT_DIGIT.sub("", phone), True)
        return f"+{phonenumbers.country_code_for_region(country)}{found}" if found else None
    return None


@cache
def _country(region: str) -> Reading:
    """How a country's plain numbers are read; those of odd countries never."""
    data = PhoneMetadata.metadata_for_region(region, None)
    if data is None or data.general_desc is None or data.national_prefix_transform_rule:
        return lambda digits, at_home: None
    lengths = frozenset(data.general_desc.possible_length)
    prefix = re.compile(data.national_prefix_for_parsing or r"(?!)")
    valid = re.compile(data.general_desc.national_number_pattern or r"(?!)")
    zero = data.national_prefix == data.national_prefix_for_parsing == "0" and data.international_prefix == "00"

    def read(digits: str, at_home: bool) -> str | None:
        if at_home and (not zero or valid.fullmatch(digits)):
            return None
        number = digits[1:] if at_home else digits
        plain = len(number) in lengths and not number.startswith("0") and (at_home or not prefix.match(number))
        return number if plain else None

    return read


def _asked(phone: str, country: str) -> str:
    try:
        found = phonenumbers.parse(phone, country)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(found):
        return ""
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)
