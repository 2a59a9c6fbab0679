"""Invoices, payments and credits made by hand in Books (ui.md 3, numbers 3, 7, 14, 15 and 16)."""

from zbridge.simulator.world_facts import Credit, Invoice, Line, Payment, t


def _services(net: str) -> tuple[Line, ...]:
    return (Line("SRV", "1", net),)


NAMED_INVOICES = (
    Invoice("lumen", "Lumen Studio", t(-84), t(-54), _services("403.36"), "Lighting plan"),
    Invoice("acme-43", "Acme Ltd", t(-80), t(-43), _services("2268.91"), "PO A-771"),
    Invoice("acme-12", "Acme Ltd", t(-72), t(-12), _services("1008.40"), "PO A-790"),
    Invoice("acme-paid", "Acme Ltd", t(-95), t(-65), _services("1008.40"), "PO A-702"),
    Invoice("sierra", "Sierra Labs", t(-90), t(-60), _services("1000.00"), "PO SL-9"),
    Invoice("ridgeway-1", "Ridgeway Schools", t(-85), t(-55), (Line("TXT-7", "1", "1682.24", tax="7"),), "Class 7"),
    Invoice("ridgeway-2", "Ridgeway Schools", t(-75), t(-45), (Line("TXT-7", "1", "934.58", tax="7"),), "Class 8"),
    Invoice("vega", "Vega Print", t(-75), t(-45), _services("420.17"), "VP 31"),
    Invoice("solway", "Solway Marine", t(-7), t(0), _services("857.14"), "Dry dock"),
    Invoice("delta", "Delta Foods", t(-6), t(24), (Line("RCK-640", "5", "640.00"),), "PO 2207"),
    Invoice("acme-due", "Acme Ltd", t(-4), t(26), _services("504.20"), "PO A-815"),
    Invoice("acme-draft", "Acme Ltd", t(-2), t(28), _services("798.32"), "PO A-821", sent=False),
)

NAMED_PAYMENTS = (
    Payment("Acme Ltd", t(-20), "1200.00", (("acme-paid", "1200.00"),)),
    Payment("Ridgeway Schools", t(-40), "2500.00", (("ridgeway-1", "1800.00"), ("ridgeway-2", "700.00"))),
    Payment("Vega Print", t(-44), "550.00", (("vega", "500.00"),)),
)

NAMED_CREDITS = (Credit("Acme Ltd", t(-15), Line("SRV", "1", "126.05")),)
