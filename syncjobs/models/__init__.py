"""Keeping two records the same: what was read, what belongs together, what each run did, who must act."""

from syncjobs.models.attempts import Attempt
from syncjobs.models.duplicates import Duplicate, DuplicateMember
from syncjobs.models.gone import Disappearance
from syncjobs.models.hints import Channel, Hint, HookAddress
from syncjobs.models.imports import Comparison, Difference, Import
from syncjobs.models.lists import Customer, Item, Product
from syncjobs.models.live_fields import LiveFieldRow
from syncjobs.models.mappings import MappedField, Mapping, OnGone, PairKind
from syncjobs.models.plans import Conflict, KeptValue, Plan, PlannedWrite, Rules
from syncjobs.models.problems import Problem
from syncjobs.models.records import Link, Record
from syncjobs.models.runs import Checkpoint, Entry, Run, RunPage
from syncjobs.models.schedules import Schedule

__all__ = [
    "Attempt", "Channel", "Checkpoint", "Comparison", "Conflict", "Customer", "Difference", "Disappearance",
    "Duplicate", "DuplicateMember", "Entry", "Hint", "HookAddress", "Import", "Item", "KeptValue", "Link",
    "LiveFieldRow", "MappedField", "Mapping", "OnGone", "PairKind", "Plan", "PlannedWrite", "Problem", "Product",
    "Record", "Rules", "Run", "RunPage", "Schedule",
]  # fmt: skip
