"""Hosts: only the table's, exactly, and only over https."""

import pytest

from zbridge.zoho.errors import WrongHost
from zbridge.zoho.regions import REGIONS, check_api_domain, check_url, region, simulator


@pytest.mark.parametrize("code", sorted(REGIONS))
def test_a_data_centres_own_addresses_pass(code: str) -> None:
    here = region(code)
    check_url(here, f"{here.api}/crm/v8/org?x=1")
    check_url(here, f"{here.accounts}/oauth/v2/token")
    check_api_domain(here, here.api)


@pytest.mark.parametrize(
    "url",
    [
        "http://www.zohoapis.eu/books/v3/invoices", "https://www.zohoapis.eu:8443/x", "https://www.zohoapis.eu:443/x",
        "https://www.zohoapis.eu@evil.test/x", "https://ada:pw@www.zohoapis.eu/x", "https://www.zohoapis.eu.evil.test/",
        "https://evil-zohoapis.eu/x", "https://www.zohoapis.com/x", "https://www.zoh\u043eapis.eu/x",
        "//www.zohoapis.eu/x", "https://accounts.zoho.eu#@evil.test/", "https://accounts.zoho.eu/x#frag",
        "https://accounts.zoho.eu\\@evil.test/",
        "ftp://www.zohoapis.eu/x", "http://127.0.0.1:8900/books/v3/invoices",
    ],
)  # fmt: skip
def test_any_other_address_is_refused(url: str) -> None:
    with pytest.raises(WrongHost):
        check_url(region("eu"), url)


@pytest.mark.parametrize("given", ["https://www.zohoapis.com", "https://evil.test", "", "https://www.zohoapis.eu.evil"])
def test_a_token_for_another_api_host_is_refused(given: str) -> None:
    with pytest.raises(WrongHost):
        check_api_domain(region("eu"), given)


def test_an_unknown_data_centre_is_refused() -> None:
    with pytest.raises(WrongHost):
        region("evil")


def test_the_simulator_is_reached_over_http_on_this_machine() -> None:
    here = simulator("http://127.0.0.1:8900/")
    check_url(here, "http://127.0.0.1:8900/books/v3/invoices")
    assert here.accounts == here.api == "http://127.0.0.1:8900"


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1:8900", "https://127.0.0.1:8900", "http://u@127.0.0.1:8900", "http://127.0.0.1:8900/path"]
)
def test_a_simulator_elsewhere_is_refused(url: str) -> None:
    with pytest.raises(WrongHost):
        simulator(url)
