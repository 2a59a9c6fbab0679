"""The usual unremarkable companies around the demo's stories, their open deals and their old, paid invoices."""

from zbridge.simulator.world_facts import Company, Deal, Invoice, Line, Payment, t

_ADDRESSES = """
Alder & Sons Joinery|alder-joinery|Jonas Alder|Lindenweg 4|50667|Köln
Amberfield Bakery|amberfield|Greta Bern|Mühlenstraße 8|99084|Erfurt
Ashdown Veterinary|ashdown-vet|Pia Esch|Tierparkweg 2|30159|Hannover
Baltic Freight|balticfreight|Nils Möwe|Seekai 19|18055|Rostock
Beacon Insurance Brokers|beaconbrokers|Ruth Licht|Leuchtweg 10|26122|Oldenburg
Bluebell Nurseries|bluebell|Iris Glock|Gartenstraße 33|48143|Münster
Brockhaus Fördertechnik|brockhaus-ft|Uwe Brock|Industriestraße 5|44137|Dortmund
Calder Brewing|calder|Hans Malz|Braugasse 6|96047|Bamberg
Cobalt Ceramics|cobaltceramics|Lena Ton|Töpferweg 12|01067|Dresden
Copperline Plumbing|copperline|Rolf Rohr|Kupferstraße 21|38100|Braunschweig
Dahlem Books|dahlembooks|Clara Blatt|Bücherweg 3|14195|Berlin
Eastgate Pharmacy|eastgate|Yara Wohl|Osttor 1|39104|Magdeburg
Elmstead Catering|elmstead|Fritz Koch|Ulmenplatz 9|60311|Frankfurt
Fairweather Travel|fairweather|Nina Reise|Sonnenallee 70|12045|Berlin
Foxglove Cosmetics|foxglove|Vera Schön|Blumenstraße 15|40213|Düsseldorf
Granby Steelworks|granbysteel|Kurt Stahl|Hüttenstraße 44|47166|Duisburg
Harbour Street Dental|harbourdental|Lea Zahn|Hafengasse 5|28217|Bremen
Hartmann Elektro|hartmann-elektro|Udo Hartmann|Stromweg 7|90402|Nürnberg
Hazelmere Hotels|hazelmere|Olga Gast|Parkallee 25|76133|Karlsruhe
Ivybridge Housing|ivybridge|Mark Haus|Siedlung 18|45127|Essen
Juniper Legal|juniperlegal|Kim Recht|Gerichtsplatz 2|53111|Bonn
Kiefer Holzbau|kiefer-holzbau|Emil Kiefer|Waldstraße 31|87435|Kempten
Larkspur Textiles|larkspur|Jana Webe|Spulengasse 4|09111|Chemnitz
Linden Fitness|lindenfitness|Bob Kraft|Sportweg 6|35390|Gießen
Marlow Optics|marlowoptics|Ella Seh|Linsenstraße 13|07743|Jena
Meridian Surveyors|meridian|Axel Mess|Kompassweg 1|66111|Saarbrücken
Nettle & Thorn Florists|nettlethorn|Rosi Strauß|Marktgasse 11|94032|Passau
Osprey Security|osprey|Dirk Wache|Wachtturm 3|33602|Bielefeld
Pinewood Publishing|pinewood|Ute Druck|Papierweg 20|04103|Leipzig
Quince Kitchen Studio|quince|Gabi Herd|Küchenstraße 8|89073|Ulm
Rothman Uhren|rothman-uhren|Peter Rothman|Zeitgasse 12|75172|Pforzheim
Saltmarsh Farm Shop|saltmarsh|Heike Wiese|Deichweg 27|25813|Husum
Thistle Motors|thistle|Jan Rad|Autohof 2|34117|Kassel
Umber Paints|umber|Sina Farbe|Pinselweg 16|56068|Koblenz
Whitby Cold Storage|whitby|Ralf Frost|Kühlhaus 9|27568|Bremerhaven
Yarrow Wellness|yarrow|Anja Kraut|Kurpark 5|76530|Baden-Baden
"""
_PROSPECTS = """
Zephyr Drones|zephyr|Tim Wind|Startbahn 6|15711|Königs Wusterhausen
Cinder Coffee Roasters|cinder|Mia Bohne|Röstweg 2|20359|Hamburg
Opal Event Spaces|opalevents|Leo Saal|Festplatz 4|50678|Köln
Sorrel Architects|sorrel|Ida Plan|Entwurfweg 9|10405|Berlin
"""
WITHOUT_EMAIL = 16
NATIVE = 5


def _company(row: str, place: int, *, in_books: bool) -> Company:
    """The first ones were typed into Books without e-mail, the last ones came through Zoho's native integration."""
    name, domain, person, street, code, city = row.split("|")
    return Company(
        name, f"{domain}.example", person, street, code, city,
        owner="Raj" if place % 3 == 2 else "Ada",
        books_email="" if place < WITHOUT_EMAIL else None,
        phone=f"+49 30 5551 {place + 1000}",
        vat=f"DE8120000{place:02}",
        in_books=in_books, native=in_books and place >= 36 - NATIVE,
    )  # fmt: skip


USUAL = tuple(_company(row, place, in_books=True) for place, row in enumerate(_ADDRESSES.strip().splitlines()))
PROSPECTS = tuple(
    _company(row, 90 + place, in_books=False) for place, row in enumerate(_PROSPECTS.strip().splitlines())
)

_GOODS = (("CHR-120", "120.00"), ("CAB-215", "215.00"), ("PAN-94", "94.00"), ("RUG-26", "26.00"), ("LCK-280", "280.00"))
_OVERDUE = {4, 11, 19, 27, 33}


def _invoice(place: int) -> Invoice:
    """One old invoice a company, between T-180 and T-75: long before month M."""
    code, rate = _GOODS[place % len(_GOODS)]
    age = 180 - 3 * place
    lines = (Line(code, str(2 + place % 7), rate), Line("BOX-13", str(10 + place), "13.00"))
    return Invoice(f"usual-{place}", USUAL[place].name, t(-age), t(30 - age), lines, f"PO {4100 + place}")


def _deal(place: int, stage: str, closing: int, quantity: int) -> Deal:
    company, (code, rate) = USUAL[place], _GOODS[place % len(_GOODS)]
    return Deal(
        company.name, f"{company.city} office {closing % 9 + 1}", t(closing), (Line(code, str(quantity), rate),),
        stage=stage, owner=company.owner,
    )  # fmt: skip


USUAL_INVOICES = tuple(_invoice(place) for place in range(len(USUAL)))
USUAL_PAYMENTS = tuple(
    Payment(bill.company, t(place % 5 - 74), "", ((bill.label, ""),))
    for place, bill in enumerate(USUAL_INVOICES)
    if place not in _OVERDUE
)
OLD_WINS = tuple(_deal(place, "Closed Won", -200 + 20 * place, 8 + place) for place in range(6))
OPEN_DEALS = tuple(
    _deal(place, stage, 5 + place, 3 + place)
    for place, stage in enumerate(
        ("Qualification", "Needs Analysis", "Value Proposition", "Proposal/Price Quote", "Negotiation/Review") * 2, 8
    )
)
LOST_DEALS = (_deal(20, "Closed Lost", -90, 12), _deal(23, "Closed Lost", -80, 30))
