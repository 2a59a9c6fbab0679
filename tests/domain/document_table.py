"""Invoices worked out by hand: what Books must make of them. Frozen and neutral, so that any side can be held to them.

Columns: name; lines (quantity, rate, discount, tax); expected sub total, tax by name, total. Amounts are text, as the
field's practice writes them; a discount is an amount or ends in %; the tax is a name of TAXES or empty. EUR unless
said; taxes are rounded once per tax (`entity`) unless `item`; a document discount comes off after tax unless said.
"""

from dataclasses import dataclass, field

# name -> percentage, and the parts of a group.
TAXES: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "Standard": ("19", ()),
    "Reduced": ("7", ()),
    "Zero": ("0", ()),
    "Five": ("5", ()),
    "Ten": ("10", ()),
    "Fifteen": ("15", ()),
    "Twenty": ("20", ()),
    "Seven and a half": ("7.5", ()),
    "GST18": ("18", (("CGST", "9"), ("SGST", "9"))),
}

Line = tuple[str, str, str, str]


@dataclass(frozen=True)
class Document:
    """One invoice as asked for, and what it comes to."""

    name: str
    lines: tuple[Line, ...]
    sub_total: str
    taxes: dict[str, str]
    total: str
    currency: str = "EUR"
    discount: str = "0"
    before_tax: bool = False
    adjustment: str = "0"
    inclusive: bool = False
    rounding: str = "entity"
    demo: str = field(default="", compare=False)


S, R = "Standard", "Reduced"
DISCOUNTED = (("10", "120", "10%", S), ("5", "80", "", R))
FULL_PRICE = (("10", "120", "", S), ("5", "80", "", R))
TENS = (("1", "10", "", S), ("1", "10", "", S), ("1", "10", "", S))
THIRDS = (("1", "33.333", "", S), ("1", "33.333", "", S), ("1", "33.333", "", S))
DIMES = (("1", "0.10", "", "Fifteen"), ("1", "0.10", "", "Fifteen"))
GROUPED = (("1", "10.50", "", "GST18"), ("1", "10.50", "", "GST18"))
TWO_DISCOUNTS = (("1", "200", "5%", S), ("1", "50", "2.50", S))
NINES = (("1", "9.99", "", R), ("1", "9.99", "", R), ("1", "9.99", "", R))

