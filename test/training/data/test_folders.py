import pytest

pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.modality import Modality
from training.data.folders import read_folders


def touch(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


@pytest.mark.parametrize(
    "names",
    [("image/wine_glass/1.png", "audio/wine_glass/1.wav"), ("wine_glass/image/1.png", "wine_glass/audio/1.wav")],
)
def test_both_layouts_are_read_and_files_of_one_name_belong_together(tmp_path, names):
    entries = read_folders(touch(tmp_path, *names))
    assert {entry.modality for entry in entries} == {Modality.IMAGE, Modality.AUDIO}
    assert {(entry.id, entry.label, entry.group) for entry in entries} == {
        ("wine_glass/1", "wine glass", "wine_glass/1")
    }


def test_a_folder_below_the_label_is_a_group(tmp_path):
    entries = read_folders(touch(tmp_path, "touch/mug/red_mug/1.png", "touch/mug/red_mug/2.png", "touch/mug/3.png"))
    assert sorted((entry.id, entry.group) for entry in entries) == [
        ("mug/3", "mug/3"),
        ("mug/red_mug/1", "mug/red_mug"),
        ("mug/red_mug/2", "mug/red_mug"),
    ]


def test_captions_lie_beside_recordings_and_references_above_touches(tmp_path):
    touch(tmp_path, "touch/mug/1.png", "touch/reference.png", "image/mug/1.png")
    (tmp_path / "image/mug/1.png.txt").write_text("a red mug\n")
    image, felt = sorted(read_folders(tmp_path), key=lambda entry: entry.modality.code)
    assert (image.caption, image.reference) == ("a red mug", "")
    assert felt.reference == str(tmp_path / "touch/reference.png")


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("pictures/mug/1.png", "lies neither in"),
        ("image/1.png", "lies neither in"),
        ("audio/mug/1.mp3", "is no audio recording"),
        (".hidden", "no recording"),
    ],
)
def test_a_file_in_the_wrong_place_or_of_the_wrong_type_is_named(tmp_path, name, problem):
    with pytest.raises(ConfigurationError, match=problem):
        read_folders(touch(tmp_path, name))


def test_two_files_of_one_sample_are_an_error(tmp_path):
    with pytest.raises(ConfigurationError, match="are both the image of the id"):
        read_folders(touch(tmp_path, "image/mug/1.png", "image/mug/1.jpg"))
