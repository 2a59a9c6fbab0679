"""The self-test: what nobody could verify about Zoho, asked of the user's own organisation and kept as a report."""
