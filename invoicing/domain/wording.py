"""What people read: what did or didn't happen, why with names and figures, what is safe; then the buttons (ui.md 2)."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from invoicing.domain.drafts import Difference, NamedDifference, Ready, Verdict
from invoicing.domain.priced import PricedLine, Why
from invoicing.domain.problems import Cause, Fix, Problem, Who
from zbridge.money import Money, display

_SENTENCES: dict[Cause, str] = {
    Cause.BEFORE_GO_LIVE: "No draft was made: {subject} was won on {won}, before go-live on {go_live}. "
    "It may have been billed by hand in Books; with a reason it can be billed anyway.",
    Cause.NO_GO_LIVE: "No draft was made: no go-live day is set, and nothing is billed without one. "
    "A RevOps administrator can set it.",
    Cause.NOT_WON: "No draft was made: {subject} is at “{stage}”, which is not {won_words}",
    Cause.STAGE_EXCLUDED: "No draft was made: {subject} is at “{stage}”, a stage that is not billed here. "
    "A RevOps administrator chose that.",
    Cause.NOT_BILLABLE: "No draft was made: finance took {subject} off the list of sales to bill (“{reason}”). "
    "Finance can put it back on the deal's page.",
    Cause.ALREADY_BILLED: "{subject} is billed already{invoice_words}. No second draft was made.",
    Cause.BILLED_OUTSIDE: "No draft was made: {invoice} over {total} in Books already names {subject}. "
    "Attach it, or finance gives a reason to bill anyway.",
    Cause.MAYBE_BILLED_OUTSIDE: "No draft was made: {invoice} over {total} in Books has the same customer and the same "
    "total as {subject}. Attach it if it is this sale, or finance gives a reason to bill anyway.",
    Cause.NO_PARTY: "No draft was made: {subject} has neither an account nor a contact in CRM. "
    "Add one there, then check again.",
    Cause.CUSTOMER_UNCERTAIN: "{reason_words}so zbridge didn't guess and created nothing. "
    "Finance can choose in Needs attention.",
    Cause.CUSTOMER_INACTIVE: "No draft was made: {customer} is inactive in Books. "
    "Finance can make it active again there.",
    Cause.CUSTOMER_GONE: "No draft was made: {customer} {gone_words}, and the account is still linked to it. "
    "Nothing was created; repair the link, then create the draft again.",
    Cause.PARTY_GONE: "No draft was made: the account of {subject}, {account}, was deleted or merged in CRM. No other "
    "customer was made for it; check CRM again, and choose its account there if it has none.",
    Cause.CUSTOMER_CURRENCY: "No draft was made: the sale is in {currency}, and {customer} is billed in "
    "{customer_currency} in Books. Nothing was converted; finance can say which customer to bill.",
    Cause.CURRENCY_UNKNOWN: "No draft was made: {subject} is in {currency}, which is not switched on in Books. "
    "Add the currency there, then check again.",
    Cause.NO_LINES: "No draft was made: {subject} has no lines and no amount in CRM. Add them there, then check again.",
    Cause.LINES_TRUNCATED: "No draft was made: CRM gave only the first {count} lines of {subject}. "
    "Nothing was left out silently; check again to read the rest.",
    Cause.LINES_UNREAD: "The lines of {subject} haven't been read from CRM yet, so its draft can't be shown. "
    "Check CRM again.",
    Cause.PRODUCT_UNMAPPED: "No draft was made: {subject} has no item in Books. {best}",
    Cause.LINE_WITHOUT_PRODUCT: "No draft was made: the line “{subject}” ({quantity} x {rate}) names no product. "
    "Choose its product in CRM, then check again.",
    Cause.NO_AMOUNT_ITEM: "No draft was made: {subject} would be billed as one line, and no item is chosen for that. "
    "A RevOps administrator can choose it.",
    Cause.ITEM_INACTIVE: "No draft was made: {subject} is linked to {item}, which is inactive in Books. "
    "Finance can make it active again there.",
    Cause.TAX_MISSING: "No draft was made: the tax{tax_words} of {subject} is not among Books' taxes. "
    "Finance can add it there or correct the line's tax.",
    Cause.TAX_AMBIGUOUS: "No draft was made: {subject} is taxed {tax}, and Books has several such taxes ({choices}). "
    "zbridge doesn't choose between them by the percentage alone.",
    Cause.TAX_SEVERAL: "No draft was made: {subject} carries several taxes in CRM ({tax}), and Books takes one a line. "
    "Finance can set up a tax group and put it on the line.",
    Cause.TAX_PLACE: "No draft was made: {subject} is not for supplies {supply} states, and Books has {choice_words} "
    "of the same percentage that is. Finance can set up one, or put the right tax on the line.",
    Cause.PLACE_UNKNOWN: "No draft was made: taxes depend on the state that is supplied, and {where} has none in "
    "Books. Finance can set the place of supply there, then check again.",
    Cause.TAX_TREATMENT: "No draft was made: {customer} is “{treatment}” in Books and is charged no tax there"
    "{named_words}. Finance says which tax {subject} carries, in Books or in CRM.",
    Cause.EXEMPTION_MISSING: "No draft was made: {subject} is not taxable in Books, and no reason for it is set there. "
    "Finance can choose the exemption on the customer.",
    Cause.DOCUMENT_TAX: "No draft was made: {subject} has a tax of {tax} on the document (CRM's Tax), on no line. "
    "Put it on the lines in CRM, then check again.",
    Cause.NOT_POSITIVE: "No draft was made: {subject} comes to {total}. Only amounts above zero are billed.",
    Cause.QUANTITY_INVALID: "No draft was made: the quantity of {subject} is {quantity}. "
    "Correct it in CRM, then check again.",
    Cause.PRICE_DRIFT: "No draft was made: {subject} was sold at {sale}, and costs {books} in Books{list_words}. "
    "{price_words}",
    Cause.BOTH_DISCOUNTS: "No draft was made: {subject} has line discounts and a document discount of {discount}, "
    "and Books takes one kind. Finance decides.",
    Cause.QUOTE_REPLACED: "No draft was made: quote {quote} was replaced by another one. Bill the newer quote.",
    Cause.QUOTE_EXPIRED: "No draft was made: quote {quote} was valid till {valid_till} and accepted on {accepted}. "
    "With a reason it can be billed anyway.",
    Cause.QUOTE_EDITED: "No draft was made: quote {quote} was edited after it was accepted ({changes}). "
    "Accept it anew in CRM; with a reason finance can bill it as it is now.",
    Cause.REFUSED_BY_BOOKS: "Books refused the draft{field_words}: {answer} Nothing was created.",
    Cause.CHANGED_SINCE_PREVIEW: "No draft was made: {subject} was changed in CRM{priced_words} after you saw its "
    "preview. Look at the new preview and create the draft again.",
    Cause.ANSWER_LOST: "We don't know whether Books saved this draft: its answer was lost, and it was looked for "
    "again and again under {subject}. Nothing more is sent by itself; look in Books, then link the invoice or "
    "create it.",
    Cause.KEY_HELD: "Books says that it has a draft under {subject} already, and shows it in no list. Nothing more is "
    "sent: a second one would be refused. Look it up again in a while, or find it in Books and link it.",
    Cause.TWO_DRAFTS: "Two live invoices in Books carry the same key: {numbers}. "
    "Nothing more is sent; finance must delete one of them in Books.",
}

# How the end of a send is told that Books refused since it has an invoice with the key already.
TWIN_REFUSED = "Books refused it: it has one with this key already. It was looked up next."

_LABELS: dict[Fix, str] = {
    Fix.LINK_PRODUCT: "Link {subject} to {item}",
    Fix.CHOOSE_ITEM: "Choose an item for {subject}",
    Fix.ATTACH: "Attach {invoice}",
    Fix.BILL_ANYWAY: "Bill anyway",
    Fix.BILL_SALE_PRICE: "Bill the sale's price",
    Fix.BILL_BOOKS_PRICE: "Bill Books' price",
    Fix.CHOOSE_CUSTOMER: "Choose the customer",
    Fix.REPAIR_LINK: "Repair the link",
    Fix.ASK_FINANCE: "Ask finance",
    Fix.OPEN_CONNECTION: "Open the connection",
    Fix.OPEN_INVOICE: "Open the draft invoice",
    Fix.CHECK_CRM: "Check CRM again",
    Fix.LINK_EXISTING: "Link an invoice",
    Fix.CREATE_ANYWAY: "I looked: create the draft",
}

_DIFFERENCES: dict[Difference, str] = {
    Difference.PRICE: "{amount} since Books' prices are billed instead of the sale's.",
    Difference.DISCOUNT: "{amount} since Books takes the discount off before tax{parts}.",
    Difference.TAX: "{amount} of tax: Books' taxes differ from CRM's.",
    Difference.ROUNDING: "{amount} of rounding.",
    Difference.UNEXPLAINED: "{amount} that nothing here explains: the amount in CRM is not what its lines come to.",
}


def sentence(problem: Problem) -> str:
    """One or two sentences; no codes."""
    values = {"subject": problem.subject} | dict(problem.values) | _phrases(problem.values)
    return _SENTENCES[problem.cause].format_map(_Spoken(values))


class _Spoken(dict[str, str]):
    """A figure that isn't known is left out rather than shown as an error."""

    def __missing__(self, name: str) -> str:
        return ""


