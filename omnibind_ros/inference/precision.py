"""Which of an encoder's files to use: the original, or one of lower precision that passed its comparison with it."""

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.inference.bundle_schema import EncoderDescription, FileReference, Reduction

FULL = "fp32"
GPU_PRECISIONS: dict[str, Reduction | None] = {"auto": "fp16", "fp32": None, "fp16": "fp16", "int8": "int8"}
CPU_PRECISIONS: dict[str, Reduction | None] = {"auto": None, "fp32": None, "int8": "int8_cpu"}


def gpu_file(encoder: EncoderDescription, precision: str) -> tuple[FileReference, str]:
    """The file for TensorRT and its precision: fp32 where the bundle has none of the precision asked for.

    precision: `auto` is fp16. Raises ConfigurationError for one that is not in `GPU_PRECISIONS`.
    """
    return _file(encoder, precision, GPU_PRECISIONS)


def cpu_file(encoder: EncoderDescription, precision: str) -> tuple[FileReference, str]:
    """The file for ONNX Runtime and its precision, likewise from `CPU_PRECISIONS`; `auto` is fp32.

    Half precision is no gain on a CPU, and the int8 of TensorRT is another file than that of a CPU.
    """
    return _file(encoder, precision, CPU_PRECISIONS)


def _file(
    encoder: EncoderDescription, precision: str, precisions: dict[str, Reduction | None]
) -> tuple[FileReference, str]:
    if precision not in precisions:
        raise ConfigurationError(
            f"the precision {precision!r} is not known here", remedy=f"choose one of {', '.join(precisions)}"
        )
    reduction = precisions[precision]
    if reduction is None or reduction not in encoder.reduced:
        return encoder, FULL
    return encoder.reduced[reduction], reduction.removesuffix("_cpu")
