"""Documents and money: what is sold, what is billed, and the life of a sale becoming a draft invoice."""

from invoicing.models.accounts import Account
from invoicing.models.conversions import Conversion, Frozen
from invoicing.models.documents import Deal, Invoice, Quote
from invoicing.models.figures import Written
from invoicing.models.money import Allocation, CreditNote, Payment, Receivable
from invoicing.models.price_lists import ListPrice, PriceList
from invoicing.models.prices import PriceCheck, PriceDrift, PriceStep, SoldProduct
from invoicing.models.proofs import Proof, ProofPage

__all__ = [
    "Account", "Allocation", "Conversion", "CreditNote", "Deal", "Frozen", "Invoice", "ListPrice", "Payment",
    "PriceCheck", "PriceDrift", "PriceList", "PriceStep", "Proof", "ProofPage", "Quote", "Receivable", "SoldProduct",
    "Written",
]  # fmt: skip
