import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from training.students.adapted import AdaptedStudent, FeaturesOf, add_adapters, merge_adapters  # noqa: E402
from training.teachers.image_tower import make_image_tower  # noqa: E402


def adapted(channels: int = 2, side: int = 32, kind: str = "convolutional") -> AdaptedStudent:
    torch.manual_seed(0)
    tower = make_image_tower(kind, (3, side, side))
    return AdaptedStudent(FeaturesOf(tower), feature_size=tower.feature_size, channels=channels, side=side)


def learn(student: AdaptedStudent, inputs: "torch.Tensor", steps: int = 5) -> None:
    optimiser = torch.optim.Adam([p for p in student.parameters() if p.requires_grad], lr=1e-2)
    target = torch.nn.functional.normalize(torch.randn(len(inputs), 128), dim=1)
    student.train()
    for _ in range(steps):
        optimiser.zero_grad()
        (student(inputs) - target).square().sum().backward()
        optimiser.step()


@pytest.mark.parametrize("channels", [1, 2, 3, 8])
def test_any_number_of_channels_becomes_a_picture(channels):
    student = adapted(channels).eval()
    embedding = student(torch.rand(2, channels, 32, 40))
    torch.testing.assert_close(embedding.norm(dim=1), torch.ones(2))


def test_only_the_ends_learn_and_the_backbone_keeps_even_its_statistics():
    student = adapted()
    before = {name: value.clone() for name, value in student.backbone.state_dict().items()}
    head = student.head[0].weight.clone()
    learn(student, torch.rand(8, 2, 32, 32))
    for name, value in student.backbone.state_dict().items():
        torch.testing.assert_close(value, before[name])
    assert not torch.equal(student.head[0].weight, head)


@pytest.mark.parametrize("kind", ["convolutional", "clip"])
def test_merged_adapters_answer_like_unmerged_ones(kind):
    pytest.importorskip("peft", reason="the recipe lora needs peft")
    student, inputs = adapted(kind=kind), torch.rand(8, 2, 32, 32)
    plain = {name for name, _ in student.named_parameters()}
    start = student.eval()(inputs)
    add_adapters(student, rank=2, alpha=4)
    torch.testing.assert_close(student.eval()(inputs), start, atol=1e-5, rtol=0)
    learn(student, inputs)
    unmerged = student.eval()(inputs).detach()
    assert (unmerged - start).abs().max() > 1e-2
    merge_adapters(student)
    torch.testing.assert_close(student.eval()(inputs), unmerged, atol=1e-5, rtol=0)
    assert {name for name, _ in student.named_parameters()} == plain
