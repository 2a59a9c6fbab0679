"""The deals with a story (ui.md 3, numbers 1 to 10 and 16); amounts net."""

from zbridge.simulator.world_facts import Deal, Line, t

GERMAN_PIPELINE = "Enterprise (DE)"
PERSON_NAME = "Mara Oduya"
PERSON_EMAIL = "mara@oduya.example"

NAMED_DEALS = (
    Deal(
        "Acme Ltd",
        "Warehouse fit-out",
        t(-1),
        (
            Line("RCK-640", "12", "640.00"),
            Line("SHF-55", "40", "55.00"),
            Line("GRD-175", "8", "175.00"),
            Line("INS-1", "1", "1200.00"),
        ),
    ),
    Deal("Northgate Tools", "Spare parts", t(-2), (Line("WID-9", "9", "140.00"), Line("SHF-55", "2", "55.00"))),
    Deal("Lumen Studio", "Studio cabinets", t(-3), (Line("CAB-215", "10", "215.00"),)),
    Deal("Café Müller & Söhne GmbH", "Quiet corner", t(-3), (Line("PAN-94", "10", "94.00"),)),
    Deal("Orchard Foods", "Staff lockers", t(-4), (Line("LCK-280", "20", "280.00"),)),
    Deal("Fjord Analytics AS", "Archive move", t(-2), (Line("TRL-330", "10", "330.00"),)),
    Deal(PERSON_NAME, "Home studio", t(-2), (Line("MNT-65", "12", "65.00"),)),
    Deal("Delta Foods", "June order", t(-6), (Line("RCK-640", "5", "640.00"),)),
    Deal("Kestrel Air", "Crew training", t(-2), (Line("TRN-450", "42", "450.00"),), owner="Raj"),
    Deal(
        "Weber Logistik",
        "Werkstatt Mannheim",
        t(-3),
        (Line("BLD-745", "10", "745.00"),),
        stage="Gewonnen",
        pipeline=GERMAN_PIPELINE,
    ),
    Deal(
        "Weber Logistik",
        "Lager Heilbronn",
        t(20),
        (Line("RCK-640", "15", "640.00"), Line("CLN-39", "10", "39.00")),
        stage="Verhandlung",
        pipeline=GERMAN_PIPELINE,
    ),
    Deal("Weber Logistik", "Free pilot", t(-5), amount="0.00", stage="Gewonnen", pipeline=GERMAN_PIPELINE),
    Deal("Pacific Gear", "Showroom refit", t(-4), amount="6000.00", currency="USD"),
    Deal("Sierra Labs", "Lab consulting", t(-4), amount="2400.00", currency="USD"),
    Deal("Mistral Yachts", "Clubhouse lockers", t(-6), (Line("LCK-280", "10", "280.00"),)),
)
