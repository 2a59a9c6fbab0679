"""Month M (ui.md 3, number 20): won 410,200 and invoiced 388,100, net in EUR, with four named causes between them."""

from zbridge.simulator.world_demo_usual import USUAL
from zbridge.simulator.world_facts import Deal, Invoice, Line, Payment, after_m, in_m

_BILLED = (
    ("RCK-640", "50", "640.00"),
    ("BLD-745", "40", "745.00"),
    ("TRN-450", "60", "450.00"),
    ("LCK-280", "100", "280.00"),
    ("TRL-330", "90", "330.00"),
    ("CAB-215", "120", "215.00"),
    ("INS-1", "30", "1200.00"),
    ("TBL-310", "80", "310.00"),
    ("CHR-120", "200", "120.00"),
    ("PAN-94", "300", "94.00"),
    ("PLN-150", "160", "150.00"),
    ("INS-1", "29", "1200.00"),
)
_FIRST_DELIVERY = (Line("INS-1", "10", "1200.00"), Line("CHR-120", "25", "120.00"))
_SECOND_DELIVERY = (Line("CAB-215", "20", "215.00"), Line("GRD-175", "4", "175.00"))


def _deal(place: int, name: str, day: int, *lines: Line) -> Deal:
    company = USUAL[place]
    return Deal(company.name, name, in_m(day), lines, owner=company.owner)


FULLY_BILLED = tuple(
    _deal(18 + place, f"Yearly order {place + 1}", 1 + 2 * place, Line(*line)) for place, line in enumerate(_BILLED)
)
BILLED_LATER = _deal(30, "Winter stock", 25, Line("INS-1", "10", "1200.00"))
BILLED_IN_PART = _deal(31, "New floor, two deliveries", 9, *_FIRST_DELIVERY, *_SECOND_DELIVERY)
BILLED_WITH_DISCOUNT = _deal(32, "Depot assembly", 14, Line("INS-1", "25", "1200.00"))
NEVER_BILLED = (
    _deal(33, "Reception desks", 17, Line("MNT-65", "40", "65.00")),
    _deal(34, "Space plan", 21, Line("PLN-150", "10", "150.00")),
)
MONTH_DEALS = (*FULLY_BILLED, BILLED_LATER, BILLED_IN_PART, BILLED_WITH_DISCOUNT, *NEVER_BILLED)


def _bill(deal: Deal, lines: tuple[Line, ...], discount: str = "0") -> Invoice:
    """Made by hand in Books two days after the deal was won, naming the deal."""
    day, due = in_m(deal.closing.offset + 2), in_m(deal.closing.offset + 32)
    return Invoice(f"month-{deal.name}", deal.company, day, due, lines, deal.name, deal.name, discount)


MONTH_INVOICES = (
    *(_bill(deal, deal.lines) for deal in FULLY_BILLED),
    _bill(BILLED_IN_PART, _FIRST_DELIVERY),
    _bill(BILLED_WITH_DISCOUNT, BILLED_WITH_DISCOUNT.lines, "1000.00"),
    Invoice(
        "month-later",
        BILLED_LATER.company,
        after_m(0),
        after_m(30),
        BILLED_LATER.lines,
        BILLED_LATER.name,
        BILLED_LATER.name,
    ),
)

MONTH_PAYMENTS = tuple(
    Payment(deal.company, after_m(place % 5), "", ((f"month-{deal.name}", ""),))
    for place, deal in enumerate((*FULLY_BILLED[:10], BILLED_WITH_DISCOUNT))
)
