"""Tables of the page of results."""


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Markdown: a head, a rule, a line for each row."""
    lines = ["| " + " | ".join(row) + " |" for row in (head, tuple("---" for _ in head), *rows)]
    return "\n".join(lines)