DOCUMENTS: tuple[Document, ...] = (
    Document("one line", (("1", "100", "", S),), "100.00", {S: "19.00"}, "119.00"),
    Document("quantity and a half", (("1.5", "80", "", S),), "120.00", {S: "22.80"}, "142.80"),
    Document("a tax of half a cent goes up", (("1", "1", "", "Seven and a half"),), "1.00",
        {"Seven and a half": "0.08"}, "1.08"),
    Document("a half cent of tax goes up", (("1", "50.50", "", "Five"),), "50.50", {"Five": "2.53"}, "53.03"),
    Document("a half cent of price goes up", (("1", "0.005", "", S),), "0.01", {S: "0.00"}, "0.01"),
    Document("six decimals of price", (("1000", "0.123456", "", S),), "123.46", {S: "23.46"}, "146.92"),
    Document("many decimals of both", (("3.5", "0.333333", "", R),), "1.17", {R: "0.08"}, "1.25"),
    Document("ten million", (("1", "9999999.99", "", S),), "9999999.99", {S: "1900000.00"}, "11899999.99"),
    Document("two rates", (("1", "100", "", S), ("1", "50", "", R)), "150.00", {S: "19.00", R: "3.50"}, "172.50"),
    Document("two rates again", (("1", "80", "", "Twenty"), ("1", "40", "", "Seven and a half")), "120.00",
        {"Twenty": "16.00", "Seven and a half": "3.00"}, "139.00"),
    Document("no tax", (("1", "250", "", ""),), "250.00", {}, "250.00"),
    Document("a tax of nothing", (("1", "250", "", "Zero"),), "250.00", {"Zero": "0.00"}, "250.00"),
    Document("taxed and untaxed", (("1", "100", "", S), ("1", "20", "", "")), "120.00", {S: "19.00"}, "139.00"),
    Document("a line less a percentage", (("10", "120", "10%", S),), "1080.00", {S: "205.20"}, "1285.20"),
    Document("a line less an amount", (("3", "50", "15.00", S),), "135.00", {S: "25.65"}, "160.65"),
    Document("a line less an eighth", (("1", "100", "12.5%", S),), "87.50", {S: "16.63"}, "104.13"),
    Document("a line for nothing", (("1", "50", "100%", S), ("1", "100", "", S)), "100.00", {S: "19.00"}, "119.00"),
    Document("an amount and a percentage", TWO_DISCOUNTS, "237.50", {S: "45.13"}, "282.63"),
    Document("an amount and a percentage, by line", TWO_DISCOUNTS, "237.50", {S: "45.13"}, "282.63", rounding="item"),
    Document("three thirds in one line", (("3", "33.333", "", S),), "100.00", {S: "19.00"}, "119.00"),
    Document("three thirds in three lines", THIRDS, "99.99", {S: "19.00"}, "118.99"),
    Document("three thirds, by line", THIRDS, "99.99", {S: "18.99"}, "118.98", rounding="item"),
    Document("two dimes", DIMES, "0.20", {"Fifteen": "0.03"}, "0.23"),
    Document("two dimes, by line", DIMES, "0.20", {"Fifteen": "0.04"}, "0.24", rounding="item"),
    Document("three nines", NINES, "29.97", {R: "2.10"}, "32.07"),
    Document("three nines, by line", NINES, "29.97", {R: "2.10"}, "32.07", rounding="item"),
    Document("a group", (("1", "10.50", "", "GST18"),), "10.50", {"CGST": "0.95", "SGST": "0.95"}, "12.40"),
    Document("a group twice", GROUPED, "21.00", {"CGST": "1.89", "SGST": "1.89"}, "24.78"),
    Document("a group twice, by line", GROUPED, "21.00", {"CGST": "1.90", "SGST": "1.90"}, "24.80", rounding="item"),
    Document("a document discount", (("1", "200", "", S),), "200.00", {S: "38.00"}, "228.00", discount="10"),
    Document("a document discount before tax", (("1", "200", "", S),), "200.00", {S: "36.10"}, "226.10", discount="10",
        before_tax=True),
    Document("a discount spread over two rates", (("1", "60", "", "Twenty"), ("1", "40", "", "Ten")), "100.00",
        {"Twenty": "10.80", "Ten": "3.60"}, "104.40", discount="10", before_tax=True),
    Document("a discount over two rates after tax", (("1", "60", "", "Twenty"), ("1", "40", "", "Ten")), "100.00",
        {"Twenty": "12.00", "Ten": "4.00"}, "106.00", discount="10"),
    Document("a discount that three lines can't share evenly", TENS, "30.00", {S: "5.51"}, "34.51", discount="1",
        before_tax=True),
    Document("a discount shared unevenly over two rates", (("1", "10", "", S), ("1", "10", "", R), ("1", "10", "", S)),
        "30.00", {S: "3.67", R: "0.68"}, "33.35", discount="1", before_tax=True),
    Document("an adjustment up", (("1", "100", "", S),), "100.00", {S: "19.00"}, "119.01", adjustment="0.01"),
    Document("an adjustment down", (("1", "100", "", "Twenty"),), "100.00",
        {"Twenty": "20.00"}, "119.50", adjustment="-0.50"),
    Document("both discounts", (("1", "100", "10%", S),), "90.00", {S: "17.10"}, "102.10", adjustment="-5.00"),
    Document("a price with its tax", (("1", "119", "", S),), "100.00", {S: "19.00"}, "119.00", inclusive=True),
    Document("prices with two taxes", (("1", "119", "", S), ("1", "107", "", R)), "200.00", {S: "19.00", R: "7.00"},
        "226.00", inclusive=True),
    Document("a shop price", (("1", "9.99", "", S),), "8.39", {S: "1.60"}, "9.99", inclusive=True),
    Document("half off a price with its tax", (("2", "119", "50%", S),), "100.00",
        {S: "19.00"}, "119.00", inclusive=True),
    Document("yen", (("1", "105", "", "Ten"),), "105", {"Ten": "11"}, "116", currency="JPY"),
    Document("yen in parts", (("3", "33.4", "", "Ten"),), "100", {"Ten": "10"}, "110", currency="JPY"),
    Document("yen less a discount", (("1", "1000", "", "Ten"),), "1000",
        {"Ten": "100"}, "1045", currency="JPY", discount="55"),
    Document("yen less a discount before tax", (("1", "1000", "", "Ten"),), "1000",
        {"Ten": "95"}, "1040", currency="JPY",
        discount="55", before_tax=True),
    Document("dinars", (("1", "10.125", "", "Five"),), "10.125", {"Five": "0.506"}, "10.631", currency="KWD"),
    Document("dinars in parts", (("3", "0.333", "", "Five"),), "0.999", {"Five": "0.050"}, "1.049", currency="KWD"),
    Document("Acme: Warehouse fit-out",
        (("12", "640", "", S), ("40", "55", "", S), ("8", "175", "", S), ("1", "1200", "", S)),
        "12480.00", {S: "2371.20"}, "14851.20", demo="1"),
    Document("Northgate: Spare parts", (("9", "140", "", S), ("2", "55", "", S)), "1370.00",
        {S: "260.30"}, "1630.30", demo="2"),
    Document("Lumen Studio", (("1", "2150", "", S),), "2150.00", {S: "408.50"}, "2558.50", demo="3"),
    Document("Orchard Foods", (("1", "5600", "", S),), "5600.00", {S: "1064.00"}, "6664.00", demo="5"),
    Document("Delta Foods: June order", (("1", "3200", "", S),), "3200.00", {S: "608.00"}, "3808.00", demo="7"),
    Document("Weber Logistik", (("1", "7450", "", S),), "7450.00", {S: "1415.50"}, "8865.50", demo="9"),
    Document("Sierra Labs", (("1", "2400", "", S),), "2400.00", {S: "456.00"}, "2856.00", currency="USD", demo="10"),
    Document("Q-1042", DISCOUNTED, "1480.00", {S: "205.20", R: "28.00"}, "1713.00", adjustment="-0.20", demo="11"),
    Document("Q-1043 as CRM counts", FULL_PRICE, "1600.00", {S: "228.00", R: "28.00"}, "1755.60", discount="100",
        adjustment="-0.40", demo="12"),
    Document("Q-1043 as Books counts", FULL_PRICE, "1600.00", {S: "213.75", R: "26.25"}, "1739.60", discount="100",
        adjustment="-0.40", before_tax=True, demo="12"),
    Document("Q-1048", DISCOUNTED, "1480.00", {S: "205.20", R: "28.00"}, "1612.80", adjustment="-100.40", demo="12"),
)  # fmt: skip
