"""One HTML file with everything in it, to be read in any browser and sent by mail: what reports are made of."""

from base64 import b64encode
from collections.abc import Collection, Iterable, Sequence
from html import escape

_STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.5 system-ui, sans-serif; color: #1d2731; background: #f5f6f8; margin: 0; }
main { max-width: 1240px; margin: 0 auto; padding: 24px; }
h1 { font-size: 24px; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 17px; margin: 32px 0 8px; }
.about { color: #5b6875; margin: 2px 0 20px; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; }
.figures div, .card { background: #fff; border: 1px solid #dfe3e8; border-radius: 8px; padding: 12px 16px; }
.figures b { display: block; font-size: 24px; line-height: 1.25; }
.figures span { color: #5b6875; font-size: 13px; }
.card { overflow-x: auto; }
.card + .card { margin-top: 12px; }
img { width: 100%; min-width: 720px; display: block; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 5px 12px 5px 0; border-bottom: 1px solid #eceff2; white-space: nowrap; }
th { font-weight: 600; color: #5b6875; font-size: 13px; }
tr:last-child td { border-bottom: 0; }
.number { text-align: right; }
li { overflow-wrap: anywhere; }
"""


def page(title: str, about: str, parts: Iterable[str]) -> str:
    """The whole file. about: a line below the title; parts: HTML, as the functions below make it."""
    return "\n".join(
        [
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title>",
            f"<style>{_STYLE}</style>\n</head>\n<body>\n<main>",
            f'<h1>{escape(title)}</h1>\n<p class="about">{escape(about)}</p>',
            *(part for part in parts if part),
            "</main>\n</body>\n</html>\n",
        ]
    )


def tiles(figures: Iterable[tuple[str, str]]) -> str:
    """The few figures that matter most: (value, what it is) each."""
    cells = (f"<div><b>{escape(value)}</b><span>{escape(what)}</span></div>" for value, what in figures)
    return f'<div class="figures">{"".join(cells)}</div>'


def section(title: str, content: str) -> str:
    """A part with a heading; nothing where there is no content."""
    return f"<h2>{escape(title)}</h2>\n{content}" if content else ""


def picture(png: bytes, shows: str) -> str:
    """A PNG in the page itself. shows: what it shows, for who cannot see it."""
    source = f"data:image/png;base64,{b64encode(png).decode()}"
    return f'<div class="card"><img alt="{escape(shows)}" src="{source}"></div>'


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Collection[int]) -> str:
    """numbers: the columns that are flush right."""

    def line(cells: Sequence[str], tag: str) -> str:
        return "".join(
            f"<{tag}{' class=number' if column in numbers else ''}>{escape(cell)}</{tag}>"
            for column, cell in enumerate(cells)
        )

    body = "\n".join(f"<tr>{line(row, 'td')}</tr>" for row in rows)
    return f'<div class="card"><table>\n<tr>{line(headings, "th")}</tr>\n{body}\n</table></div>'


def bullets(lines: Sequence[str]) -> str:
    """A list; nothing without lines."""
    return f'<div class="card"><ul>{"".join(f"<li>{escape(one)}</li>" for one in lines)}</ul></div>' if lines else ""