def _phrases(values: Mapping[str, str]) -> dict[str, str]:
    """Parts of a sentence that are there only when their figure is."""
    reason = values.get("reason", "").rstrip(". ")
    rate = f", {values['rate']}" if values.get("rate") else ""
    item = values.get("item")
    return {
        "reason_words": f"{reason}, " if reason else "The customer isn't certain, ",
        "invoice_words": f": {values['invoice']}" if values.get("invoice") else "; its draft is being made",
        "won_words": "an accepted stage. Only accepted quotes are billed."
        if values.get("kind") == "quote"
        else "a won stage. Only won sales are billed.",
        "tax_words": f" “{values['tax']}”" if values.get("tax") else "",
        "gone_words": f"was merged into {values['merged']} in Books"
        if values.get("merged")
        else "is no longer in Books",
        "choice_words": f"several ({values['choices']})" if values.get("choices") else "none",
        "named_words": f", yet CRM's line says “{values['named_tax']}”" if values.get("named_tax") else "",
        "field_words": f" because of “{values['field']}”" if values.get("field") else "",
        "list_words": f", by the price list “{values['price_list']}”" if values.get("price_list") else "",
        "priced_words": ", or one of its prices in Books was," if values.get("priced") else "",
        "price_words": "A part is billed at the sale's price, so the rule to bill Books' can't be followed; with a "
        "reason finance bills the sale's."
        if values.get("kind") == "part"
        else "By the connection's rule that stops; with a reason finance bills the one or the other.",
        "best": f"The best match is {item}{rate}." if item else "Nothing in Books is like it; no line is left out.",
    }


