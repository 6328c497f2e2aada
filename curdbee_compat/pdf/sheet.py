"""An A4 sheet that sets lines of any script side by side and goes on to the next page; knows no statement."""

import logging
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, zip_longest
from pathlib import Path
from typing import Self, cast

from fpdf import FPDF
from fpdf.bidi import BidiCharacter, BidiParagraph, auto_detect_base_direction
from fpdf.enums import TextDirection
from fpdf.fonts import TTFFont

logging.getLogger("fontTools").setLevel(logging.WARNING)  # it tells of every table of every font at INFO

FONTS = Path(__file__).parent / "fonts"
SIDE, TOP, BOTTOM = 16.0, 13.0, 14.0  # margins, like all lengths here in mm
WIDTH, END = 210.0 - 2 * SIDE, 297.0 - BOTTOM
LEADING = 0.44  # mm of line height for a point of font size
LONGEST = 200  # characters of one word that are looked at together; no line has room for more
Colour = tuple[int, int, int]
INK: Colour = (27, 36, 48)
SOFT: Colour = (90, 102, 117)
RULE: Colour = (225, 229, 234)
# What must be shaped: combining marks; the scripts from Hebrew on; joiners and marks of direction; presentation
# forms. Shaping takes twenty times as long, so plain text goes without.
COMPLEX = re.compile("[\u0300-\u036f\u0590-\u1dff\u200c-\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc]")
COUNT = "\ufdd0" * 8  # stands for the number of pages until it is known; no character, so no text means it


@dataclass(frozen=True)
class Style:
    """How a text looks. align: "L", "R", or "" for where its script begins."""

    size: float = 9
    bold: bool = False
    colour: Colour = INK
    align: str = "L"


@dataclass(frozen=True)
class Line:
    """A line that is broken already, with its place on the sheet."""

    text: str
    x: float
    width: float
    style: Style
    rtl: bool

    @property
    def height(self) -> float:
        """What it takes of the page."""
        return self.style.size * LEADING


class Shown(dict[int, int | None]):
    """A table for str.translate: what the font lacks becomes U+FFFD, the sign for that; tabs and marks that would
    embed or override a direction become blank and nothing."""

    def __init__(self, font: TTFFont) -> None:
        super().__init__({ord("\n"): ord("\n"), ord("\t"): ord(" ")})
        self.update(dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)]))
        self._known = font.cmap

    def __missing__(self, code: int) -> int | None:
        self[code] = code if code in self._known else 0xFFFD
        return self[code]


def visual(line: Line) -> Iterator[tuple[str, bool]]:
    """The runs of one direction as they stand from left to right, each in the order of its letters, and whether that
    is from right to left. FPDF knows the levels, but orders paragraphs and not lines, and takes 2 for 0 (UAX 9, L2)."""
    direction = TextDirection.RTL if line.rtl else TextDirection.LTR
    paragraph = BidiParagraph(line.text, base_direction=direction, preserve_bn_chars=True)
    characters = paragraph.get_characters_with_embedding_level()
    runs = [(level, [*run]) for level, run in groupby(characters, key=lambda character: character.embedding_level)]
    for level in range(max((level for level, _ in runs), default=0), 0, -1):
        ordered: list[tuple[int, list[BidiCharacter]]] = []
        for high, group in groupby(runs, key=lambda run: run[0] >= level):
            part = list(group)
            ordered += reversed(part) if high else part
        runs = ordered
    yield from (("".join(character.character for character in run), level % 2 == 1) for level, run in runs)


