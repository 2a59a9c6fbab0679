"""The pure centre of syncing, and the words that all of zbridge uses (design 4). One word per thing:

connection: one Zoho organisation pair (CRM org + Books organisation), its data centre, credential and settings.
side: CRM or BOOKS; never source/target, since the direction changes.
kind: what a record or document is: account, contact, product, customer, item, person, deal, quote, invoice, payment,
    creditnote. Account/contact <-> customer and product <-> item are the two-way pairs.
account: always the CRM account. People who log in are users. A Books contact is a customer.
rep: the person who owns a deal in CRM ("owner" is only ever a field's owner).
record: one thing as last read from one side.
link: the pair of records known to be the same thing; customers also per currency; carries the base.
base: the mapped field values that both sides last agreed on.
mapping, transform: field <-> field of a kind, with a value transform that works both ways.
owner: who may change a field: CRM, BOOKS, newest, ask, neither.
plan, action: the frozen list of intended writes; one of them.
run, entry: one execution of a sync; what happened to one record in it, if anything did.
checkpoint: how far a listing got; saved with the page's outcomes.
conflict, duplicate, problem: things a person must decide.
sale: what is billed once: a deal with all its quotes, or a quote without deal.
conversion: the life of one sale (generation, part) becoming one draft invoice.
attempt: one call that creates something, written down before it is made.
preflight, readiness: the checks before a conversion; the checks of a connection.
hold: a cause that work waits for; never dropped, resumes by itself. A flag with a cause, not a state.
hint, notice: a web hook that says "look"; a message to people.
quota, reserve, freshness: calls allowed in a window; the part kept for clicks; age of a figure.
"""