def verdict_sentence(verdict: Verdict) -> str:
    """The first line of a preview: "Ready: draft 14,851.20 EUR for Acme Ltd", or how many things stop it."""
    if isinstance(verdict, Ready):
        return f"Ready: draft {display(verdict.totals.total)} for {verdict.draft.customer_name}"
    count = len(verdict.problems)
    return "1 thing stops this" if count == 1 else f"{count} things stop this"


def fix_label(problem: Problem, fix: Fix) -> str:
    """The button: a verb and a thing."""
    return _LABELS[fix].format_map(_Spoken({"subject": problem.subject} | dict(problem.values)))


def problem_row(problem: Problem) -> dict[str, Any]:
    """As rows, pages and `--json` carry it: cause, subject, message, who; the fixes with their labels; the figures."""
    return {
        "cause": str(problem.cause),
        "subject": problem.subject,
        "message": sentence(problem),
        "who": str(problem.who),
        "fixes": [{"fix": str(fix), "label": fix_label(problem, fix)} for fix in problem.fixes],
        "values": dict(problem.values),
    }


def refused_by_books(answer: str, field: str | None) -> dict[str, Any]:
    """A draft that Books refused with a reason of its own."""
    said = f"“{answer.strip()}”." if answer.strip() else "it gave no reason."
    values = {"answer": said, "field": field or ""}
    return problem_row(
        Problem(cause=Cause.REFUSED_BY_BOOKS, subject="Books", who=Who.FINANCE, fixes=(Fix.ASK_FINANCE,), values=values)
    )


