from importlib import import_module
from typing import Any

import pytest

from omnibind_ros.errors import BundleError
from omnibind_ros.modality import Modality
from omnibind_ros.preprocessing.registry import make_preprocessor, settings_from


def presets(modality: Modality) -> dict[str, Any]:
    return import_module(f"omnibind_ros.preprocessing.{modality}").PRESETS


@pytest.mark.parametrize("modality", Modality)
def test_every_preset_survives_the_way_through_a_bundle(modality: Modality) -> None:
    for preset in presets(modality).values():
        assert settings_from(modality, preset.model_dump(mode="json")) == preset


@pytest.mark.parametrize("modality", Modality)
def test_every_modality_has_the_preset_of_the_default_bundle(modality: Modality) -> None:
    assert "compact" in presets(modality)


@pytest.mark.parametrize("modality", Modality)
def test_a_constant_that_nobody_knows_is_named(modality: Modality) -> None:
    constants = {**presets(modality)["compact"].model_dump(mode="json"), "flavour": 1}
    with pytest.raises(BundleError, match=f"preprocessing of {modality}: `flavour`: .*export the bundle again"):
        settings_from(modality, constants)


@pytest.mark.parametrize("modality", Modality)
def test_missing_constants_are_named(modality: Modality) -> None:
    with pytest.raises(BundleError, match=f"preprocessing of {modality}: `name`"):
        settings_from(modality, {})


@pytest.mark.parametrize("modality", [modality for modality in Modality if modality is not Modality.TEXT])
def test_a_fresh_preprocessor_has_nothing_to_take(modality: Modality) -> None:
    assert make_preprocessor(modality, presets(modality)["compact"]).take() is None
