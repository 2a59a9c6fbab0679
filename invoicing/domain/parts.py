"""A sale billed in parts: each part's lines to the cent, and all parts together exactly the sale. Pure.

Values are the sum of the lines after their discounts, less the document's discount, plus the adjustment: net, or with
tax where the sale's prices include it. Each invoice's tax is computed on that invoice.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from decimal import ROUND_DOWN, Decimal

from invoicing.domain.documents import ZERO, Discount, Sale, SaleLine
from invoicing.domain.portions import LinePart, Portion
from invoicing.domain.totals import HUNDRED, less
from zbridge.money import round_to


class NotDivisible(ValueError):
    """The part can't be made; its text is the sentence."""


def whole(sale: Sale, digits: int) -> Portion:
    """Everything the sale bills, as one part."""
    lines = tuple(_whole_line(line, digits) for line in sale.lines)
    header = sale.header_discount.value
    if sale.header_discount.is_percent:
        header = round_to(sum((one.amount for one in lines), ZERO) * header / HUNDRED, digits)
    return Portion(lines=lines, header=header, adjustment=sale.adjustment, amount=sale.amount, label="everything")


def _whole_line(line: SaleLine, digits: int) -> LinePart:
    price = round_to(line.rate * line.quantity, digits)
    amount = round_to(less(line.rate * line.quantity, line.discount), digits)
    return LinePart(source_id=line.source_id, price=price, discount=price - amount)


def left(of: Portion, earlier: Sequence[Portion]) -> Portion:
    """What the earlier parts have not taken; a line that is billed in full stands with nothing."""
    taken: dict[str, list[LinePart]] = {}
    for part in earlier:
        for one in part.lines:
            taken.setdefault(one.source_id, []).append(one)
    lines = tuple(
        LinePart(
            source_id=one.source_id,
            price=one.price - sum((it.price for it in taken.get(one.source_id, ())), ZERO),
            discount=one.discount - sum((it.discount for it in taken.get(one.source_id, ())), ZERO),
        )
        for one in of.lines
    )
    amounts = [part.amount or ZERO for part in earlier]
    return Portion(
        lines=lines,
        header=of.header - sum((part.header for part in earlier), ZERO),
        adjustment=of.adjustment - sum((part.adjustment for part in earlier), ZERO),
        amount=None if of.amount is None else of.amount - sum(amounts, ZERO),
        label="the rest",
    )


def by_percent(of: Portion, earlier: Sequence[Portion], percent: Decimal, digits: int) -> Portion:
    """So much of the whole sale; what comes within a cent a part of what is left is the rest. Raises NotDivisible."""
    if percent <= 0:
        raise NotDivisible("A part is more than 0 %.")
    made = by_value(of, earlier, round_to(of.value * percent / HUNDRED, digits), digits)
    return replace(made, label=f"{percent.normalize():f} %")


def by_value(of: Portion, earlier: Sequence[Portion], value: Decimal, digits: int) -> Portion:
    """So much in the sale's terms, spread over what is left of the lines; beyond that over all lines."""
    rest, unit = left(of, earlier), Decimal(1).scaleb(-digits)
    if value <= 0 or of.value <= 0 or any(one.amount < 0 for one in of.lines):
        raise NotDivisible("Only amounts above zero can be billed, of a sale whose lines are above zero, too.")
    if abs(value - rest.value) <= unit * (len(earlier) + 1):
        return rest
    base = rest if value < rest.value else of
    share = value / base.value
    header, adjustment = round_to(base.header * share, digits), round_to(base.adjustment * share, digits)
    amounts = _spread(value + header - adjustment, [one.amount for one in base.lines], unit)
    lines = (_line_part(one, amount, digits) for one, amount in zip(base.lines, amounts, strict=True))
    amount = None if base.amount is None else round_to(base.amount * share, digits)
    found = tuple(one for one in lines if one.price)
    return Portion(lines=found, header=header, adjustment=adjustment, amount=amount, label="an amount")


def by_lines(of: Portion, earlier: Sequence[Portion], chosen: Collection[str], digits: int) -> Portion:
    """What is left of the chosen lines, with their share of discount and adjustment. Raises NotDivisible."""
    rest = left(of, earlier)
    lines = tuple(one for one in rest.lines if one.source_id in chosen and one.amount > 0)
    amount, all_left = (sum((one.amount for one in some), ZERO) for some in (lines, rest.lines))
    if not lines:
        raise NotDivisible("Choose at least one line that isn't billed yet.")
    label = "1 line" if len(lines) == 1 else f"{len(lines)} lines"
    if amount == all_left:
        return replace(rest, label=label)
    share = amount / all_left
    return Portion(
        lines=lines, header=round_to(rest.header * share, digits), adjustment=round_to(rest.adjustment * share, digits),
        amount=None if rest.amount is None else round_to(rest.amount * share, digits), label=label,
    )  # fmt: skip


def exceeds(of: Portion, earlier: Sequence[Portion], part: Portion) -> bool:
    """Whether the part bills more than is left of the sale."""
    return part.value > max(left(of, earlier).value, ZERO)


def _spread(total: Decimal, weights: Sequence[Decimal], unit: Decimal) -> list[Decimal]:
    """By weight, to the cent; what is left over goes cent by cent to the largest remainders, and the parts add up."""
    weight = sum(weights, ZERO)
    exact = [total * one / weight for one in weights]
    shares = [one.quantize(unit, ROUND_DOWN) for one in exact]
    order = sorted(range(len(weights)), key=lambda place: (shares[place] - exact[place], place))
    for place in order[: int((total - sum(shares, ZERO)) / unit)]:
        shares[place] += unit
    return shares


def _line_part(of: LinePart, amount: Decimal, digits: int) -> LinePart:
    discount = round_to(of.discount * amount / of.amount, digits) if of.amount else ZERO
    return LinePart(source_id=of.source_id, price=amount + discount, discount=discount)


def part_of(sale: Sale, portion: Portion, digits: int) -> Sale:
    """The sale with the part's lines only: a whole line as it is, a piece of one as quantity 1 with its words."""
    pieces = {one.source_id: one for one in portion.lines if one.price}
    lines = tuple(_piece(line, pieces[line.source_id], digits) for line in sale.lines if line.source_id in pieces)
    return replace(
        sale, lines=lines, header_discount=Discount(portion.header), adjustment=portion.adjustment,
        amount=portion.amount,
    )  # fmt: skip


def _piece(line: SaleLine, part: LinePart, digits: int) -> SaleLine:
    full = _whole_line(line, digits)
    if (part.price, part.discount) == (full.price, full.discount):
        return line
    percent = round_to(part.price * HUNDRED / full.price, 2).normalize() if full.price else ZERO
    told = f"{percent:f} % of {line.quantity.normalize():f} x {round_to(line.rate, digits)}"
    words = f"{line.description}\n{told}" if line.description else told
    return replace(
        line, quantity=Decimal(1), rate=part.price, discount=Discount(part.discount), description=words,
        whole_rate=line.rate,
    )  # fmt: skip
