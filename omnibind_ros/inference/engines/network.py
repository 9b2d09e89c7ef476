"""The networks of a bundle as TensorRT needs them: ONNX bytes, and between which shapes their inputs may be."""

from collections.abc import Mapping
from dataclasses import dataclass

from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.inference.precision import gpu_file
from omnibind_ros.modality import Modality

FUSION = "fusion"
MOST_FUSED = 64  # embeddings that the fusion head fuses at once, as it is exported


@dataclass(frozen=True, slots=True)
class ShapeRange:
    """Shapes of an input, batch included. Kernels are chosen for the usual one."""

    smallest: tuple[int, ...]
    usual: tuple[int, ...]
    largest: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """bundle, part: whose and which (`omnibind-sim`, `image`). model: checked bytes of the ONNX file `file`.

    original: the same network in fp32, which an engine is compared with.
    """

    bundle: str
    part: str
    file: str
    model: bytes
    original: bytes
    sha256: str
    precision: str
    shapes: Mapping[str, ShapeRange]

    @property
    def name(self) -> str:
        """Bundle and part."""
        return f"{self.bundle}/{self.part}"


def encoder_network(bundle: Bundle, modality: Modality, precision: str = "auto") -> Network:
    """The encoder of a modality, in a precision of `GPU_PRECISIONS`, or fp32 where the bundle has not that one."""
    encoder = bundle.description.encoders[modality]
    reference, precision = gpu_file(encoder, precision)
    one, most = (1, *encoder.input.shape), (encoder.max_batch, *encoder.input.shape)
    return Network(
        bundle=bundle.name,
        part=modality.value,
        file=reference.file,
        model=bundle.content(reference),
        original=bundle.content(encoder),
        sha256=reference.sha256,
        precision=precision,
        shapes={"input": ShapeRange(one, one, most)},
    )


def fusion_network(bundle: Bundle) -> Network:
    """The fusion head, for one set at a time of up to `MOST_FUSED` embeddings, in fp32."""
    fusion = bundle.description.fusion
    pairs = ShapeRange((1, 1), (1, 4), (1, MOST_FUSED))
    vectors = ShapeRange(*((*pair, bundle.dimension) for pair in (pairs.smallest, pairs.usual, pairs.largest)))
    return Network(
        bundle=bundle.name,
        part=FUSION,
        file=fusion.file,
        model=bundle.content(fusion),
        original=bundle.content(fusion),
        sha256=fusion.sha256,
        precision="fp32",
        shapes={"embeddings": vectors, "modality": pairs, "quality": pairs, "live": pairs},
    )


def networks(bundle: Bundle, precision: str = "auto") -> dict[str, Network]:
    """All networks of a bundle, by the file of the original, whatever their precision; the fusion head last."""
    encoders = bundle.description.encoders
    by_file = {encoders[modality].file: encoder_network(bundle, modality, precision) for modality in bundle.modalities}
    return {**by_file, bundle.description.fusion.file: fusion_network(bundle)}
