"""Where training runs: on the CPU, a GPU, or in several processes that share each batch (Hugging Face Accelerate).

Started plainly, one process trains, on the GPU when there is one. With `torchrun --nproc-per-node N -m -- training …`
each process trains on its share of every batch, on its own GPU or all on the CPU, and all compute one loss.
Shape legend: B rows of one process, G rows of all processes, in the order of their ranks.
"""

from collections.abc import Iterable
from datetime import timedelta
from functools import cache
from typing import Any, TypeVar

import torch
import torch.distributed
from accelerate import Accelerator
from accelerate.utils import InitProcessGroupKwargs, broadcast_object_list
from torch import Tensor, nn

Network = TypeVar("Network", bound=nn.Module)

_LONGEST_STEP = timedelta(hours=12)  # the others wait while one process simulates or evaluates


@cache
def accelerator() -> Accelerator:
    """What knows the device and the other processes; made when first asked for."""
    waiting = InitProcessGroupKwargs(timeout=_LONGEST_STEP)
    # without a GPU several processes are used only when the CPU is asked for
    return Accelerator(cpu=not torch.cuda.is_available(), kwargs_handlers=[waiting])


def device() -> torch.device:
    """Where this process trains."""
    place: torch.device = accelerator().device
    return place


def on_device(network: Network) -> Network:
    """A network where this process trains, in the layout in which convolutions are fastest on a CPU."""
    network.to(device(), memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network


def is_main() -> bool:
    """Whether this process is the one that writes files."""
    return bool(accelerator().is_main_process)


def own_share(rows: Tensor) -> Tensor:
    """This process's part of rows that all processes drew alike; the parts are equally long, what is left over is cut.

    Fewer rows than processes go to all of them.
    """
    each = len(rows) // accelerator().num_processes
    if each == 0:
        return rows
    start = each * accelerator().process_index
    return rows[start : start + each]


def gathered(rows: Tensor) -> Tensor:
    """The rows (B, ...) of all processes (G, ...), with gradient; every process has equally many."""
    if accelerator().num_processes == 1:
        return rows
    whole: Tensor = _Gather.apply(rows)  # type: ignore[no-untyped-call]
    return whole


def average_gradients(parameters: Iterable[Tensor]) -> None:
    """Replace each gradient by its mean over the processes: what keeps their models equal."""
    if accelerator().num_processes == 1:
        return
    for parameter in parameters:
        if parameter.grad is not None:
            torch.distributed.all_reduce(parameter.grad)
            parameter.grad /= accelerator().num_processes


def same_everywhere(value: Any) -> Any:
    """The main process's value, in every process."""
    accelerator()  # asked without it, the library takes each process for the only one where there is no GPU
    return broadcast_object_list([value])[0]


class _Gather(torch.autograd.Function):
    """All-gather along the rows. Each process computes the loss of all rows, so the gradient is the sum of theirs."""

    @staticmethod
    def forward(context: Any, rows: Tensor) -> Tensor:
        context.rows = len(rows)
        parts = [torch.empty_like(rows) for _ in range(torch.distributed.get_world_size())]
        torch.distributed.all_gather(parts, rows.contiguous())
        return torch.cat(parts)

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> Tensor:
        gradient = gradients[0].contiguous()
        torch.distributed.all_reduce(gradient)
        start = context.rows * torch.distributed.get_rank()
        return gradient[start : start + context.rows]
