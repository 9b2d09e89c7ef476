"""Embeddings of samples and of texts through ONNX networks, each item once: what the tables hold.

Shape legend: N samples, B batch, D embedding size.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.inference.backend import Backend
from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.inference.encoder import OUTPUT_NAME
from omnibind_ros.inference.onnx_runtime import OnnxRuntimeBackend
from omnibind_ros.modality import Modality
from omnibind_ros.preprocessing.text import TextSettings, prepare_text
from training.data.sample_set import SampleSet
from training.projection.embedding_table import EmbeddingTable

_BATCH = 64


def run_network(backend: Backend, input_N: NDArray[np.generic], output: str | None = None) -> NDArray[np.float32]:
    """A network's output (N, D) of many inputs; further axes become D.

    output: its name, None for the only one. Raises ConfigurationError for a network of other inputs or outputs.
    """
    names = [spec.name for spec in backend.outputs]
    if len(backend.inputs) != 1 or (output not in names if output else len(names) != 1):
        raise ConfigurationError(
            f"the network takes {len(backend.inputs)} inputs and returns {', '.join(names)}",
            remedy="use one with a single input, and name its output with --backbone-output",
        )
    entry = backend.inputs[0]
    parts = [
        backend.run({entry.name: input_N[start : start + _BATCH].astype(entry.dtype, copy=False)})[output or names[0]]
        for start in range(0, len(input_N), _BATCH)
    ]
    return np.concatenate([part.reshape(len(part), -1) for part in parts]).astype(np.float32, copy=False)


def encoder_network(bundle: Bundle, modality: Modality) -> tuple[str, bytes]:
    """File name and content of the bundle's encoder of a modality. Raises ConfigurationError when it has none."""
    encoder = bundle.description.encoders.get(modality)
    if encoder is None:
        raise ConfigurationError(
            f"the bundle {bundle.name} has no encoder for {modality}",
            remedy=f"name one that has; this one has {', '.join(map(str, bundle.modalities))}",
        )
    return encoder.file, bundle.content(encoder)


def encoder_backend(bundle: Bundle, modality: Modality, threads: int) -> OnnxRuntimeBackend:
    """The bundle's encoder of a modality. Raises ConfigurationError when it has none."""
    name, content = encoder_network(bundle, modality)
    return OnnxRuntimeBackend(content, name=name, threads=threads)


def embed_texts(bundle: Bundle, texts: Sequence[str], threads: int) -> NDArray[np.float32]:
    """Unit vectors (N, D) of texts through the bundle's text encoder; equal texts are encoded once."""
    backend = encoder_backend(bundle, Modality.TEXT, threads)
    settings, tokenizer = bundle.settings[Modality.TEXT], bundle.description.tokenizer
    assert isinstance(settings, TextSettings)  # noqa: S101 - the registry gives no others
    assert tokenizer is not None  # noqa: S101 - a bundle with a text encoder has one
    reader = Tokenizer.from_str(bundle.content(tokenizer).decode())
    distinct = list(dict.fromkeys(texts))
    row = {text: number for number, text in enumerate(distinct)}
    tokens = np.stack([prepare_text(text, reader, settings) for text in distinct])
    vector_ND = run_network(backend, tokens, OUTPUT_NAME)
    backend.close()
    return vector_ND[[row[text] for text in texts]]


def embed_samples(
    samples: SampleSet, modality: Modality, backend: Backend, output: str | None = None
) -> EmbeddingTable:
    """The usable samples of a modality; an id is the number of a sample's row, so that one row's items share it."""
    row_R = samples.usable(modality)
    if not len(row_R):
        raise ConfigurationError(f"there are no usable samples of {modality}", remedy="name another split or modality")
    vector_RD = run_network(backend, samples.inputs(modality)[row_R].numpy(), output)
    return EmbeddingTable(tuple(map(str, row_R.tolist())), vector_RD)


def embed_captions(samples: SampleSet, bundle: Bundle, threads: int) -> EmbeddingTable:
    """The first caption of every row, by the row's number."""
    texts = [captions[0] for captions in samples.captions]
    return EmbeddingTable(tuple(map(str, range(len(texts)))), embed_texts(bundle, texts, threads))
