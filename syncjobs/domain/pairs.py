"""The pairs of kinds that are kept in step, and what they are called where; the one place to add another."""

KINDS: dict[str, tuple[str, str]] = {
    "customer": ("account", "customer"), "person": ("contact", "person"), "product": ("product", "item"),
}  # fmt: skip
CRM_KINDS = {pair: crm for pair, (crm, _) in KINDS.items()}
# Runs that bring a pair into step, by their kind.
PAIR_KINDS = {f"{pair}s": pair for pair in KINDS}
# What a run of a pair reads first. A Books contact person is read with its customer.
READ_FIRST = {"customers": ("account", "customer"), "persons": ("contact", "customer"), "products": ("product", "item")}
MODULES = {"account": "Accounts", "contact": "Contacts", "product": "Products"}
# The fields of CRM by which a record whose answer was lost is looked for; the first is never empty.
NAMED_BY = {
    "account": ("Account_Name",), "contact": ("Last_Name", "First_Name", "Email"),
    "product": ("Product_Name", "Product_Code"),
}  # fmt: skip
