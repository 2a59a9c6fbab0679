"""The filters that most reports share, as conditions of their queries."""

from datetime import date

from invoicing.reports import reps
from invoicing.reports.asked import Asked
from invoicing.reports.shape import Rows


def in_month(asked: Asked, rows: Rows, day: str) -> Rows:
    """Of the month asked for; all where none was."""
    if asked.first is None:
        return rows
    return rows.filter(**{f"{day}__gte": asked.first, f"{day}__lte": asked.last})


def of_customers(asked: Asked, rows: Rows) -> Rows:
    """Documents of Books by currency, by the beginning of the customer's name, and by who looks after it."""
    if asked.get("currency"):
        rows = rows.filter(currency=asked.get("currency"))
    if asked.get("customer"):
        rows = rows.filter(customer_name__istartswith=asked.get("customer"))
    if asked.get("rep"):
        rows = rows.filter(customer_id__in=reps.customers_of(asked.connection, asked.get("rep")).values("books_id"))
    return rows


def nearest(asked: Asked, rows: Rows, day: str) -> date | None:
    """The last day up to the month's end that has a row, else the first after it."""
    days, last = rows.values_list(day, flat=True), asked.last or asked.today
    found: date | None = days.filter(**{f"{day}__lte": last}).order_by(f"-{day}").first()
    after: date | None = None if found else days.exclude(**{day: None}).order_by(day).first()
    return found or after
