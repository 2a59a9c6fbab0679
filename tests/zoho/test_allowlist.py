"""What the client could ever ask for."""

from zbridge.zoho.allowlist import ALLOWED


def test_nothing_is_ever_deleted() -> None:
    assert [entry for entry in ALLOWED if entry[1] == "DELETE"] == []


def test_of_invoices_only_reading_and_creating_is_allowed() -> None:
    touching = {(method, path) for system, method, path in ALLOWED if system == "books" and "/invoices" in path}
    reads = {("GET", "/books/v3/invoices"), ("GET", "/books/v3/invoices/{id}")}
    assert touching == reads | {("POST", "/books/v3/invoices")}


def test_no_path_can_send_void_or_mark_anything() -> None:
    assert not [path for _, _, path in ALLOWED if any(word in path for word in ("status", "email", "void", "upsert"))]
