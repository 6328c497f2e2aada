"""The PDF of an invoice or estimate: what the public page shows, on A4. Its font is bundled, nothing is fetched."""

from collections.abc import Iterable

from curdbee_compat.pdf.sheet import INK, RULE, SIDE, SOFT, WIDTH, Colour, Line, Sheet, Style
from curdbee_compat.statement_view import Amount, LineView, StatementView, day

LABEL = Style(8, colour=SOFT)
TEXT, STRONG, FIGURE = Style(9), Style(9, bold=True), Style(9, align="R")
NAME, DETAIL = Style(9, align=""), Style(8, colour=SOFT, align="")
SUM = Style(10, bold=True)
TOTALS = 74.0  # mm, the block of totals at the right
GAP, UNIT_GAP, UNIT = 5.0, 1.5, 24.0  # mm between columns; before a unit; the most that a unit is wide
PADDING = 0.8  # mm above and below a row
STATES: dict[str, tuple[Colour, Colour]] = {  # ink and ground, as on the page
    "draft": ((74, 85, 99), (241, 243, 245)),
    "sent": ((26, 84, 136), (236, 244, 251)),
    "partial": ((128, 82, 10), (253, 245, 227)),
    "paid": ((28, 107, 60), (234, 246, 238)),
    "closed": ((74, 85, 99), (241, 243, 245)),
}


def document(view: StatementView) -> bytes:
    """The whole file."""
    with Sheet() as sheet:
        sheet.set_title(f"{view.kind} {view.number}")
        sheet.set_author(view.sender)
        sheet.set_lang("en")
        head(sheet, view)
        facts(sheet, view)
        Table(sheet, view.lines).draw()
        totals(sheet, view)
        if view.notes:
            notes(sheet, view.notes)
        return bytes(sheet.output())


def head(sheet: Sheet, view: StatementView) -> None:
    """What it is, its state, and the figure that matters."""
    badge = state(sheet, view)
    sheet.beside([sheet.lines(f"{view.kind} {view.number}", Style(15, bold=True), width=WIDTH - badge - GAP)])
    if view.summary:
        sheet.beside([sheet.lines(view.summary, Style(9.5, colour=SOFT))])
    sheet.y += 4
    sheet.beside([sheet.lines(view.headline.label, Style(9.5, colour=SOFT))])
    sheet.beside([sheet.lines(view.headline.text, Style(20, bold=True))])
    sheet.y += 3


def state(sheet: Sheet, view: StatementView) -> float:
    """The state at the right margin, in its colours. Returns its width."""
    ink, ground = STATES[view.state]
    style = Style(8.5, bold=True, colour=ink)
    width = sheet.measured(view.state_text, style) + 6
    sheet.set_draw_color(*ink)
    sheet.set_fill_color(*ground)
    sheet.set_line_width(0.2)
    x, y = SIDE + WIDTH - width, sheet.y
    sheet.rect(x, y + 0.8, width, 5.4, style="DF", round_corners=True, corner_radius=2.69)
    sheet.set_xy(x, y + 1.55)
    sheet.beside([sheet.lines(view.state_text, style, x + 3, width)])
    sheet.set_xy(SIDE, y)
    return width


def facts(sheet: Sheet, view: StatementView) -> None:
    """From, to, and when."""
    sheet.rule()
    sheet.y += 4
    third, dates = (WIDTH - 48 - 2 * GAP) / 2, SIDE + WIDTH - 48
    senders, clients = SIDE, SIDE + third + GAP
    rows = [("Date", day(view.date)), ("Currency", view.currency)]
    if view.due_date:
        rows.insert(1, ("Due date", day(view.due_date)))
    sheet.beside(
        [
            party(sheet, "From", view.sender, view.sender_email, senders, third),
            party(sheet, "To", view.client, view.client_address, clients, third),
            [line for label, _ in rows for line in sheet.lines(label, Style(9, colour=SOFT), dates, 18)],
            [line for _, text in rows for line in sheet.lines(text, TEXT, dates + 18, 30)],
        ]
    )
    sheet.y += 6


def party(sheet: Sheet, label: str, name: str, more: str, x: float, width: float) -> list[Line]:
    """A name with what is below it."""
    parts = [(label, LABEL), (name, STRONG), (more, TEXT)]
    return [line for text, style in parts if text for line in sheet.lines(text, style, x, width)]


