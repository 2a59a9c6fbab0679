"""Raw HTTP to the simulator: no client of ours, no code of the simulator; only what facts/*.md say about the wire."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from time import monotonic, sleep
from typing import Any

import requests

CLIENT = {"client_id": "1000.ZBRIDGEDEMO", "client_secret": "zbridge-demo-secret"}
REFRESH_TOKEN = "1000.zbridge.demo"
DIGITS = re.compile(r"\d{15,19}")
BOOKS_ONE = {
    "contacts": "contact",
    "items": "item",
    "invoices": "invoice",
    "customerpayments": "payment",
    "creditnotes": "creditnote",
    "estimates": "estimate",
}


def parsed(answer: requests.Response) -> Any:
    """The JSON of an answer with amounts as Decimal."""
    return json.loads(answer.text, parse_float=Decimal)


def eventually(see: Callable[[], Any], seconds: float = 8) -> Any:
    """What `see` returns as soon as it is true; its last answer when the time is over."""
    end = monotonic() + seconds
    seen = see()
    while not seen and monotonic() < end:
        sleep(0.05)
        seen = see()
    return seen


class Wire:
    """One simulator: `crm`, `books` and `oauth` are its public sides, `sim` its controls."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=40))
        self.token = ""
        self.organization = ""

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        return self.http.request(method, self.base + path, timeout=20, allow_redirects=False, **options)

    def oauth(self, grant: Mapping[str, str]) -> requests.Response:
        return self.call("POST", "/oauth/v2/token", data=dict(grant))

    def refresh(self, **changed: str) -> requests.Response:
        return self.oauth({"grant_type": "refresh_token", "refresh_token": REFRESH_TOKEN, **CLIENT, **changed})

    def renew(self) -> str:
        self.token = self.refresh().json()["access_token"]
        return self.token

    def signed(self, headers: Mapping[str, str] | None) -> dict[str, str]:
        return {"Authorization": f"Zoho-oauthtoken {self.token}", **(headers or {})}

    def crm(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None, **query: Any
    ) -> requests.Response:
        return self.call(method, f"/crm/v8/{path}", params=query, json=body, headers=self.signed(headers))

    def books(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None, **query: Any
    ) -> requests.Response:
        query = {"organization_id": self.organization, **query}
        return self.call(method, f"/books/v3/{path}", params=query, json=body, headers=self.signed(headers))

    def sim(self, method: str, path: str, body: object = None) -> Any:
        answer = self.call(method, f"/_sim/{path}", json=body)
        assert answer.ok, answer.text
        return parsed(answer)

    def insert(self, module: str, **fields: Any) -> str:
        """A CRM record made through the public API; its id."""
        answer = self.crm("POST", module, {"data": [fields]})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["data"][0]["details"]["id"])

    def record(self, module: str, crm_id: str) -> Any:
        return parsed(self.crm("GET", f"{module}/{crm_id}"))["data"][0]

    def update(self, module: str, crm_id: str, **fields: Any) -> requests.Response:
        return self.crm("PUT", f"{module}/{crm_id}", {"data": [fields]})

    def add(self, module: str, **fields: Any) -> Any:
        """A Books record made through the public API; its answer."""
        answer = self.books("POST", module, fields)
        assert answer.status_code == 201, answer.text
        return parsed(answer)[BOOKS_ONE[module]]

    def show(self, module: str, books_id: str) -> Any:
        return parsed(self.books("GET", f"{module}/{books_id}"))[BOOKS_ONE[module]]

    def list(self, module: str, **query: Any) -> Any:
        return parsed(self.books("GET", module, **query))[module]

    def act(self, side: str, module: str, record_id: str, action: str, **what: Any) -> Any:
        return self.sim("POST", f"actions/{side}/{module}/{record_id}/{action}", what)

    def switch(self, **values: object) -> None:
        self.sim("PUT", "switches", values)

    def fault(self, **fault: object) -> int:
        return int(self.sim("POST", "faults", fault)["id"])

    def now(self) -> datetime:
        return datetime.fromisoformat(self.sim("GET", "info")["clock"]).astimezone(UTC)

    def advance(self, **span: float) -> None:
        self.sim("POST", "clock", {"advance": timedelta(**span).total_seconds()})

    def customer(self, name: str = "Harbour Ltd", **fields: Any) -> str:
        return str(self.add("contacts", contact_name=name, **fields)["contact_id"])

    def invoice(self, customer: str, *lines: Mapping[str, Any], **fields: Any) -> Any:
        """An invoice of one line over 100.00 without tax, unless `lines` say otherwise."""
        rows = list(lines) or [{"name": "Work", "rate": 100, "quantity": 1}]
        return self.add("invoices", customer_id=customer, line_items=rows, **fields)

    def tax(self, percentage: float, name: str = "Test VAT") -> str:
        """A Books tax, made as finance would make it."""
        row = {"tax_name": name, "tax_percentage": percentage, "tax_type": "tax"}
        return str(self.sim("POST", "records/books/taxes", {"data": [row]})["data"][0]["tax_id"])

    def sent(self, customer: str, *lines: Mapping[str, Any], **fields: Any) -> str:
        """An invoice marked as sent; its id."""
        invoice = str(self.invoice(customer, *lines, **fields)["invoice_id"])
        assert self.books("POST", f"invoices/{invoice}/status/sent").status_code == 200
        return invoice

    def pay(self, customer: str, invoice: str, amount: float) -> Any:
        """A payment of that invoice alone."""
        applied = [{"invoice_id": invoice, "amount_applied": amount}]
        fields = {"customer_id": customer, "payment_mode": "cash", "amount": amount, "date": self.day()}
        return self.add("customerpayments", **fields, invoices=applied)

    def day(self, days: int = 0) -> str:
        """Today or so, by the simulator's clock in UTC."""
        return (self.now() + timedelta(days=days)).date().isoformat()

    def org(self, **changed: Any) -> None:
        """Settings of the first Books organisation."""
        self.sim("PUT", f"orgs/{self.organization}", changed)
