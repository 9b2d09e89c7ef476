from pathlib import Path

import pytest
import yaml

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from documentation.blocks import with_block
from omnibind_ros.errors import ConfigurationError
from training.hardware.board import SHIPPED, load_board, shipped_boards, to_markdown

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "hardware.md"
BOARD = {
    "name": "workbench",
    "title": "A board of ours",
    "runtime": "tensorrt",
    "sources": {"sheet": {"title": "Data sheet", "address": "https://example.org/sheet", "read": "original"}},
    "peak": {
        "fp32": {"value": 1, "source": "sheet"},
        "int8": {"value": 8, "source": "sheet", "sparse": True},
    },
    "bandwidth": {"value": 100, "source": "sheet"},
    "power_modes": {
        "full": {"value": 8, "source": "sheet", "sparse": True},
        "half": {"value": 2, "source": "sheet"},
        "dark": None,
    },
    "assumed": {"compute": 0.1, "bandwidth": 0.5, "overhead_ms": 0.2},
}


def written(folder: Path, **changes) -> str:
    path = folder / "board.yaml"
    path.write_text(yaml.safe_dump({**BOARD, **changes}, sort_keys=False))
    return str(path)


def test_the_boards_of_the_documentation_are_there_under_their_names() -> None:
    assert shipped_boards() == ["cpu", "jetson_agx_orin", "jetson_orin_nano", "jetson_thor", "rtx"]
    for name in shipped_boards():
        assert load_board(name).name == name


@pytest.mark.parametrize("name", [path.stem for path in SHIPPED.glob("*.yaml")])
def test_no_figure_is_without_a_source_and_no_source_without_a_figure(name: str) -> None:
    board = load_board(name)
    used = {figure.source for figure in board.figures()} | ({board.software.source} if board.software else set())
    assert used == set(board.sources)


def test_what_counts_zeros_is_halved(tmp_path: Path) -> None:
    board = load_board(written(tmp_path))
    assert (board.peak["fp32"].dense, board.peak["int8"].dense) == (1, 4)


def test_a_power_mode_is_a_share_of_the_first_one(tmp_path: Path) -> None:
    board = load_board(written(tmp_path))
    assert [board.share_of_peak(mode) for mode in (None, "full", "half")] == [1, 1, 0.5]
    for unknown in ("dark", "bright"):
        with pytest.raises(ConfigurationError, match=f"{unknown}.*choose one of full, half"):
            board.share_of_peak(unknown)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"storage": {}}, "`storage`"),
        ({"bandwidth": {"value": -1, "source": "sheet"}}, "`bandwidth.value`"),
        ({"peak": {"fp12": {"value": 1, "source": "sheet"}}}, "`peak.fp12"),
        ({"memory": {"value": 1, "source": "hearsay"}}, "`sources` has no hearsay"),
        ({"peak": {}, "assumed": None}, r"needs assumed, peak\.fp32"),
        ({"sources": {"sheet": {"title": "t", "address": "a book", "read": "original"}}}, r"`sources\.sheet\.address`"),
    ],
)
def test_a_mistake_is_told_with_its_key_and_file(changes, told: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=told) as raised:
        load_board(written(tmp_path, **changes))
    assert "board.yaml" in str(raised.value)


def test_what_is_no_board_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="abacus: there is no such board .*jetson_thor"):
        load_board("abacus")
    broken = tmp_path / "broken.yaml"
    broken.write_text("name: [")
    with pytest.raises(ConfigurationError, match="no YAML"):
        load_board(str(broken))


def test_the_documentation_has_the_figures_of_the_files() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    table = to_markdown([load_board(name) for name in shipped_boards()])
    assert with_block(text, "boards", table) == text, "write what `python -m training hardware` prints into the block"
