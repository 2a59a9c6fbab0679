"""Zoho's data centres as code: the only hosts that zbridge ever calls (facts CRM 1.1; reliability 8, 2-4)."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from zbridge.zoho.errors import WrongHost

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True)
class Region:
    """One data centre; the four addresses carry scheme and host, no path and no slash at the end."""

    code: str
    accounts: str
    api: str
    books_web: str
    crm_web: str


def _zoho(code: str, domain: str, api: str) -> Region:
    return Region(
        code, f"https://accounts.{domain}", f"https://www.{api}", f"https://books.{domain}", f"https://crm.{domain}"
    )


REGIONS: dict[str, Region] = {
    found.code: found
    for found in (
        _zoho("us", "zoho.com", "zohoapis.com"),
        _zoho("eu", "zoho.eu", "zohoapis.eu"),
        _zoho("in", "zoho.in", "zohoapis.in"),
        _zoho("au", "zoho.com.au", "zohoapis.com.au"),
        _zoho("jp", "zoho.jp", "zohoapis.jp"),
        _zoho("ca", "zohocloud.ca", "zohoapis.ca"),
        _zoho("sa", "zoho.sa", "zohoapis.sa"),
        _zoho("uk", "zoho.uk", "zohoapis.uk"),
        _zoho("cn", "zoho.com.cn", "zohoapis.com.cn"),
    )
}


def region(code: str) -> Region:
    """The data centre of a code or of the consent redirect's `location`; unknown ones raise WrongHost."""
    if code not in REGIONS:
        raise WrongHost(message=f"no data centre is called {code!r}")
    return REGIONS[code]


def simulator(base_url: str) -> Region:
    """A region whose every address is the simulator's; plain http, and only on this machine."""
    parts = urlsplit(base_url.rstrip("/"))
    host = parts.hostname or ""
    bare = f"[{host}]" if ":" in host else host
    expected = f"http://{bare}" + (f":{parts.port}" if parts.port else "")
    if host not in LOOPBACK or expected != base_url.rstrip("/"):
        raise WrongHost(message="the simulator must be an http address on this machine")
    return Region("simulator", expected, expected, expected, expected)


def check_url(here: Region, url: str) -> None:
    """Refuse a URL whose scheme and host are not exactly the region's accounts or API address.

    Exact text equality also refuses user names, ports, look-alike endings and http (reliability 8, 4).
    """
    parts = urlsplit(url)
    if f"{parts.scheme}://{parts.netloc}" not in {here.accounts, here.api} or parts.fragment:
        raise WrongHost(message=f"{parts.scheme}://{parts.hostname or ''} is not the {here.code} data centre")


def check_api_domain(here: Region, api_domain: str) -> None:
    """Refuse a token answer that names another API host than the table does."""
    if api_domain.rstrip("/") != here.api:
        raise WrongHost("oauth", message=f"the token is for another API host than that of data centre {here.code}")
