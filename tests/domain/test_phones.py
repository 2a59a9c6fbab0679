"""Plain phone numbers are read from the tables of `phonenumbers`: always as it would read them itself."""

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncjobs.domain.phones import _asked, normal_phone

pytestmark = pytest.mark.pure
REGIONS = st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS))
NUMBERS = st.from_regex(r"\A(\+[1-9]|0)[0-9]{1,4}[ -]?[0-9]{2,9}\Z")


@settings(max_examples=400)
@given(NUMBERS, REGIONS)
def test_the_short_way_reads_every_number_as_the_long_one(phone: str, region: str) -> None:
    assert normal_phone(phone, region) == _asked(phone, region)


@settings(max_examples=400)
@given(NUMBERS, REGIONS)
def test_numbers_with_the_countrys_own_code_too(phone: str, region: str) -> None:
    abroad = f"+{phonenumbers.country_code_for_region(region)} {phone.lstrip('+0')}"
    assert normal_phone(abroad, region) == _asked(abroad, region)
