"""Tags for our pages: money with its currency, and the age of a figure."""

from datetime import datetime
from decimal import Decimal

from django import template
from django.utils.safestring import SafeString

from accounts import showing

register = template.Library()


@register.simple_tag
def money(amount: Decimal | None, currency: str) -> SafeString | str:
    """Right-aligned, with the currency: {% money deal.amount deal.currency %}."""
    return showing.money(amount, currency)


@register.simple_tag
def as_of(when: datetime | None) -> SafeString | str:
    """The age of a figure: {% as_of deal.read_at %}."""
    return showing.as_of(when)
