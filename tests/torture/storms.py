"""What may befall a schedule: lost and late answers on the wire, and people who act in CRM and Books meanwhile."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from invoicing.models import Conversion
from zbridge.simulator.app import Simulator

Row = dict[str, Any]

# What may befall one call, and how often among faulty ones; reads can't be committed late.
WRITE_FAULTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("lost before", {"drop_before": True}),
    ("lost after", {"drop_after": True}),
    ("cut short", {"reset_mid_body": True}),
    ("late commit", {"commit_after": 60}),
    ("500", {"status": 500, "code": 1000}),
    ("503", {"status": 503}),
    ("429", {"status": 429, "code": 44}),
    ("401", {"status": 401, "code": 57}),
    ("hidden", {"visible_after": 45}),
    ("timed out", {"delay": 400}),
)
READ_FAULTS = tuple(fault for fault in WRITE_FAULTS if fault[0] not in ("late commit", "hidden"))
FINANCE, REP = ("edits", "sends", "voids", "deletes"), ("re-prices", "re-opens", "removes")


@dataclass
class Storm:
    """One schedule's luck: which calls fail, who is stopped at which point, what people do and when."""

    random: Random
    faulty: float
    active: bool = True
    act: str = ""
    befallen: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, seed: int) -> "Storm":
        """The storm of a seed."""
        random = Random(seed)
        faulty = random.choice((0.1, 0.3, 0.6))
        return cls(random, faulty, act=random.choice(FINANCE + REP) if random.random() < 0.25 else "")

    def effects(self, method: str, path: str) -> dict[str, Any]:
        """The effects for this call; none when it is spared."""
        if not self.active or path.startswith("/oauth") or self.random.random() > self.faulty:
            return {}
        name, effects = self.random.choice(READ_FAULTS if method == "GET" else WRITE_FAULTS)
        self.befallen[name] += 1
        found = dict(effects)
        if "commit_after" in found:
            found["commit_after"] = self.random.randint(1, 170)
        return found

    def fate(self) -> str:
        """What happens to a worker at a point: go on, be stalled, or die."""
        if not self.active:
            return "on"
        luck = self.random.random()
        return "dead" if luck < 0.05 else "stalled" if luck < 0.12 else "on"


@dataclass
class People:
    """Finance and the rep, who know nothing of zbridge; each does one thing, once, when it can be done."""

    simulator: Simulator
    acted: str = ""
    touched: str = ""

    def may_act(self, storm: Storm, row: Conversion, crm_id: str) -> None:
        """Now and then, until it was done."""
        if storm.act and not self.acted and storm.active and storm.random.random() < 0.15:
            done = self._finance(storm.act, row) if storm.act in FINANCE else self._rep(storm.act, crm_id)
            if done:
                self.acted = storm.act
                storm.befallen[f"somebody {storm.act}"] += 1

    def _finance(self, act: str, row: Conversion) -> bool:
        found = [one for one in invoices(self.simulator) if row.key in keys_of(one) and one["status"] == "draft"]
        if not found:
            return False
        self.touched = str(found[0]["invoice_id"])
        deeds: dict[str, Callable[[], Any]] = {
            "edits": lambda: self.simulator.user_update("books", "invoices", self.touched, {"notes": "By finance"}),
            "sends": lambda: self.simulator.act("books", "invoices", self.touched, "send"),
            "voids": lambda: self.simulator.act("books", "invoices", self.touched, "void"),
            "deletes": lambda: self.simulator.user_delete("books", "invoices", self.touched),
        }
        deeds[act]()
        return True

    def _rep(self, act: str, crm_id: str) -> bool:
        if act == "removes":
            self.simulator.user_delete("crm", "Deals", crm_id)
        else:
            change = {"Amount": 150} if act == "re-prices" else {"Stage": "Negotiation/Review"}
            self.simulator.user_update("crm", "Deals", crm_id, change)
        return True


def invoices(simulator: Simulator) -> list[Row]:
    """All invoices as Books holds them."""
    return simulator.verbs("books").rows(simulator, "invoices")


def keys_of(row: Row) -> list[str]:
    """Our keys on an invoice."""
    values = [row.get(name) for name in row if name.startswith("cf_")]
    values += [one.get("value") for one in row.get("custom_fields") or ()]
    return list({str(value) for value in values if str(value).startswith("ZB-")})
