"""An invoice as Books prints it (facts Books 5.1: `accept=pdf`): a page of plain lines, a valid PDF."""

from zbridge.simulator.app import Row

TOP, STEP = 800, 18


def of_document(doc: Row) -> bytes:
    """One page with its number, customer, lines and total."""
    number = str(doc.get("invoice_number") or doc.get("creditnote_number") or doc.get("estimate_number") or "")
    lines = [number, str(doc.get("customer_name", "")), f"Date {doc.get('date', '')}, due {doc.get('due_date', '')}"]
    for line in doc.get("line_items") or ():
        lines.append(f"{line.get('quantity')} x {line.get('name')}: {line.get('item_total')}")
    lines += [f"Total {doc.get('total')} {doc.get('currency_code')}", f"Balance {doc.get('balance')}"]
    return _page([line for line in lines if line])


def _page(lines: list[str]) -> bytes:
    drawn = "".join(_drawn(line, place) for place, line in enumerate(lines))
    fonts = "/Resources << /Font << /F1 5 0 R >> >>"
    parts = (
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R {fonts} >>",
        f"<< /Length {len(drawn.encode('latin-1', 'replace'))} >>\nstream\n{drawn}endstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    )
    body, places = b"%PDF-1.4\n", []
    for place, part in enumerate(parts, 1):
        places.append(len(body))
        body += f"{place} 0 obj\n{part}\nendobj\n".encode("latin-1", "replace")
    return body + _table(places, len(body)).encode()


def _table(places: list[int], start: int) -> str:
    """Where each part begins, and where this table does."""
    count, rows = len(places) + 1, "".join(f"{place:010d} 00000 n \n" for place in places)
    trailer = f"trailer\n<< /Size {count} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    return f"xref\n0 {count}\n0000000000 65535 f \n{rows}{trailer}"


def _drawn(line: str, place: int) -> str:
    return f"BT /F1 11 Tf 60 {TOP - STEP * place} Td ({_text(line)}) Tj ET\n"


def _text(line: str) -> str:
    return line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
