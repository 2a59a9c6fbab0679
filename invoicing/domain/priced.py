"""A line whose price in the sale isn't its item's in Books, and which of the two is billed. Pure."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from invoicing.domain.documents import PricePolicy


class Why(StrEnum):
    """What decided the price."""

    RULE = "rule"
    CHOSEN = "chosen"
    ACCEPTED = "accepted"
    PART = "part"


@dataclass(frozen=True, kw_only=True)
class PricedLine:
    """A line whose price in the sale isn't Books': both unit prices, what follows, why, and a person's reason.

    `price_list`: the one of Books whose rate it is; empty where it is the item's own.
    """

    source_id: str
    product_id: str
    name: str
    quantity: Decimal
    sale: Decimal
    books: Decimal
    follows: PricePolicy
    why: Why
    reason: str = ""
    price_list: str = ""

    @property
    def billed(self) -> Decimal:
        """The unit price that is billed where nothing stops it, or once a person said so."""
        return self.books if self.follows is PricePolicy.BOOKS else self.sale
