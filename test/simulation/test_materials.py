import pytest

from omnibind_ros.simulation.materials import MATERIALS, Material


@pytest.mark.parametrize("material", MATERIALS.values(), ids=MATERIALS.keys())
def test_properties_are_physically_possible(material: Material) -> None:
    shares = (material.specular, material.metal, material.transparency, material.emissivity, material.absorption)
    assert all(0.0 <= share <= 1.0 for share in (*shares, material.loss, material.hardness))
    assert 50.0 < material.sound_speed < 7000.0


def test_materials_rank_as_people_know_them() -> None:
    loss = [MATERIALS[name].loss for name in ("brass", "ceramic", "wood", "plastic", "rubber", "foam")]
    assert loss == sorted(loss)
    hardness = [MATERIALS[name].hardness for name in ("foam", "rubber", "wood", "ceramic", "steel")]
    assert hardness == sorted(hardness)
    assert MATERIALS["steel"].emissivity < MATERIALS["ceramic"].emissivity
