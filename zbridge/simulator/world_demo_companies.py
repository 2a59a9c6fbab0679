"""The companies of the demo world that have a story (ui.md 3, numbers 1 to 20)."""

from zbridge.simulator.world_facts import Company

FORMULA_NAME = "=cmd|' /C calc'!A0"
LONG_CUSTOMER = ("Arbeitsgemeinschaft der Werkstätten für angewandte Möbel- und Innenraumgestaltung am Hafen " * 4)[
    :300
]

NAMED = (
    Company("Acme Ltd", "acme.example", "Nora Feld", "Hafenstraße 12", "20457", "Hamburg", vat="DE811000001"),
    Company("Northgate Tools", "northgate.example", "Tom Reed", "Am Nordtor 3", "28195", "Bremen"),
    Company(
        "Lumen Studio",
        "lumen.example",
        "Ines Brandt",
        "Spinnereistraße 7",
        "04179",
        "Leipzig",
        books_name="Lumen Studio GmbH",
    ),
    Company(
        "Lumen Studio Leipzig", "lumen.example", "Ines Brandt", "Spinnereistr. 7", "04179", "Leipzig", in_crm=False
    ),
    Company(
        "Café Müller & Söhne GmbH",
        "cafe-mueller.example",
        "Jürgen Müller",
        "Marktplatz 1",
        "79098",
        "Freiburg",
        books_name="Cafe Mueller und Soehne",
        books_email="",
        vat="DE811000004",
    ),
    Company(
        "Orchard Foods",
        "orchard.example",
        "Paula Obst",
        "Obstweg 21",
        "21635",
        "Jork",
        crm_email=" Billing@Orchard.example",
        books_email="billing@orchard.example",
    ),
    Company(
        "Fjord Analytics AS",
        "fjord.example",
        "Liv Solberg",
        "Strandgaten 18",
        "5013",
        "Bergen",
        "Norway",
        in_books=False,
    ),
    Company("Delta Foods", "deltafoods.example", "Georg Thal", "Deltaring 40", "47059", "Duisburg"),
    Company("Kestrel Air", "kestrel.example", "Sofia Falk", "Flugplatz 2", "51147", "Köln", owner="Raj"),
    Company("Weber Logistik", "weber-logistik.example", "Karin Weber", "Speicherweg 9", "68159", "Mannheim"),
    Company(
        "Pacific Gear",
        "pacificgear.example",
        "Dana Cole",
        "418 Pier Avenue",
        "97209",
        "Portland",
        "United States",
        currency="USD",
        books_currency="EUR",
    ),
    Company(
        "Sierra Labs",
        "sierralabs.example",
        "Miguel Ortiz",
        "77 Summit Road",
        "89501",
        "Reno",
        "United States",
        currency="USD",
    ),
    Company("Birchwood", "birchwood.example", "Anna Birk", "Birkenallee 5", "14163", "Berlin"),
    Company("Quarry Lane Dental", "quarrylane.example", "Sam Stein", "Steinbruch 30", "52062", "Aachen"),
    Company("Tessera Design", "tessera.example", "Rosa Fliess", "Mosaikgasse 8", "93047", "Regensburg"),
    Company("Solway Marine", "solway.example", "Finn Watt", "Werftstraße 14", "24143", "Kiel"),
    Company("Ridgeway Schools", "ridgeway.example", "Helen Kamm", "Schulberg 2", "65183", "Wiesbaden"),
    Company("Vega Print", "vegaprint.example", "Luis Stern", "Druckhof 6", "55116", "Mainz"),
    Company("Mistral Yachts", "mistral.example", "Claire Vent", "Yachthafen 1", "23730", "Neustadt"),
    Company("Orbit Telecom", "orbit.example", "Max Bahn", "Funkturm 11", "70173", "Stuttgart"),
    Company(
        "Halcyon Clinics",
        "halcyon.example",
        "Eva Ruh",
        "Klinikweg 4",
        "80331",
        "München",
        phone="+49 89 5550 0101",
        books_phone="+49 89 5550 0199",
        crm_terms="Net 60",
    ),
    Company("Bramble & Co", "bramble.example", "Otto Dorn", "Heckenweg 17", "37073", "Göttingen"),
    Company(FORMULA_NAME, "formula.example", "Cal Kuhl", "Rechenweg 0", "10115", "Berlin"),
    Company("Cash sales", "", "Counter", "Lagerhalle 1", "10317", "Berlin", books_email="", in_crm=False),
    Company(LONG_CUSTOMER, "arge-hafen.example", "Bert Lang", "Kai 3", "20459", "Hamburg", in_crm=False),
)
