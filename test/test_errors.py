import pytest

from omnibind_ros.errors import MessageError, OmnibindError


def test_an_error_says_where_what_and_what_to_do() -> None:
    error = MessageError("step 3 is too short", remedy="fix the driver", source="camera")
    assert str(error) == "camera: step 3 is too short (fix the driver)"


def test_the_caller_who_knows_the_source_adds_it() -> None:
    error = MessageError("step 3 is too short", remedy="fix the driver")
    assert str(error) == "step 3 is too short (fix the driver)"
    with pytest.raises(MessageError, match=r"^camera: step 3"):
        raise error.at("camera")


def test_a_source_that_is_named_already_is_more_exact() -> None:
    assert OmnibindError("broken", remedy="copy it again", source="image.onnx").at("camera").source == "image.onnx"
