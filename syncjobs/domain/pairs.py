"""The pairs of kinds that are kept in step, and what they are called where; the one place to add another."""

# Where a connection says so, contacts are the customers, and have no persons of their own.
CONTACTS = "contacts"
KINDS: dict[str, tuple[str, str]] = {
    "customer": ("account", "customer"), "person": ("contact", "person"), "product": ("product", "item"),
}  # fmt: skip
BOOKS_KINDS = {pair: books for pair, (_, books) in KINDS.items()}
# Runs that bring a pair into step, by their kind.
PAIR_KINDS = {f"{pair}s": pair for pair in KINDS}
RUN_KINDS = {pair: kind for kind, pair in PAIR_KINDS.items()}
MODULES = {"account": "Accounts", "contact": "Contacts", "product": "Products"}
# The fields of CRM by which a record whose answer was lost is looked for; the first is never empty.
NAMED_BY = {
    "account": ("Account_Name",), "contact": ("Last_Name", "First_Name", "Email"),
    "product": ("Product_Name", "Product_Code"),
}  # fmt: skip


def kinds_of(pair: str, parties: str) -> tuple[str, str]:
    """CRM's and Books' kind of a pair; `parties` says who the customers are: accounts (or empty), or contacts."""
    return ("contact", "customer") if pair == "customer" and parties == CONTACTS else KINDS[pair]


def read_first(run_kind: str, parties: str) -> tuple[str, str]:
    """What is read before such a run. A contact person of Books is read with its customer."""
    crm, books = kinds_of(PAIR_KINDS[run_kind], parties)
    return crm, "customer" if books == "person" else books


def pair_read_by(crm_kind: str, parties: str) -> list[str]:
    """The pairs whose mappings read that kind of CRM."""
    return [pair for pair in KINDS if kinds_of(pair, parties)[0] == crm_kind]
