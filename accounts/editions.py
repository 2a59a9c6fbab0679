"""What each Zoho edition allows: calls a day and at once (facts Books 2, CRM 5). Pure; 0 means that nobody knows."""

from dataclasses import dataclass

BOOKS_PLANS = ("Free", "Standard", "Professional", "Premium", "Elite", "Ultimate")
BOOKS_DAY = {"free": 1_000, "standard": 2_000, "professional": 5_000}
BOOKS_DAY_LARGE = 10_000
CRM_EDITIONS = ("Free", "Standard", "Professional", "Enterprise", "Ultimate")
CRM_NAMES = {"starter": "standard", "zohoone": "enterprise", "crmplus": "ultimate"}
CRM_BASE, CRM_FREE_DAY = 50_000, 5_000
CRM_PER_USER = {"standard": 250, "professional": 500, "enterprise": 1_000, "ultimate": 2_000}
CRM_MOST = {"standard": 100_000, "professional": 3_000_000, "enterprise": 5_000_000}
CRM_AT_ONCE = {"free": 5, "standard": 10, "professional": 15, "enterprise": 20, "ultimate": 25}
# Ours of what Zoho lets all apps of the organisation have in flight; heavy CRM calls share 10 in every edition.
BOOKS_OURS, BOOKS_OURS_FREE, CRM_OURS = 6, 3, 8


@dataclass(frozen=True)
class Allowance:
    """Calls (Books) or credits (CRM) in a day, and how many calls zbridge may have in flight."""

    day: int
    at_once: int


def books_allowance(plan: str) -> Allowance:
    """By the plan's name in any spelling; a plan that is not listed says nothing about the day."""
    name = _plain(plan)
    known = name in {_plain(one) for one in BOOKS_PLANS}
    day = BOOKS_DAY.get(name, BOOKS_DAY_LARGE) if known else 0
    return Allowance(day, BOOKS_OURS_FREE if name == "free" else BOOKS_OURS)


def crm_allowance(edition: str, users: int) -> Allowance:
    """By the edition and the users it was bought for; CRM counts credits over the last 24 hours."""
    name = CRM_NAMES.get(_plain(edition), _plain(edition))
    if name == "free":
        return Allowance(CRM_FREE_DAY, _share(CRM_AT_ONCE["free"]))
    if name not in CRM_PER_USER:
        return Allowance(0, CRM_OURS)
    day = CRM_BASE + CRM_PER_USER[name] * users
    return Allowance(min(day, CRM_MOST.get(name, day)), _share(CRM_AT_ONCE[name]))


def _share(at_once: int) -> int:
    """Six of ten, so that other apps find room."""
    return min(CRM_OURS, at_once * 6 // 10)


def _plain(name: str) -> str:
    return name.lower().replace(" ", "").replace("_", "")
