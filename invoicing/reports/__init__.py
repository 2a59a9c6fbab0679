"""Reports: each answers one question from the mirror, with its filters, its sums, and how it is counted."""
