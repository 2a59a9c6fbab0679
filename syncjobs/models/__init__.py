"""Keeping two records the same: what was read, what belongs together, what each run did, who must act."""

from syncjobs.models.attempts import Attempt
from syncjobs.models.lists import Customer, Item, Product
from syncjobs.models.problems import Problem
from syncjobs.models.records import Link, Record
from syncjobs.models.runs import Checkpoint, Entry, Run, RunPage

__all__ = [
    "Attempt", "Checkpoint", "Customer", "Entry", "Item", "Link", "Problem", "Product", "Record", "Run", "RunPage",
]  # fmt: skip
