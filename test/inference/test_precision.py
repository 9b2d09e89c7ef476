import pytest

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.inference.bundle_schema import EncoderDescription
from omnibind_ros.inference.precision import cpu_file, gpu_file


def encoder(*reductions: str) -> EncoderDescription:
    compared = {"cosine": 0.999, "top_1_change": 0.0, "accuracy_loss": -0.01}
    return EncoderDescription.model_validate(
        {
            "file": "image.onnx",
            "sha256": "0" * 64,
            "input": {"shape": [3, 64, 64], "dtype": "float32"},
            "preprocessing": {},
            "max_batch": 4,
            "reduced": {one: {"file": f"image.{one}.onnx", "sha256": "1" * 64, **compared} for one in reductions},
        }
    )


@pytest.mark.parametrize(
    ("precision", "reductions", "file", "used"),
    [
        ("auto", (), "image.onnx", "fp32"),
        ("auto", ("int8",), "image.onnx", "fp32"),
        ("auto", ("fp16", "int8"), "image.fp16.onnx", "fp16"),
        ("fp32", ("fp16",), "image.onnx", "fp32"),
        ("int8", ("fp16", "int8", "int8_cpu"), "image.int8.onnx", "int8"),
        ("int8", ("int8_cpu",), "image.onnx", "fp32"),
    ],
)
def test_a_gpu_takes_half_precision_where_it_is(precision, reductions, file, used) -> None:
    reference, actual = gpu_file(encoder(*reductions), precision)
    assert (reference.file, actual) == (file, used)


@pytest.mark.parametrize(
    ("precision", "reductions", "file", "used"),
    [
        ("auto", ("fp16", "int8", "int8_cpu"), "image.onnx", "fp32"),
        ("int8", ("int8", "int8_cpu"), "image.int8_cpu.onnx", "int8"),
        ("int8", ("int8",), "image.onnx", "fp32"),
    ],
)
def test_a_cpu_takes_its_own_integers_only_when_asked_to(precision, reductions, file, used) -> None:
    reference, actual = cpu_file(encoder(*reductions), precision)
    assert (reference.file, actual) == (file, used)


def test_an_unknown_precision_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigurationError, match="'int4' is not known here.*auto, fp32, fp16, int8"):
        gpu_file(encoder(), "int4")