class Table:
    """The lines of the statement; its head comes again on every page."""

    def __init__(self, sheet: Sheet, rows: list[LineView]) -> None:
        self.sheet, self.rows = sheet, rows
        total = self._width("Amount", (row.total for row in rows))
        price = self._width("Price", (row.price for row in rows))
        units = [sheet.measured(unit, TEXT) for unit in {row.unit[:100] for row in rows if row.unit}]
        self.unit = min(max(units) + 1, UNIT) if units else 0
        quantity = self._width("Quantity", (row.quantity for row in rows))
        right = SIDE + WIDTH
        self.totals = (right - total, total)
        self.prices = (right - total - GAP - price, price)
        self.units = (self.prices[0] - GAP - self.unit, self.unit) if units else (self.prices[0] - GAP + UNIT_GAP, 0.0)
        self.quantities = (self.units[0] - UNIT_GAP - quantity, quantity)
        self.names = (SIDE, self.quantities[0] - GAP - SIDE)

    def _width(self, label: str, texts: Iterable[str]) -> float:
        """Room for the longest: figures are all of one width, but for the sign."""
        longest = max(texts, key=len, default="")
        return max(self.sheet.measured(label, LABEL), self.sheet.measured(longest, TEXT)) + 1

    def draw(self) -> None:
        """Head and rows."""
        self.head()
        for row in self.rows:
            self.sheet.beside(self._cells(row), again=self.head)
            self.sheet.y += PADDING
            self.sheet.rule()
            self.sheet.y += PADDING
        if not self.rows:
            self.sheet.beside([self.sheet.lines("No lines", DETAIL)])

    def head(self) -> None:
        """The names of the columns."""
        figure = Style(8, colour=SOFT, align="R")
        columns = [
            self.sheet.lines("Description", LABEL, *self.names),
            self.sheet.lines("Quantity", figure, *self.quantities),
            self.sheet.lines("Price", figure, *self.prices),
            self.sheet.lines("Amount", figure, *self.totals),
        ]
        if self.unit:
            columns.append(self.sheet.lines("Unit", LABEL, self.units[0], max(self.unit, 10)))
        self.sheet.need(20)
        self.sheet.beside(columns)
        self.sheet.y += 1
        self.sheet.rule(INK)
        self.sheet.y += PADDING

    def _cells(self, row: LineView) -> list[list[Line]]:
        described = self.sheet.lines(row.name, NAME, *self.names)
        if row.detail:
            described += self.sheet.lines(row.detail, DETAIL, *self.names)
        cells = [
            described,
            self.sheet.lines(row.quantity, FIGURE, *self.quantities),
            self.sheet.lines(row.price, FIGURE, *self.prices),
            self.sheet.lines(row.total, FIGURE, *self.totals),
        ]
        if row.unit:
            cells.append(self.sheet.lines(row.unit, TEXT, *self.units))
        return cells


def totals(sheet: Sheet, view: StatementView) -> None:
    """From the sub-total down to what is due, on one page."""
    rows = [*view.parts, view.total, *view.settlement]
    sheet.y += 3
    sheet.need(len(rows) * 5 + 10)
    for row in view.parts:
        amount(sheet, row, TEXT)
    ruled(sheet, INK)
    amount(sheet, view.total, SUM)
    for row in view.settlement[:-1]:
        amount(sheet, row, TEXT)
    for row in view.settlement[-1:]:
        ruled(sheet, RULE)
        amount(sheet, row, SUM)


def ruled(sheet: Sheet, colour: Colour) -> None:
    """A rule across the block of totals."""
    sheet.y += 1
    sheet.rule(colour, SIDE + WIDTH - TOTALS)
    sheet.y += 1.6


def amount(sheet: Sheet, row: Amount, style: Style) -> None:
    """One row of the totals."""
    x, label = SIDE + WIDTH - TOTALS, style if style.bold else Style(style.size, colour=SOFT)
    figure = Style(style.size, style.bold, align="R")
    width = sheet.measured(row.text, figure) + 0.1
    sheet.beside(
        [
            sheet.lines(row.label, label, x, TOTALS - width - 2),
            sheet.lines(row.text, figure, x + TOTALS - width, width),
        ]
    )
    sheet.y += 0.4


def notes(sheet: Sheet, text: str) -> None:
    """What the sender adds."""
    sheet.y += 5
    sheet.need(15)
    sheet.rule()
    sheet.y += 3
    sheet.beside([sheet.lines("Notes", LABEL)])
    sheet.beside([sheet.lines(text, NAME)])
