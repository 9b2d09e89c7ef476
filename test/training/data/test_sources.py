import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.errors import ConfigurationError
from training.data.sources import read_source


def test_folders_and_tables_are_sources(tmp_path):
    (tmp_path / "image" / "mug").mkdir(parents=True)
    (tmp_path / "image" / "mug" / "1.png").touch()
    (from_folder,) = read_source(str(tmp_path))
    (tmp_path / "mine.csv").write_text("modality,path,label\nimage,image/mug/1.png,mug\n")
    (from_table,) = read_source(str(tmp_path / "mine.csv"))
    assert from_folder.path == from_table.path


def test_anything_else_is_an_error_that_says_what_is_possible(tmp_path):
    with pytest.raises(ConfigurationError, match=r"set .data\.source. to one, to .digits. or to .simulation."):
        read_source(str(tmp_path / "nowhere.txt"))
