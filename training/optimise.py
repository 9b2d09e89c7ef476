"""The one training loop all steps share: AdamW with a warmed-up cosine and clipped gradients.

It logs to TensorBoard, goes on from its last checkpoint, and averages gradients over processes.
"""

import math
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.progress import track
from torch import Tensor, nn
from torch.utils.tensorboard import SummaryWriter

from training.checkpoint import Checkpoint
from training.processes import accelerator, average_gradients, device, is_main
from training.run_folder import CHECKPOINT_FILE, LOG_FOLDER

_WARM_UP = 0.1
_GRADIENT_NORM = 1.0
_CHECKPOINTS = 20
_LOGGED_STEPS = 200

LossTerms = Tensor | Mapping[str, Tensor]
"""A loss, or its weighted terms by name: their sum is minimised."""


def seed_everything(seed: int) -> torch.Generator:
    """Seed Python, NumPy and PyTorch, and return a CPU generator of the same seed, alike in all processes."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 libraries still draw from the global state
    torch.manual_seed(seed)
    return torch.Generator().manual_seed(seed)


def own_generator(seed: int) -> torch.Generator:
    """A generator on the training device for draws in which the processes differ."""
    return torch.Generator(device()).manual_seed(seed * accelerator().num_processes + accelerator().process_index)


def optimise(
    groups: Iterable[dict[str, Any]],
    steps: int,
    loss_of_step: Callable[[int], LossTerms],
    description: str,
    *,
    folder: Path | None = None,
    modules: Sequence[nn.Module] = (),
    generators: Sequence[torch.Generator] = (),
    log_temperature: Tensor | None = None,
) -> float:
    """Minimise `loss_of_step(step)` for a number of steps; returns the mean loss of the last tenth.

    groups: AdamW parameter groups, each with its `lr`. folder: the step's; with it, terms, learning rate and
    temperature are logged there, and a run that broke off goes on from its last checkpoint with the same result as if
    it had not. For that, modules: those with buffers, and generators: those the loss draws from, besides PyTorch's own.
    Raises FloatingPointError when the loss stops being finite.
    """
    groups = list(groups)
    optimiser = torch.optim.AdamW(groups, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _warm_cosine(step, steps))
    recent: list[float] = []
    checkpoint = Checkpoint(
        None if folder is None else folder / CHECKPOINT_FILE, optimiser, schedule, modules, generators
    )
    done, recent = checkpoint.load()
    writer = SummaryWriter(str(folder / LOG_FOLDER), purge_step=done) if folder is not None and is_main() else None
    progress = track(
        range(done, steps), description=f"{description:<16}", update_period=1.0, disable=not is_main(),
        total=steps, completed=done,
    )  # fmt: skip
    for step in progress:
        terms = loss_of_step(step)
        loss = terms if isinstance(terms, Tensor) else torch.stack(list(terms.values())).sum()
        if not torch.isfinite(loss):
            raise FloatingPointError(f"{description}: the loss became {loss.item()} at step {step}")
        optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        for group in groups:
            average_gradients(group["params"])
            nn.utils.clip_grad_norm_(group["params"], _GRADIENT_NORM)
        optimiser.step()
        schedule.step()
        if step >= steps * 0.9:
            recent.append(loss.item())
        if writer is not None and step % max(1, steps // _LOGGED_STEPS) == 0:
            for name, value in _scalars(
                loss, terms, [group["lr"] for group in optimiser.param_groups], log_temperature
            ).items():
                writer.add_scalar(name, value, step)
        if (step + 1) % max(1, steps // _CHECKPOINTS) == 0:
            checkpoint.save(step + 1, recent)
    if writer is not None:
        writer.close()
    return sum(recent) / max(len(recent), 1)


def shuffled_batches(count: int, batch: int, epochs: int, generator: torch.Generator) -> list[Tensor]:
    """Index batches for a number of epochs, each epoch a fresh order; a short last batch of an epoch is left out."""
    size = min(batch, count)
    orders = [torch.randperm(count, generator=generator) for _ in range(epochs)]
    return [order[start : start + size] for order in orders for start in range(0, count - size + 1, size)]


def learnable_temperature(start: float = 0.07) -> nn.Parameter:
    """A temperature as its logarithm, so that it stays positive, on the training device; read it with `.exp()`."""
    return nn.Parameter(torch.tensor(math.log(start), device=device()))


def _scalars(
    loss: Tensor, terms: LossTerms, rates: Sequence[float], log_temperature: Tensor | None
) -> dict[str, float]:
    """What is logged of a step, by TensorBoard's names."""
    scalars = {"loss": loss.item()}
    if isinstance(terms, Mapping):
        scalars |= {f"loss/{name}": term.item() for name, term in terms.items()}
    scalars |= {f"learning rate/{number}": rate for number, rate in enumerate(rates)}
    if log_temperature is not None:
        scalars["temperature"] = log_temperature.exp().item()
    return scalars


def _warm_cosine(step: int, steps: int) -> float:
    warm = max(1, int(steps * _WARM_UP))
    if step < warm:
        return (step + 1) / warm
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))
