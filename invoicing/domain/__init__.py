"""The pure centre of documents and money: what a sale becomes as an invoice, and what stops it."""
