import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from safetensors.torch import save_file  # noqa: E402

from omnibind_ros.modality import Modality  # noqa: E402
from omnibind_ros.preprocessing.image import prepare_image  # noqa: E402
from training.config import DataConfig, TrainingConfig  # noqa: E402
from training.config_file import CONFIG_FILE, save_config  # noqa: E402
from training.data.inputs import input_settings  # noqa: E402
from training.data.sample_index import ABSENT, Items, SampleIndex  # noqa: E402
from training.knowledge.items import items_of, jpeg_of  # noqa: E402

IMAGE, THERMAL = Modality.IMAGE, Modality.THERMAL
COLOURS = ((200, 40, 40), (40, 200, 40), (40, 40, 200))


def flat(colour: tuple[int, int, int], height: int = 90, width: int = 120) -> np.ndarray:
    return np.full((height, width, 3), colour, np.uint8)


def colour_of(jpeg: bytes) -> list[int]:
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    return picture[:, :, ::-1].mean(axis=(0, 1)).round().astype(int).tolist()


def write_split(folder, recordings=(), changes=None):
    """Four thermal rows: two with one picture, one whose picture is of no use, one without any."""
    folder.mkdir(parents=True)
    settings = input_settings(IMAGE, changes)
    pictures = torch.from_numpy(np.stack([prepare_image(flat(colour), settings) for colour in COLOURS]))
    save_file({"image": pictures.half(), "image.quality": torch.tensor([1.0, 1.0, 0.0])}, folder / "i.safetensors")
    heat = {"thermal": torch.ones(4, 1, 64, 64).half(), "thermal.quality": torch.ones(4)}
    save_file(heat, folder / "t.safetensors")
    items = {
        IMAGE: Items(["i.safetensors"], [1, 1, 2, ABSENT], ["a", "b", "c"], list(recordings)),
        THERMAL: Items(["t.safetensors"], [0, 1, 2, 3], ["a", "b", "c", "d"]),
    }
    SampleIndex(["mug", "saw"], [0, 0, 1, 1], [["a mug"]] * 2 + [["a saw"]] * 2, ["it"] * 4, items).save(folder)
    return folder


def test_rows_of_another_sensor_have_the_picture_of_their_image(tmp_path):
    items = items_of(write_split(tmp_path / "run" / "cache" / "train"), THERMAL)
    assert [(item.row, item.label, item.captions) for item in items[1:3]] == [
        (1, "mug", ("a mug",)),
        (2, "saw", ("a saw",)),
    ]
    assert [item.picture is None for item in items] == [False, False, True, True]
    for item in items[:2]:
        assert colour_of(item.picture()) == pytest.approx(COLOURS[1], abs=4)


def test_pictures_are_read_from_the_recordings_where_there_are_some(tmp_path):
    files = []
    for number in range(3):
        files.append(str(tmp_path / f"{number}.png"))
        cv2.imwrite(files[-1], flat((7, 8, 9), 400, 1000))
    items = items_of(write_split(tmp_path / "run" / "cache" / "train", files), IMAGE)
    assert [item.row for item in items] == [0, 1], "the third picture is of no use"
    decoded = cv2.imdecode(np.frombuffer(items[0].picture(), np.uint8), cv2.IMREAD_COLOR)
    assert decoded.shape == (307, 768, 3)


def test_the_constants_of_the_run_make_a_picture_of_an_input(tmp_path):
    changes = {IMAGE: {"mean": (0.1, 0.2, 0.3), "std": (0.2, 0.3, 0.4)}}
    folder = write_split(tmp_path / "run" / "cache" / "train", changes=changes)
    save_config(TrainingConfig(data=DataConfig(inputs=changes)), tmp_path / "run" / CONFIG_FILE)
    assert colour_of(items_of(folder, IMAGE)[0].picture()) == pytest.approx(COLOURS[1], abs=4)


def test_a_small_picture_keeps_its_size():
    decoded = cv2.imdecode(np.frombuffer(jpeg_of(flat((1, 2, 3), 20, 30)), np.uint8), cv2.IMREAD_COLOR)
    assert decoded.shape == (20, 30, 3)


def test_a_folder_without_a_split_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        items_of(tmp_path, IMAGE)
