"""What Brightwater Supplies sells: CRM products and Books items (ui.md 3, numbers 2, 19 and 20)."""

from zbridge.simulator.world_facts import Product

UNKNOWN_TAX = "8.1"
LONG_NAME = ("Modular partition wall with acoustic core, oak veneer and aluminium frame, " * 5)[:300]

PRODUCTS = (
    Product("RCK-640", "Pallet rack bay", "640.00"),
    Product("SHF-55", "Steel shelf", "55.00"),
    Product("GRD-175", "Column guard rail", "175.00"),
    Product("INS-1", "Installation day", "1200.00", unit="days"),
    Product("WID-9", "Widget 9 bracket set", "140.00", books_code="WID 9", books_name="WID 9"),
    Product("DSK-75", "Sit-stand desk frame", "95.00"),
    Product("LMP-3", "Desk lamp", "45.00", in_books=False),
    Product("CBL-5", "Cable tray", "12.50", in_crm=False),
    Product("SRV", "Services", "100.00", unit="hrs"),
    Product("CHR-120", "Task chair", "120.00"),
    Product("HBK-80", "Safety handbook", "80.00", tax="7"),
    Product("TXT-7", "Workshop textbook set", "20.00", tax="7"),
    Product("CAB-215", "Filing cabinet", "215.00"),
    Product("PAN-94", "Acoustic panel", "94.00"),
    Product("LCK-280", "Locker unit", "280.00"),
    Product("TRL-330", "Platform trolley", "330.00"),
    Product("MNT-65", "Monitor arm", "65.00"),
    Product("TBL-310", "Meeting table", "310.00"),
    Product("BLD-745", "Workbench", "745.00"),
    Product("TRN-450", "Training day", "450.00", unit="days"),
    Product("PLN-150", "Space planning hour", "150.00", unit="hrs"),
    Product("RUG-26", "Anti-fatigue mat", "26.00"),
    Product("BOX-13", "Storage box", "13.00"),
    Product("CLN-39", "Cleaning set", "39.00"),
    Product("FRM-17", "Label frame", "17.00"),
    Product("IMP-20", "Wall clock, imported", "58.00", tax=UNKNOWN_TAX, in_books=False),
    Product("IMP-21", "Coat stand, imported", "72.00", tax=UNKNOWN_TAX, in_books=False),
)

# Books' price lists: name, currency and rates. On CRM's quotes one is the same, one differs, and one list is missing.
DEALERS, SPRING_FAIR = "Dealers EUR", "Spring fair"
PRICE_LISTS = (
    (DEALERS, "EUR", (("TBL-310", "310.00"), ("CHR-120", "114.00"), ("CAB-215", "199.00"))),
    ("Dealers USD", "USD", (("CHR-120", "129.00"), ("LCK-280", "299.00"))),
)

DRIFTED_CODE = "DSK-75"
DRIFTED_PRICE = "99.00"
