"""Accounts that were read before keep what their customers owe, too."""

from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

AT_ONCE = 500
Key = tuple[int, str]


def accounts_owe(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    Record = apps.get_model("syncjobs", "Record")
    owed, changed = _owed(apps, _accounts(apps)), []
    for row in Record.objects.filter(kind="account").only("connection_id", "remote_id").order_by().iterator():
        if (row.connection_id, row.remote_id) in owed:
            row.open_count, row.owed_since = owed[row.connection_id, row.remote_id]
            changed.append(row)
    Record.objects.bulk_update(changed, ["open_count", "owed_since"], batch_size=AT_ONCE)


def _accounts(apps: Apps) -> dict[Key, Key]:
    """The account of each customer that is there."""
    records = apps.get_model("syncjobs", "Record").objects.order_by()
    gone = set(records.filter(kind="customer").exclude(gone_at=None).values_list("connection_id", "remote_id"))
    people = records.filter(kind="contact", gone_at=None).values_list("connection_id", "remote_id", "parent_id")
    parents = {(connection, contact): account for connection, contact, account in people.iterator()}
    links = apps.get_model("syncjobs", "Link").objects.filter(pair="customer").order_by()
    rows = links.values_list("connection_id", "books_id", "crm_id").iterator()
    found = {(one, books_id): (one, parents.get((one, crm_id), crm_id)) for one, books_id, crm_id in rows}
    return {customer: account for customer, account in found.items() if customer not in gone}


def _owed(apps: Apps, accounts: dict[Key, Key]) -> dict[Key, tuple[int, Any]]:
    """By account: open invoices, and their oldest due date."""
    rows = apps.get_model("invoicing", "Receivable").objects.filter(open_count__gt=0).order_by()
    found: dict[Key, tuple[int, Any]] = {}
    columns = ("connection_id", "customer_id", "open_count", "oldest_due_on")
    for connection, customer, count, due in rows.values_list(*columns).iterator():
        account = accounts.get((connection, customer))
        if account is not None:
            before, since = found.get(account, (0, None))
            found[account] = before + count, min((day for day in (since, due) if day), default=None)
    return found


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0020_price_that_was_billed"), ("syncjobs", "0030_what_an_account_owes")]
    operations = [migrations.RunPython(accounts_owe, migrations.RunPython.noop)]