class Sheet(FPDF):
    """Pages, filled from the top. `y` is where the next line goes."""

    def __init__(self) -> None:
        super().__init__(format="A4")
        self.add_font("DejaVu", "", FONTS / "DejaVuSans.ttf")
        self.add_font("DejaVu", "B", FONTS / "DejaVuSans-Bold.ttf")
        self.set_margins(SIDE, TOP, SIDE)
        self.set_auto_page_break(False)
        self.alias_nb_pages(COUNT)
        self.c_margin = 0
        self._fonts = {style: cast(TTFFont, self.fonts[f"dejavu{style}"]) for style in ("", "B")}
        self._shown = {style: Shown(font) for style, font in self._fonts.items()}
        self._widths: dict[tuple[Style, str], float] = {}
        self.add_page()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Close the fonts' files, which FPDF leaves open."""
        for font in self._fonts.values():
            font.ttfont.close()

    def footer(self) -> None:
        """On every page, which it is."""
        self.set_xy(SIDE, END + 3)
        self._use(Style(7.5, colour=SOFT))
        self.cell(WIDTH, 4, f"Page {self.page_no()} of {COUNT}")

    def lines(self, text: str, style: Style, x: float = SIDE, width: float = WIDTH) -> list[Line]:
        """The text broken into lines that fit; each of its own lines has its own direction."""
        self._use(style)
        made = []
        for paragraph in text.translate(self._shown["B" if style.bold else ""]).split("\n"):
            rtl = bool(COMPLEX.search(paragraph)) and auto_detect_base_direction(paragraph) == TextDirection.RTL
            made += [Line(line, x, width, style, rtl) for line in self._broken(paragraph, style, width)]
        return made

    def measured(self, text: str, style: Style) -> float:
        """The width of a text in one line."""
        if (style, text) not in self._widths:
            self._use(style)
            self.set_text_shaping(bool(COMPLEX.search(text)))
            self._widths[style, text] = self.get_string_width(text)
        return self._widths[style, text]

    def beside(self, columns: Sequence[Sequence[Line]], again: Callable[[], None] | None = None) -> None:
        """Columns of lines next to each other. What is short stays together; what is not goes on over the page,
        where `again` comes first: the head of a table."""
        height = max((sum(line.height for line in column) for column in columns), default=0)
        if height < (END - TOP) / 3:
            self.need(height, again)
        for band in zip_longest(*columns):
            present = [line for line in band if line]
            height = max(line.height for line in present)
            self.need(height, again)
            for line in present:
                self._write(line)
            self.y += height

    def need(self, height: float, again: Callable[[], None] | None = None) -> None:
        """Go to the next page unless this one has so much room."""
        if self.y + height <= END:
            return
        self.add_page()
        if again:
            again()

    def rule(self, colour: Colour = RULE, x: float = SIDE) -> None:
        """A thin line from x to the right margin."""
        self.set_draw_color(*colour)
        self.set_line_width(0.2)
        self.line(x, self.y, SIDE + WIDTH, self.y)

    def _write(self, line: Line) -> None:
        y, runs = self.y, list(visual(line)) if COMPLEX.search(line.text) else [(line.text, False)]
        widths = [self.measured(text, line.style) for text, _ in runs]
        right = (line.style.align or "LR"[line.rtl]) == "R"
        self.set_xy(line.x + line.width - sum(widths) if right else line.x, y)
        self._use(line.style)
        for (text, rtl), width in zip(runs, widths, strict=True):
            self.set_text_shaping(bool(COMPLEX.search(text)), direction="rtl" if rtl else "ltr")
            self.cell(width, line.height, text)
        self.set_xy(SIDE, y)

    def _broken(self, text: str, style: Style, width: float) -> Iterator[str]:
        space = self.measured(" ", style)
        line, used = "", 0.0
        for word in text.split(" "):
            for piece in self._pieces(word, style, width):
                size = self.measured(piece, style)
                if line and used + space + size > width:
                    yield line
                    line, used = piece, size
                else:
                    line, used = (f"{line} {piece}", used + space + size) if line else (piece, size)
        yield line

    def _pieces(self, word: str, style: Style, width: float) -> Iterator[str]:
        """The word, cut where it is wider than a line."""
        while len(word) > LONGEST or self.measured(word, style) > width:
            lengths = range(1, min(len(word), LONGEST) + 1)
            cut = bisect_right(lengths, width, key=lambda length: self.measured(word[:length], style)) or 1
            yield word[:cut]
            word = word[cut:]
        yield word

    def _use(self, style: Style) -> None:
        self.set_font("DejaVu", "B" if style.bold else "", style.size)
        self.set_text_color(*style.colour)
