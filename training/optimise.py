"""The one training loop all steps share: AdamW with a warmed-up cosine, clipped gradients and a progress bar."""

import math
import random
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch
from rich.progress import track
from torch import Tensor, nn

_WARM_UP = 0.1
_GRADIENT_NORM = 1.0


def seed_everything(seed: int) -> torch.Generator:
    """Seed Python, NumPy and PyTorch, and return a generator of the same seed for draws of a step's own."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 libraries still draw from the global state
    torch.manual_seed(seed)
    return torch.Generator().manual_seed(seed)


def optimise(
    groups: Iterable[dict[str, Any]], steps: int, loss_of_step: Callable[[int], Tensor], description: str
) -> float:
    """Minimise `loss_of_step(step)` for a number of steps; returns the mean loss of the last tenth.

    groups: AdamW parameter groups, each with its `lr`. Raises FloatingPointError when the loss stops being finite.
    """
    groups = list(groups)
    optimiser = torch.optim.AdamW(groups, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _warm_cosine(step, steps))
    recent: list[float] = []
    for step in track(range(steps), description=f"{description:<16}", update_period=1.0):
        loss = loss_of_step(step)
        if not torch.isfinite(loss):
            raise FloatingPointError(f"{description}: the loss became {loss.item()} at step {step}")
        optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        for group in groups:
            nn.utils.clip_grad_norm_(group["params"], _GRADIENT_NORM)
        optimiser.step()
        schedule.step()
        if step >= steps * 0.9:
            recent.append(loss.item())
    return sum(recent) / max(len(recent), 1)


def shuffled_batches(count: int, batch: int, epochs: int, generator: torch.Generator) -> list[Tensor]:
    """Index batches for a number of epochs, each epoch a fresh order; a short last batch of an epoch is left out."""
    size = min(batch, count)
    orders = [torch.randperm(count, generator=generator) for _ in range(epochs)]
    return [order[start : start + size] for order in orders for start in range(0, count - size + 1, size)]


def learnable_temperature(start: float = 0.07) -> nn.Parameter:
    """A temperature as its logarithm, so that it stays positive; read it with `.exp()`."""
    return nn.Parameter(torch.tensor(math.log(start)))


def _warm_cosine(step: int, steps: int) -> float:
    warm = max(1, int(steps * _WARM_UP))
    if step < warm:
        return (step + 1) / warm
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))