def answer_lost(key: str) -> dict[str, Any]:
    """A lost answer that two looks did not settle."""
    fixes = (Fix.LINK_EXISTING, Fix.CREATE_ANYWAY)
    return problem_row(Problem(cause=Cause.ANSWER_LOST, subject=key, who=Who.FINANCE, fixes=fixes))


def key_held(key: str) -> dict[str, Any]:
    """Books refuses a twin of what none of its lists shows."""
    return problem_row(Problem(cause=Cause.KEY_HELD, subject=key, who=Who.FINANCE, fixes=(Fix.LINK_EXISTING,)))


def two_drafts(numbers: Sequence[str]) -> dict[str, Any]:
    """The alarm: one key, two live invoices."""
    values = {"numbers": ", ".join(sorted(numbers))}
    return problem_row(
        Problem(cause=Cause.TWO_DRAFTS, subject=values["numbers"], who=Who.FINANCE, fixes=(), values=values)
    )


def difference_sentence(part: NamedDifference) -> str:
    """One cause with its figure: '16.00 EUR since Books takes the discount off before tax (14.25 + 1.75 EUR).'."""
    split = f" ({_sum_of([amount for _, amount in part.parts])})" if len(part.parts) > 1 else ""
    return _DIFFERENCES[part.cause].format(amount=display(part.amount), parts=split)


def _sum_of(amounts: Sequence[Money]) -> str:
    return " + ".join(display(amount).split()[0] for amount in amounts) + f" {amounts[0].currency}"


_WHY: dict[Why, str] = {
    Why.RULE: "by the connection's rule",
    Why.CHOSEN: "as a person chose for this sale",
    Why.ACCEPTED: "since finance accepted that the two prices differ",
    Why.PART: "since a part is billed at the sale's price",
}


def price_sentence(one: PricedLine, currency: str) -> str:
    """What is kept on the trail: both prices, the one that is billed, and what decided it."""
    sale, books = (display(Money(rate, currency)) for rate in (one.sale, one.books))
    by_list = f" by the price list “{one.price_list}”" if one.price_list else ""
    billed = f"Books' price{by_list}, {books}" if one.billed == one.books else f"the sale's price, {sale}"
    other = f"the sale says {sale}" if one.billed == one.books else f"Books says {books}{by_list}"
    reason = f": {one.reason}" if one.reason else ""
    return f"{one.name}, {plain_number(one.quantity)}: billed at {billed} ({other}), {_WHY[one.why]}{reason}."


def price_rows(prices: Sequence[PricedLine], currency: str) -> list[dict[str, str]]:
    """As a conversion keeps them; amounts are decimal text."""
    return [
        {
            "product_id": one.product_id, "name": one.name, "quantity": f"{one.quantity:f}",
            "sale": f"{one.sale:f}", "books": f"{one.books:f}", "billed": f"{one.billed:f}", "currency": currency,
            "why": str(one.why), "price_list": one.price_list, "sentence": price_sentence(one, currency),
        }
        for one in prices
    ]  # fmt: skip


def plain_number(number: Decimal) -> str:
    """A quantity without trailing zeros."""
    return f"{number.normalize():f}"


def difference_rows(differences: Sequence[NamedDifference], needs_finance: bool) -> list[dict[str, Any]]:
    """As a conversion keeps them; amounts are decimal text, CRM minus Books."""
    return [
        {
            "cause": str(part.cause),
            "amount": f"{part.amount.amount:f}",
            "currency": part.amount.currency,
            "sentence": difference_sentence(part),
            "needs_finance": needs_finance,
        }
        for part in differences
    ]
