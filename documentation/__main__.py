"""Write the generated tables of README.md and docs/: `python -m documentation`, or `make docs`.

`--check` writes nothing, and ends with status 1 when a table is not what the code says.
"""

import argparse
import sys
from pathlib import Path

from documentation.blocks import with_block
from documentation.tables import (
    parameters,
    programs,
    results,
    sensor_types,
    services,
    shared_parameters,
    topics,
)
from omnibind_ros.nodes import dashboard, file_player, memory, overlay, sensor_simulator
from omnibind_ros.pipeline.parameters import (
    ENCODER_PARAMETERS,
    FUSION_PARAMETERS,
    NODE_PARAMETERS,
    RULE_PARAMETERS,
    SOURCE_PARAMETERS,
)

ROOT = Path(__file__).resolve().parent.parent


def blocks() -> dict[str, dict[str, str]]:
    """The tables by document, relative to the repository, and by the name of the block they stand in."""
    recognisers = {"perception": NODE_PARAMETERS, "encoder": ENCODER_PARAMETERS, "fusion": FUSION_PARAMETERS}
    simulator = (*parameters(sensor_simulator.PARAMETERS).splitlines(),)
    fault = parameters((sensor_simulator.FAULT,), prefix="<sensor>.").splitlines()[2:]
    return {
        "README.md": {"executables": programs(), "results": results("perception")},
        "docs/parameters.md": {
            "executables": _from_docs(programs()),
            "topics": _from_docs(topics()),
            "sensor types": sensor_types(),
            "services": services(),
            "perception": shared_parameters({name: (*specs,) for name, specs in recognisers.items()}),
            "source": parameters(SOURCE_PARAMETERS, prefix="<source>."),
            "rule": parameters([one for one in RULE_PARAMETERS if one not in SOURCE_PARAMETERS], prefix="<rule>."),
            "dashboard": parameters(dashboard.PARAMETERS),
            "memory": parameters(memory.PARAMETERS),
            "overlay": parameters(overlay.PARAMETERS),
            "sensor_simulator": "\n".join([*simulator, *fault]),
            "file_player": parameters(file_player.PARAMETERS),
        },
    }


def stale(root: Path) -> list[str]:
    """The documents that are not as the code is. Raises ValueError for one that lacks a block."""
    return [name for name, text in _written(root).items() if (root / name).read_text(encoding="utf-8") != text]


def main(arguments: list[str] | None = None) -> int:
    """Write or check; 0 when all is well."""
    parser = argparse.ArgumentParser(
        prog="python -m documentation", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="write nothing, only tell what is out of date")
    options = parser.parse_args(arguments)
    found = stale(ROOT)
    if options.check:
        for name in found:
            print(f"{name} is not as the code is: run `make docs`", file=sys.stderr)
        return 1 if found else 0
    for name, text in _written(ROOT).items():
        if name in found:
            (ROOT / name).write_text(text, encoding="utf-8")
            print(f"wrote {name}")
    return 0


def _written(root: Path) -> dict[str, str]:
    documents = {}
    for name, tables in blocks().items():
        text = (root / name).read_text(encoding="utf-8")
        for block, content in tables.items():
            text = with_block(text, block, content)
        documents[name] = text
    return documents


def _from_docs(content: str) -> str:
    """With links as seen from docs/."""
    return content.replace("](docs/", "](")


if __name__ == "__main__":
    sys.exit(main())
