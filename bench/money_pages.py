"""Lists, an account's page and reports over a large mirror, beside a plain ModelAdmin of the same width.

`python -m bench.money_pages ROWS` lays so many invoices into the database of DATABASE_URL and prints JSON: a database
of its own, so that SQLite and PostgreSQL are measured alike.
"""

import importlib
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bench.laying import big_account, lay
from bench.stage import empty

import zbridge.urls  # isort: skip
from accounts.house_list import BoundedPaginator  # isort: skip
from django.contrib import admin  # isort: skip
from django.core.management import call_command  # isort: skip
from django.db import connection as database, models  # isort: skip
from django.test import Client  # isort: skip
from django.test.utils import CaptureQueriesContext  # isort: skip
from django.urls import clear_url_caches, reverse  # isort: skip
from invoicing.models import Account, Invoice, Payment  # isort: skip
from tests.people import browser  # isort: skip
from unfold.admin import ModelAdmin  # isort: skip

TIMES = 7
PLAIN: dict[type[models.Model], tuple[str, ...]] = {
    Account: ("name", "email", "outstanding", "credits", "changed_at", "currency"),
    Invoice: ("number", "customer_name", "status", "total", "balance", "issued_on", "due_on"),
    Payment: ("paid_on", "customer_name", "amount", "invoice_numbers", "unused", "mode", "reference"),
}
LISTS = {
    "accounts": (Account, "/admin/invoicing/account/?tab=all"),
    "accounts, overdue": (Account, "/admin/invoicing/account/?tab=overdue"),
    "accounts, owing": (Account, "/admin/invoicing/account/?tab=owing"),
    "accounts, searched": (Account, "/admin/invoicing/account/?tab=all&q=firm+7"),
    "invoices": (Invoice, "/admin/invoicing/invoice/?tab=all"),
    "invoices, drafts": (Invoice, "/admin/invoicing/invoice/?tab=drafts"),
    "invoices, open": (Invoice, "/admin/invoicing/invoice/?tab=open"),
    "invoices, overdue": (Invoice, "/admin/invoicing/invoice/?tab=overdue"),
    "invoices, made by zbridge": (Invoice, "/admin/invoicing/invoice/?tab=ours"),
    "invoices, searched": (Invoice, "/admin/invoicing/invoice/?tab=all&q=INV-77-"),
    "payments": (Payment, "/admin/invoicing/payment/?tab=all"),
    "payments, not used up": (Payment, "/admin/invoicing/payment/?tab=unused"),
}
PAGES = {
    "report: receivables": "/admin/reports/receivables/",
    "report: invoices of a month": "/admin/reports/invoices/?month=2026-11",
    "report: all invoices": "/admin/reports/invoices/",
}


class Plain(ModelAdmin):
    """What anybody has without us: the columns themselves. Counted within bounds, or ours would win by that alone."""

    list_per_page = 25
    show_full_result_count = False
    paginator = BoundedPaginator
    list_select_related = ("connection",)

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).defer("raw")


@contextmanager
def plain() -> Iterator[None]:
    """The site with plain lists in place of ours."""
    ours = dict(admin.site._registry)
    for model, columns in PLAIN.items():
        ordering = ours[model].ordering or model._meta.ordering
        made = type(f"Plain{model.__name__}", (Plain,), {"list_display": columns, "ordering": ordering})
        admin.site._registry[model] = made(model, admin.site)
    _urls_anew()
    try:
        yield
    finally:
        admin.site._registry.update(ours)
        _urls_anew()


def _urls_anew() -> None:
    importlib.reload(zbridge.urls)
    clear_url_caches()


def ask(client: Client, path: str) -> tuple[float, float, int]:
    """CPU and wall milliseconds (the best of several: others work on this machine), and queries."""
    client.get(path)
    found = []
    for _ in range(TIMES):
        cpu, wall = time.process_time(), time.perf_counter()
        answer = client.get(path)
        found.append(((time.process_time() - cpu) * 1e3, (time.perf_counter() - wall) * 1e3))
        assert answer.status_code == 200, (path, answer.status_code)
    with CaptureQueriesContext(database) as caught:
        client.get(path)
    return min(cpu for cpu, _ in found), min(wall for _, wall in found), len(caught)


def measured(rows: int) -> dict[str, dict[str, float]]:
    """By page: ms, queries, and the ms of the plain list where there is one."""
    lay(rows)
    client = browser("cy")
    # As through a proxy, not as in the demo, whose pages also ask who of its people is there.
    client.defaults |= {"SERVER_NAME": "localhost", "HTTP_X_FORWARDED_FOR": "10.1.2.3"}
    account = big_account()
    with plain():
        base = {model: ask(client, f"/admin/invoicing/{model._meta.model_name}/") for model in PLAIN}
        one = ask(client, f"/admin/invoicing/account/{account.pk}/change/")
    pages = {name: (path, base[model]) for name, (model, path) in LISTS.items()}
    pages["account with 5,000 invoices"] = (reverse("documents:account", args=[account.pk]), one)
    pages |= {name: (path, (0.0, 0.0, 0)) for name, path in PAGES.items()}
    found = {}
    for name, (path, beside) in pages.items():
        cpu, wall, queries = ask(client, path)
        found[name] = {"cpu": cpu, "wall": wall, "queries": queries, "plain_cpu": beside[0], "plain_wall": beside[1]}
    return found


def main() -> None:
    """Lay, measure, print."""
    if database.vendor == "sqlite":
        empty()
    else:
        call_command("migrate", verbosity=0, interactive=False)
    began = time.perf_counter()
    found = measured(int(sys.argv[1]))
    print(json.dumps({"pages": found, "seconds": time.perf_counter() - began}))


if __name__ == "__main__":
    main()
