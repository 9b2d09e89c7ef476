"""The projector of EBind: a small network behind a frozen encoder, and its file.

Shape legend: B batch, I size of the frozen encoder's embeddings, D size of the common space.
"""

from dataclasses import dataclass
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional

from omnibind_ros.errors import ConfigurationError
from omnibind_ros.modality import Modality

HIDDEN = 2048
_NETWORK, _TEMPERATURE = "projector.", "temperature."


class Projector(nn.Module):
    """Embeddings (B, I), as the frozen encoder gives them, to unit vectors (B, D): linear, ReLU, linear.

    With no hidden units it is one linear layer, as in UniBind.
    """

    def __init__(self, input_size: int, size: int, hidden: int = HIDDEN) -> None:
        super().__init__()
        self.first = nn.Linear(input_size, hidden or size)
        self.second = nn.Linear(hidden, size) if hidden else None

    def forward(self, embedding_BI: Tensor) -> Tensor:  # noqa: D102 said by the class
        projected_BD: Tensor = self.first(embedding_BI)
        if self.second is not None:
            projected_BD = self.second(functional.relu(projected_BD))
        return functional.normalize(projected_BD, dim=-1)

    @property
    def size(self) -> int:
        """Size D of the common space."""
        return (self.second or self.first).out_features


@dataclass(frozen=True)
class TrainedProjector:
    """A projector, the modality it is for, and the logarithm of its temperature to each frozen modality."""

    projector: Projector
    modality: Modality
    log_temperature: dict[Modality, Tensor]


def save_projector(trained: TrainedProjector, file: Path) -> None:
    """Write weights and temperatures as safetensors."""
    weights = {f"{_NETWORK}{name}": value for name, value in trained.projector.state_dict().items()}
    temperatures = {f"{_TEMPERATURE}{modality}": value for modality, value in trained.log_temperature.items()}
    tensors = {name: value.detach().cpu().contiguous() for name, value in (weights | temperatures).items()}
    save_file(tensors, file, metadata={"modality": trained.modality.value})


def load_projector(file: Path) -> TrainedProjector:
    """Read what `save_projector` wrote, frozen, on the CPU. Raises ConfigurationError."""
    try:
        with safe_open(file, framework="pt") as opened:
            modality = Modality(opened.metadata()["modality"])
            tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118 it is no dictionary
        weights = {name.removeprefix(_NETWORK): t for name, t in tensors.items() if name.startswith(_NETWORK)}
        first_size, input_size = weights["first.weight"].shape
        second = weights.get("second.weight")
        projector = Projector(
            input_size, first_size if second is None else len(second), 0 if second is None else first_size
        )
        projector.load_state_dict(weights)
    except (OSError, SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise ConfigurationError(
            f"it is no projector: {error}",
            remedy="name the projector.safetensors that `python -m training project` wrote",
            source=str(file),
        ) from error
    temperatures = {
        Modality(name.removeprefix(_TEMPERATURE)): value
        for name, value in tensors.items()
        if name.startswith(_TEMPERATURE)
    }
    return TrainedProjector(projector.requires_grad_(False).eval(), modality, temperatures)
