import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.errors import ConfigurationError  # noqa: E402
from omnibind_ros.modality import Modality  # noqa: E402
from training.projection.projector import (  # noqa: E402
    Projector,
    TrainedProjector,
    load_projector,
    save_projector,
)


def test_it_is_two_layers_with_a_relu_between_and_unit_vectors_after():
    projector = Projector(6, 4)
    assert projector.first.out_features == 2048
    inputs = torch.randn(5, 6)
    hidden = (inputs @ projector.first.weight.T + projector.first.bias).clamp(min=0)
    expected = hidden @ projector.second.weight.T + projector.second.bias
    outputs = projector(inputs)
    torch.testing.assert_close(outputs, expected / expected.norm(dim=1, keepdim=True))


def test_weights_modality_and_temperatures_are_read_again(tmp_path):
    trained = TrainedProjector(Projector(6, 4, 8), Modality.AUDIO, {Modality.TEXT: torch.tensor(-2.0)})
    save_projector(trained, tmp_path / "projector.safetensors")
    again = load_projector(tmp_path / "projector.safetensors")
    assert again.modality is Modality.AUDIO
    assert again.log_temperature[Modality.TEXT].item() == -2.0
    assert not any(weight.requires_grad for weight in again.projector.parameters())
    inputs = torch.randn(5, 6)
    torch.testing.assert_close(again.projector(inputs), trained.projector(inputs).detach())


def test_another_file_is_refused_by_its_name(tmp_path):
    (tmp_path / "other.safetensors").write_text("no projector")
    with pytest.raises(ConfigurationError, match="no projector") as told:
        load_projector(tmp_path / "other.safetensors")
    assert "other.safetensors" in str(told.value)


def test_without_hidden_units_it_is_one_layer_and_comes_back_as_one(tmp_path):
    projector = Projector(6, 4, 0)
    inputs = torch.randn(5, 6)
    expected = inputs @ projector.first.weight.T + projector.first.bias
    torch.testing.assert_close(projector(inputs), expected / expected.norm(dim=1, keepdim=True))
    save_projector(TrainedProjector(projector, Modality.AUDIO, {}), tmp_path / "projector.safetensors")
    again = load_projector(tmp_path / "projector.safetensors").projector
    assert again.second is None
    assert again.size == projector.size == 4
    torch.testing.assert_close(again(inputs), projector(inputs).detach())
