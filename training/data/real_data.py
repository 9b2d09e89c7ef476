"""Where real recordings and networks lie that are no part of this project."""

import os
from collections.abc import Sequence
from pathlib import Path

from omnibind_ros.errors import ConfigurationError


def real_data_folder(what: str, parts: Sequence[str], folder: Path | None = None) -> Path:
    """The folder; None: `OMNIBIND_TEST_DATA`, or `shared/data` beside the checkout.

    Raises ConfigurationError when one of `parts`, paths in it, is not there; what: they are, for the message.
    """
    beside = Path(__file__).resolve().parents[3] / "shared" / "data"
    folder = folder or Path(os.environ.get("OMNIBIND_TEST_DATA", beside))
    missing = [part for part in parts if not (folder / part).exists()]
    if missing:
        raise ConfigurationError(
            f"{what} not there: no {', '.join(missing)}",
            remedy="set OMNIBIND_TEST_DATA to the folder that holds them",
            source=str(folder),
        )
    return folder
