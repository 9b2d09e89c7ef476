import numpy as np
import pytest

from omnibind_ros.simulation.reliefs import RELIEFS, TILE, sample, tile


@pytest.mark.parametrize("name", RELIEFS)
def test_tiles_are_scaled_and_continue_over_their_edges(name: str) -> None:
    heights = tile(name)
    assert heights.shape == (TILE, TILE)
    assert abs(float(heights.mean())) < 1e-3
    assert float(np.abs(heights).max()) == pytest.approx(1.0)
    for axis in (0, 1):
        steps = np.abs(np.diff(heights, axis=axis)).mean(axis=1 - axis)
        over_the_edge = np.abs(heights.take(0, axis) - heights.take(-1, axis)).mean()
        assert over_the_edge <= 1.5 * steps.max() + 0.05


def test_a_relief_repeats_after_its_period() -> None:
    place = np.random.default_rng(0).uniform(0, 0.1, (50, 2)).astype(np.float32)
    place = np.floor(place * 5000) / 5000 + 0.00005
    period = RELIEFS["knurl"].period_m
    shifted = sample("knurl", (place + np.array([period, 2 * period])).astype(np.float32))
    assert np.mean(np.abs(shifted - sample("knurl", place.astype(np.float32))) < 0.2) > 0.9


def test_reliefs_feel_different() -> None:
    spectra = {name: np.abs(np.fft.fft2(tile(name))).ravel() for name in RELIEFS}
    unit = np.stack([spectrum / np.linalg.norm(spectrum) for spectrum in spectra.values()])
    similarity = unit @ unit.T - np.eye(len(unit))
    assert similarity.max() < 0.97
