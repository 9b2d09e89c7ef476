"""How many samples a second a projector learns from, with its embeddings cached and with the encoder run every time.

Shape legend: B batch, I size of the encoder's embeddings, D embedding size.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from omnibind_ros.inference.bundle import Bundle
from omnibind_ros.modality import Modality
from training.optimise import learnable_temperature
from training.processes import device
from training.projection.encode import encoder_backend, run_network
from training.projection.projector import Projector
from training.projection.soft_targets import soft_target_loss


@dataclass(frozen=True)
class Throughput:
    """Samples a second."""

    cached: float
    encoded: float

    @property
    def gain(self) -> float:
        """How many times as fast the cached training is."""
        return self.cached / self.encoded


def projector_throughput(bundle: Bundle, modality: Modality, *, batch: int, steps: int, threads: int) -> Throughput:
    """Measure training steps on random embeddings, and the encoder of a bundle on random inputs before each of them."""
    backend = encoder_backend(bundle, modality, threads)
    description = bundle.description.encoders[modality].input
    shape, dtype = description.shape, np.dtype(description.dtype)
    input_B = np.random.default_rng(0).random((batch, *shape)).astype(dtype)
    feature_BI = torch.from_numpy(run_network(backend, input_B)).to(device())
    step = _step(feature_BI, bundle.dimension)
    cached = _rate(lambda: step(feature_BI), batch, steps)
    encoded = _rate(lambda: step(torch.from_numpy(run_network(backend, input_B)).to(device())), batch, steps)
    backend.close()
    return Throughput(cached, encoded)


def _step(feature_BI: Tensor, size: int) -> Callable[[Tensor], None]:
    """One step of training against one frozen modality, as `train_split` makes it."""
    projector = Projector(feature_BI.shape[1], size).to(device())
    log_temperature = learnable_temperature()
    frozen_BD = torch.nn.functional.normalize(torch.randn(len(feature_BI), size, device=device()), dim=1)
    target_B = torch.ones(len(feature_BI), device=device())
    optimiser = torch.optim.AdamW([*projector.parameters(), log_temperature])

    def step(features: Tensor) -> None:
        optimiser.zero_grad(set_to_none=True)
        loss = soft_target_loss(projector(features), frozen_BD, target_B, log_temperature.exp())
        torch.autograd.backward(loss)
        optimiser.step()
        loss.item()  # waits for a GPU

    return step


def _rate(work: Callable[[], None], batch: int, steps: int) -> float:
    work()  # allocations
    began = time.perf_counter()
    for _ in range(steps):
        work()
    return batch * steps / (time.perf_counter() - began)
