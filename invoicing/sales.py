"""A deal or quote row as the sale that the rules weigh, with the lines of the first source on the ladder that has any."""

from accounts.models import Connection
from invoicing.domain.documents import Sale
from invoicing.models import Deal, Quote


def sale_of(connection: Connection, deal: Deal | None, quote: Quote | None) -> Sale:
    raise NotImplementedError
