"""How runs, rules and ends are called on every page of this room."""

from datetime import timedelta

SIDES = {"crm": "CRM", "books": "Books"}
RULES = {
    "crm": "CRM owns it",
    "books": "Books owns it",
    "newest": "the newer value",
    "ask": "asks",
    "person": "a person",
    "undo": "a run is undone",
}
TRIGGERS = {
    "schedule": "The schedule",
    "hint": "A change that Zoho told",
    "person": "A person",
    "command": "A command",
    "first": "The first connection",
    "plan": "A preview",
    "apply": "A plan was applied",
    "check": "The look after a plan was applied",
    "import": "An import",
    "listing": "The search for gone records",
    "retry": "A retry",
    "undo": "An undo",
    "figures": "Figures that changed",
    "balances": "Many balances moved",
}
NOWHERE = "empty"


def lasted(duration: timedelta | None) -> str:
    """“4 s”, “3 min 20 s”, “2 h 5 min”; empty for None."""
    if duration is None:
        return ""
    seconds = max(0, int(duration.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    minutes, rest = divmod(seconds, 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
