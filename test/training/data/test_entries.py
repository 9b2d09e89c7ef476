import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.modality import Modality
from training.data.entries import file_of, item_of, load_entries, read_table, save_entries
from training.data.splits import SPLITS


def write_table(folder, *lines):
    for name in ("a.png", "b.png"):
        (folder / name).touch()
    table = folder / "mine.csv"
    table.write_text("\n".join(lines) + "\n")
    return table


def test_what_a_table_leaves_out_is_filled_in_and_paths_start_at_its_folder(tmp_path):
    table = write_table(tmp_path, "modality,path,label,group", "image,a.png,mug,", "touch,b.png,mug,mug 3")
    image, touch = read_table(table, SPLITS)
    assert (image.id, image.group, image.modality, image.split) == ("a", "a", Modality.IMAGE, "")
    assert image.path == str(tmp_path / "a.png")
    assert touch.group == "mug 3"


def test_numbers_stay_text_and_a_text_needs_no_file(tmp_path):
    table = write_table(tmp_path, "id,modality,path,label,caption", "007,text,,7,it is a seven")
    (entry,) = read_table(table, SPLITS)
    assert (entry.id, entry.label, entry.caption, entry.path) == ("007", "7", "it is a seven", "")


@pytest.mark.parametrize(
    ("row", "column", "problem"),
    [
        ("image,c.png,mug,train", "path", "there is no file"),
        ("smell,a.png,mug,train", "modality", "is none of image, text"),
        ("image,a.png,,train", "label", "it is empty"),
        ("image,a.png,mug,dev", "split", "is none of train, fusion"),
        ("image,,mug,train", "path", "it is empty"),
    ],
)
def test_an_error_names_file_row_and_column(tmp_path, row, column, problem):
    table = write_table(tmp_path, "modality,path,label,split", "image,a.png,mug,test", row)
    with pytest.raises(ConfigurationError, match=rf"mine\.csv: row 3, column `{column}`: .*{problem}"):
        read_table(table, SPLITS)


def test_missing_and_unknown_columns_are_named(tmp_path):
    table = write_table(tmp_path, "modality,file", "image,a.png")
    with pytest.raises(ConfigurationError, match="unknown columns `file` and it lacks the columns `path`, `label`"):
        read_table(table, SPLITS)


def test_two_recordings_of_one_sensor_with_one_id_are_an_error(tmp_path):
    table = write_table(tmp_path, "id,modality,path,label", "1,image,a.png,mug", "1,image,b.png,mug")
    with pytest.raises(ConfigurationError, match=r"a\.png and .*b\.png are both the image of the id `1`"):
        read_table(table, SPLITS)


def test_entries_come_back_from_parquet_and_parquet_is_a_table_too(tmp_path):
    entries = read_table(write_table(tmp_path, "modality,path,label", "image,a.png,mug"), SPLITS)
    save_entries(entries, tmp_path / "index.parquet")
    assert load_entries(tmp_path / "index.parquet") == entries
    assert read_table(tmp_path / "index.parquet", SPLITS) == entries


def test_a_path_may_name_one_item_of_a_file():
    assert str(file_of("/data/digits.gz#12")) == "/data/digits.gz"
    assert (item_of("/data/digits.gz#12"), item_of("/data/a.png")) == (12, 0)
