"""How amounts and times look on every page: one way, so that a figure reads the same wherever it stands."""

from datetime import datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from zbridge.money import Money, display


def money(amount: Decimal | None, currency: str) -> SafeString | str:
    """An amount with its currency, to stand right-aligned; a dash where there is none."""
    if amount is None:
        return "–"
    return format_html('<span class="money">{}</span>', display(Money(amount, currency)))


def when(moment: datetime | None) -> SafeString | str:
    """A moment in the reader's zone: the time today, else the day too; the full instant on hover."""
    if moment is None:
        return "–"
    local = timezone.localtime(moment)
    near = local.date() == timezone.localdate()
    text = f"{local:%H:%M}" if near else f"{local:%-d %b %Y, %H:%M}"
    return format_html('<time datetime="{}" title="{}">{}</time>', local.isoformat(), f"{local:%c %Z}", text)


def as_of(moment: datetime | None) -> SafeString | str:
    """The age of a figure, in words."""
    return "not read yet" if moment is None else format_html("as of {}", when(moment))
