"""The quotes with a story (ui.md 3, numbers 11, 12, 13, 17 and 19)."""

from zbridge.simulator.world_demo_products import DEALERS, SPRING_FAIR
from zbridge.simulator.world_demo_usual import USUAL
from zbridge.simulator.world_facts import Line, Quote, t

DISCOUNTED = (Line("CHR-120", "10", "120.00", discount="10"), Line("HBK-80", "5", "80.00", tax="7"))
UNDISCOUNTED = (Line("CHR-120", "10", "120.00"), Line("HBK-80", "5", "80.00", tax="7", price_book=SPRING_FAIR))
TESSERA = (Line("TBL-310", "2", "310.00"), Line("CHR-120", "8", "120.00"))
SECOND_DRAFT = (
    Line("TBL-310", "1", "310.00", price_book=DEALERS), Line("CHR-120", "8", "120.00", price_book=DEALERS)
)  # fmt: skip

DESK_QUOTES = tuple(
    Quote(company.name, f"Q-{1036 + place}", f"Desk for {company.city}", (Line("DSK-75", "1", "99.00"),), t(place - 10))
    for place, company in enumerate(USUAL[12:18])
)

NAMED_QUOTES = (
    Quote("Birchwood", "Q-1042", "Chairs and handbooks", DISCOUNTED, adjustment="-0.20"),
    Quote("Quarry Lane Dental", "Q-1043", "Waiting room", UNDISCOUNTED, discount="100.00", adjustment="-0.40"),
    Quote("Tessera Design", "Q-1044", "Meeting room, spring", TESSERA, t(-30), t(-3)),
    Quote("Tessera Design", "Q-1045", "Meeting room, two tables", TESSERA, t(-6), stage="Accepted"),
    Quote(
        "Tessera Design", "Q-1046", "Meeting room, first draft", TESSERA, t(-6), stage="Accepted", replaced_by="Q-1047"
    ),
    Quote("Tessera Design", "Q-1047", "Meeting room, second draft", SECOND_DRAFT),
    Quote("Quarry Lane Dental", "Q-1048", "Second surgery", DISCOUNTED, discount="100.00", adjustment="-0.40"),
    Quote("Orbit Telecom", "Q-1049", "Call centre", (Line("PAN-94", "12", "94.00"), Line("TRN-450", "4", "450.00"))),
    Quote("Larkspur Textiles", "Q-1050", "Sample room", (Line("TRL-330", "3", "330.00"),)),
    Quote("Pinewood Publishing", "Q-1051", "Reading corner", (Line("CHR-120", "6", "120.00"),)),
)
