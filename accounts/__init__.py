"""People and connections."""
