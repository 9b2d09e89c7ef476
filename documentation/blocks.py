"""Parts of a document that programs write: what stands between `<!-- begin NAME -->` and `<!-- end NAME -->`."""

from pathlib import Path


def with_block(text: str, name: str, content: str) -> str:
    """The text with what stands between the markers of this name replaced.

    Raises ValueError for a text without them, or with more than one pair.
    """
    begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    if text.count(begin) != 1 or text.count(end) != 1 or text.index(begin) > text.index(end):
        raise ValueError(f"the line {begin} and after it the line {end} are needed, once each")
    before, after = text[: text.index(begin) + len(begin)], text[text.index(end) :]
    return f"{before}\n{content}\n{after}"


def replace_block(document: Path, name: str, content: str) -> None:
    """Replace what stands between the markers of this name. Raises ValueError when the document has none."""
    try:
        replaced = with_block(document.read_text(encoding="utf-8"), name, content)
    except ValueError as error:
        raise ValueError(f"{document}: {error}") from error
    document.write_text(replaced, encoding="utf-8")
