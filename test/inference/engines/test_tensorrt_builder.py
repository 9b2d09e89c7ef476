"""Real builds, by TensorRT for RTX, which needs no GPU for them."""

from dataclasses import replace

import pytest
from simulated_gpu import SHAPES, tiny_network

from omnibind_ros.errors import BackendError
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.inference.engines.library import Library
from omnibind_ros.inference.engines.network import encoder_network, fusion_network
from omnibind_ros.inference.engines.tensorrt_builder import compile_network
from omnibind_ros.modality import Modality


def silent(share: float) -> None:
    pass


@pytest.mark.parametrize("modality", Modality)
def test_every_encoder_of_the_default_bundle_is_compiled(
    modality: Modality, shipped: Bundle, compiler: Library
) -> None:
    assert compile_network(compiler, encoder_network(shipped, modality), b"", silent).content


def test_the_fusion_head_of_the_default_bundle_is_compiled(shipped: Bundle, compiler: Library) -> None:
    assert compile_network(compiler, fusion_network(shipped), b"", silent).content


def test_progress_is_reported_up_to_the_end(compiler: Library) -> None:
    shares: list[float] = []
    compile_network(compiler, tiny_network(), b"", shares.append)
    assert shares == sorted(shares)
    assert shares[-1] > 0.5


def test_what_the_report_raises_ends_the_build_and_not_the_process(compiler: Library) -> None:
    def stop(share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compile_network(compiler, tiny_network(), b"", stop)


def test_what_is_no_network_is_refused_with_the_file_named(compiler: Library) -> None:
    with pytest.raises(BackendError, match=r"image\.onnx: tensorrt_rtx .* cannot load the network: .*parse"):
        compile_network(compiler, replace(tiny_network(), model=b"no network"), b"", silent)


def test_shapes_that_the_network_cannot_have_are_refused_with_the_reason(compiler: Library) -> None:
    wide = {"input": replace(SHAPES["input"], largest=(4, 3, 9))}
    with pytest.raises(BackendError, match=r"image\.onnx: tensorrt_rtx .* cannot compile it: .*input"):
        compile_network(compiler, replace(tiny_network(), shapes=wide), b"", silent)


def test_an_input_nobody_knows_is_refused(compiler: Library) -> None:
    with pytest.raises(BackendError, match="has an input `input`, which is not known"):
        compile_network(compiler, replace(tiny_network(), shapes={}), b"", silent)
