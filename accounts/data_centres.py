"""The data centres as people know them, in the order in which they are offered."""

DATA_CENTRES = (
    ("eu", "Europe (zoho.eu)"),
    ("us", "United States (zoho.com)"),
    ("in", "India (zoho.in)"),
    ("au", "Australia (zoho.com.au)"),
    ("jp", "Japan (zoho.jp)"),
    ("ca", "Canada (zohocloud.ca)"),
    ("sa", "Saudi Arabia (zoho.sa)"),
    ("uk", "United Kingdom (zoho.uk)"),
    ("cn", "China (zoho.com.cn)"),
)


def centre_name(code: str) -> str:
    """A data centre as people know it."""
    return dict(DATA_CENTRES).get(code, "the simulator")
