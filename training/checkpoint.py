"""The state of a training loop on disk, from which it goes on as if it had never stopped."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from accelerate.utils import gather_object
from torch import nn

from training.processes import device


class Checkpoint:
    """Parameters and moments of the optimiser, the schedule, buffers of modules, and every source of random numbers.

    One file a process, of plain tensors and numbers (loaded with `weights_only=True`); without a path it does nothing.
    """

    def __init__(
        self,
        path: Path | None,
        optimiser: torch.optim.Optimizer,
        schedule: torch.optim.lr_scheduler.LRScheduler,
        modules: Sequence[nn.Module],
        generators: Sequence[torch.Generator],
    ) -> None:
        self._path = path
        self._optimiser, self._schedule = optimiser, schedule
        self._parameters = [parameter for group in optimiser.param_groups for parameter in group["params"]]
        self._buffers = [buffer for module in modules for buffer in module.buffers()]
        self._generators = generators

    def save(self, done: int, recent: list[float]) -> None:
        """Write the state after `done` steps, with the losses kept so far; at once or not at all."""
        if self._path is None:
            return
        state = {
            "done": done,
            "recent": recent,
            "parameters": [parameter.detach() for parameter in self._parameters],
            "buffers": self._buffers,
            "optimiser": self._optimiser.state_dict(),
            "schedule": self._schedule.state_dict(),
            "random": [torch.get_rng_state(), *self._device_random(), *(g.get_state() for g in self._generators)],
        }
        unfinished = self._path.with_suffix(".unfinished")
        torch.save(state, unfinished)
        unfinished.replace(self._path)

    @torch.no_grad()
    def load(self) -> tuple[int, list[float]]:
        """Restore the state; returns the steps done and the losses kept, 0 and none when there is no checkpoint.

        Processes that were stopped between one's checkpoint and another's begin anew, together.
        """
        state: dict[str, Any] = {"done": 0}
        if self._path is not None and self._path.exists():
            state = torch.load(self._path, map_location="cpu", weights_only=True)
        done = set(gather_object([state["done"]]))
        if done == {0} or len(done) > 1:
            return 0, []
        for parameter, stored in zip(self._parameters, state["parameters"], strict=True):
            parameter.copy_(stored)
        for buffer, stored in zip(self._buffers, state["buffers"], strict=True):
            buffer.copy_(stored)
        self._optimiser.load_state_dict(state["optimiser"])
        self._schedule.load_state_dict(state["schedule"])
        random = [numbers.cpu() for numbers in state["random"]]
        torch.set_rng_state(random.pop(0))
        if device().type == "cuda":
            torch.cuda.set_rng_state(random.pop(0))
        for generator, numbers in zip(self._generators, random, strict=True):
            generator.set_state(numbers)
        return state["done"], state["recent"]

    def _device_random(self) -> list[torch.Tensor]:
        return [torch.cuda.get_rng_state()] if device().type == "cuda" else []
