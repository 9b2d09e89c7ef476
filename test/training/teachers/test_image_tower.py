import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from training.teachers.image_tower import make_image_tower  # noqa: E402

SHAPE = (3, 32, 32)


@pytest.fixture(scope="module", params=["convolutional", "clip"])
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def tower(kind):
    torch.manual_seed(0)
    return make_image_tower(kind, SHAPE).eval()


def test_pictures_become_unit_vectors_and_features_of_the_stated_size(tower):
    pictures = torch.rand(3, *SHAPE)
    embedding = tower(pictures)
    assert embedding.shape == (3, 128)
    torch.testing.assert_close(embedding.norm(dim=1), torch.ones(3))
    assert tower.features(pictures).shape == (3, tower.feature_size)
    torch.testing.assert_close(tower(pictures[:1]), embedding[:1], atol=1e-5, rtol=0)


def test_the_whole_tower_learns(kind):
    tower = make_image_tower(kind, SHAPE)
    tower(torch.rand(2, *SHAPE))[:, 0].sum().backward()
    assert not [name for name, parameter in tower.named_parameters() if parameter.grad is None]


def test_a_tower_of_the_same_kind_takes_its_weights(kind, tower):
    twin = make_image_tower(kind, SHAPE).eval()
    twin.load_state_dict(tower.state_dict())
    picture = torch.rand(1, *SHAPE)
    torch.testing.assert_close(twin(picture), tower(picture))


def test_the_channels_of_a_picture_are_as_many_as_it_has(kind):
    assert make_image_tower(kind, (1, 32, 32)).eval()(torch.rand(1, 1, 32, 32)).shape == (1, 128)
