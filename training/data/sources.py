"""Where recordings are listed: the digits benchmark, a folder, or a table."""

from pathlib import Path

from omnibind_ros.errors import ConfigurationError
from training.data.digits import data_folder, digits_entries
from training.data.entries import TABLES, Entry, read_table
from training.data.folders import read_folders
from training.data.splits import SPLITS

DIGITS = "digits"


def read_source(source: str) -> list[Entry]:
    """Entries of `digits`, of a folder, or of a CSV or Parquet file. Raises ConfigurationError."""
    if source == DIGITS:
        return digits_entries(data_folder())
    path = Path(source).expanduser()
    if path.is_dir():
        return read_folders(path)
    if path.is_file() and path.suffix.lower() in TABLES:
        return read_table(path, SPLITS)
    raise ConfigurationError(
        f"`{source}` is neither a folder nor a file of the type {' or '.join(TABLES)}",
        remedy=f"set `data.source` to one, to `{DIGITS}` or to `simulation`",
        source="data.source",
    )
