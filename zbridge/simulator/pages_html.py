"""How the simulator's own pages look: one frame, tables, forms. Everything put in is escaped unless it is Markup."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from markupsafe import Markup, escape

CSS = Markup(
    """
:root{color-scheme:light dark;--ink:#1d2430;--soft:#5b6675;--page:#f6f7f9;--card:#fff;--edge:#d9dee5;--go:#1f5fbf;
--good:#1b7a43;--bad:#b3261e;--warn:#8a5a00;--stage:#fff4d6;--stage-ink:#5c4300}
@media (prefers-color-scheme:dark){:root{--ink:#e6e9ee;--soft:#9aa5b4;--page:#12161c;--card:#1a2029;--edge:#2e3743;
--go:#7fb0ff;--good:#6fd39a;--bad:#ff9b93;--warn:#f0c46a;--stage:#3a300f;--stage-ink:#f4dd9c}}
*{box-sizing:border-box}body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
a{color:var(--go);text-decoration:none}a:hover{text-decoration:underline}
.stage{background:var(--stage);color:var(--stage-ink);padding:.4rem 1rem;display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;
align-items:center;justify-content:space-between;border-bottom:1px solid var(--edge)}
nav{display:flex;flex-wrap:wrap;gap:.25rem 1rem;padding:.6rem 1rem;
background:var(--card);border-bottom:1px solid var(--edge)}
nav b{color:var(--soft);font-weight:600}nav span{display:flex;flex-wrap:wrap;gap:.25rem .8rem}
nav a[aria-current]{color:var(--ink);font-weight:600;text-decoration:underline;text-underline-offset:.3em}
main{max-width:72rem;margin:0 auto;padding:1rem}h1{font-size:1.35rem;margin:.3rem 0 .8rem;overflow-wrap:anywhere}
h2{font-size:1.05rem;margin:1.4rem 0 .5rem}p{margin:.4rem 0}.soft{color:var(--soft)}
.card{background:var(--card);border:1px solid var(--edge);border-radius:.5rem;overflow-x:auto;margin:.5rem 0}
.pad{padding:.8rem 1rem}.row{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center}
.cols{display:grid;grid-template-columns:repeat(auto-fit,minmax(17rem,1fr));gap:0 1rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.4rem .7rem;border-top:1px solid var(--edge);
vertical-align:top}tr:first-child>*{border-top:0}th{color:var(--soft);font-weight:600;font-size:.85rem}
td.num,th.num{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
th[scope=row]{width:13rem;min-width:7rem;overflow-wrap:break-word}td{overflow-wrap:break-word}
td:first-child{min-width:8rem}td.num{min-width:0}
form{margin:0}form.inline{display:inline-flex;gap:.4rem;flex-wrap:wrap}
input,select,button{font:inherit;padding:.3rem .6rem;border:1px solid var(--edge);border-radius:.35rem;
background:var(--card);color:var(--ink);max-width:100%}button{cursor:pointer}button:hover{border-color:var(--go)}
button.danger{color:var(--bad)}button.main{background:var(--go);border-color:var(--go);color:var(--card)}
.tag{border:1px solid currentColor;border-radius:1rem;padding:0 .5rem;font-size:.85rem;white-space:nowrap}
.good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}.note{border-left:.25rem solid var(--warn)}
td form.inline input{min-width:8rem}details{margin:1.2rem 0}summary{cursor:pointer;font-weight:600}
@media (max-width:36rem){main{padding:.6rem}.facts tr{display:block;border-top:1px solid var(--edge)}
.facts th,.facts td{display:block;width:auto;border:0}.facts th{padding-bottom:0}.facts td{padding-top:.1rem}}
"""
)

GOOD = {"paid", "accepted", "closed won", "gewonnen", "active", "on", "closed"}
BAD = {"overdue", "void", "closed lost", "verloren", "inactive", "off"}


def joined(parts: Iterable[object]) -> Markup:
    """The parts one after the other, each escaped."""
    return Markup("").join(escape(part) for part in parts)


def frame(title: str, clock: str, current: str, body: Markup, notice: str = "") -> Markup:
    """A whole page. `clock` is what the simulator's clock shows, `current` the address of the menu entry."""
    note = Markup('<p class="card pad note" role="status">{}</p>').format(notice) if notice else Markup("")
    return Markup(
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{} - Simulator</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><link rel="icon" href="data:,">'
        "<style>{}</style></head><body>"
        '<div class="stage"><span><strong>Simulator</strong>: plays Zoho CRM and Zoho Books. Not the real Zoho.</span>'
        "<span>Its clock: {}</span></div>{}<main>{}<h1>{}</h1>{}</main></body></html>"
    ).format(title, CSS, clock, _menu(current), note, title, body)


MENU = {
    "CRM": ("crm", ("Accounts", "Contacts", "Deals", "Quotes", "Products")),
    "Books": ("books", ("contacts", "items", "invoices", "customerpayments", "creditnotes")),
}
LABELS = {"contacts": "Customers", "items": "Items", "invoices": "Invoices", "customerpayments": "Payments"}
LABELS["creditnotes"] = "Credit notes"


def _menu(current: str) -> Markup:
    groups = [Markup("<span>{}</span>").format(_menu_link("/", "Overview", current))]
    for name, (side, modules) in MENU.items():
        links = joined(_menu_link(f"/ui/{side}/{module}", LABELS.get(module, module), current) for module in modules)
        groups.append(Markup("<span><b>{}</b> {}</span>").format(name, links))
    return Markup("<nav>{}</nav>").format(joined(groups))


def _menu_link(address: str, label: str, current: str) -> Markup:
    here = Markup(' aria-current="page"') if address == current else Markup("")
    return Markup('<a href="{}"{}>{}</a> ').format(address, here, label)


def link(address: str, label: object) -> Markup:
    return Markup('<a href="{}">{}</a>').format(address, label)


def button(action: str, label: str, *, look: str = "", **fields: str) -> Markup:
    """A form of one button that posts the fields; works without JavaScript. Looks: main, danger."""
    hidden = joined(
        Markup('<input type="hidden" name="{}" value="{}">').format(name, value) for name, value in fields.items()
    )
    mark = Markup(' class="{}"').format(look) if look else Markup("")
    return Markup('<form class="inline" method="post" action="{}">{}<button{}>{}</button></form>').format(
        action, hidden, mark, label
    )


def entry(action: str, name: str, label: str, value: object, verb: str, *, kind: str = "text") -> Markup:
    """A form of one typed value and its button."""
    return Markup(
        '<form class="inline" method="post" action="{}"><input type="{}" step="any" name="{}" value="{}" '
        'aria-label="{}"><button>{}</button></form>'
    ).format(action, kind, name, value, label, verb)


def choice(action: str, name: str, label: str, chosen: object, options: Sequence[str], verb: str) -> Markup:
    """A form of one list to choose from and its button."""
    entries = joined(
        Markup("<option{}>{}</option>").format(Markup(" selected") if option == chosen else "", option)
        for option in options
    )
    return Markup(
        '<form class="inline" method="post" action="{}"><select name="{}" aria-label="{}">{}</select>'
        "<button>{}</button></form>"
    ).format(action, name, label, entries, verb)


def search_form(action: str, text: str, **kept: str) -> Markup:
    hidden = joined(Markup('<input type="hidden" name="{}" value="{}">').format(*pair) for pair in kept.items())
    return Markup(
        '<form class="inline" action="{}">{}<input type="search" name="q" value="{}" aria-label="Search" '
        'placeholder="Name, number, e-mail"><button>Search</button></form>'
    ).format(action, hidden, text)


def money(value: object) -> str:
    """An amount with thousands and two decimals; what isn't a number stays as it is."""
    return f"{value:,.2f}" if isinstance(value, Decimal | int | float) else str(value or "")


def tag(text: object) -> Markup:
    """A state in words, coloured."""
    word = str(text or "").replace("_", " ")
    tone = "good" if word.lower() in GOOD else "bad" if word.lower() in BAD else "soft"
    return Markup('<span class="tag {}">{}</span>').format(tone, word) if word else Markup("")


def table(heads: Sequence[str], rows: Iterable[Sequence[object]], *, numbers: Iterable[str] = ()) -> Markup:
    """A table in a card; columns named in `numbers` stand to the right."""
    right = [" num" if head in set(numbers) else "" for head in heads]
    head = joined(Markup('<th scope="col" class="{}">{}</th>').format(*pair) for pair in zip(right, heads, strict=True))
    body = joined(Markup("<tr>{}</tr>").format(_cells(row, right)) for row in rows)
    return Markup('<div class="card"><table><tr>{}</tr>{}</table></div>').format(head, body)


def _cells(row: Sequence[object], right: Sequence[str]) -> Markup:
    return joined(Markup('<td class="{}">{}</td>').format(side, cell) for side, cell in zip(right, row, strict=True))


def facts(pairs: Mapping[str, object]) -> Markup:
    """Names and values, one a row."""
    rows = joined(Markup('<tr><th scope="row">{}</th><td>{}</td></tr>').format(*pair) for pair in pairs.items())
    return Markup('<div class="card facts"><table>{}</table></div>').format(rows)


def folded(summary: str, body: Markup) -> Markup:
    """What most people needn't see, below a line that opens it."""
    return Markup("<details><summary>{}</summary>{}</details>").format(summary, body)


def pager(address: str, page: int, more: bool, **kept: str) -> Markup:
    """Links to the page before and the page after."""
    query = Markup("").join(Markup("&{}={}").format(*pair) for pair in kept.items() if pair[1])
    before = Markup('<a href="{}?page={}{}">Before</a>').format(address, page - 1, query) if page > 1 else ""
    if page == 1 and not more:
        return Markup("")
    after = Markup('<a href="{}?page={}{}">Next</a>').format(address, page + 1, query) if more else ""
    return Markup('<p class="row"><span class="soft">Page {}</span> {} {}</p>').format(page, before, after)


def holds(row: Mapping[str, object], text: str) -> bool:
    """Whether any field of the row holds the text, whatever the case."""
    wanted = text.casefold()
    return any(wanted in str(value).casefold() for value in row.values() if isinstance(value, str | int | Decimal))


# A merge list longer than this is found by searching the list of customers instead.
MOST_OFFERED = 500


def merging(side: str, module: str, master: str, options: Mapping[str, str], verb: str) -> Markup:
    """A form that merges the chosen record into this one."""
    entries = joined(
        Markup('<option value="{}">{}</option>').format(id, label) for id, label in [*options.items()][:MOST_OFFERED]
    )
    return Markup(
        '<form class="inline" method="post" action="/ui/{}/{}/{}/take"><select name="loser" required '
        'aria-label="The one that goes into this one"><option value="">Merge another one into this ...</option>{}'
        '</select><button class="danger">{}</button></form>'
    ).format(side, module, master, entries, verb)
