"""Impact sounds by modal synthesis, and a microphone that listens to an object being tapped.

A tap is a half-sine force whose duration depends on the hardness of the contact; it excites a bank of two-pole
resonators, one a mode (van den Doel & Pai, *The Sounds of Physical Shapes*, Presence 1998). The ratios of the modes
come from the shape (Fletcher & Rossing, *The Physics of Musical Instruments*: free bar, free circular plate,
inextensional ring modes n(n^2 - 1) / sqrt(n^2 + 1), simply supported panel), the lowest frequency from thickness,
length and speed of sound, the decay from the loss factor of the material and from what holds or fills the object.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from omnibind_ros.simulation.materials import MATERIALS
from omnibind_ros.simulation.objects import Family, SimulatedObject
from omnibind_ros.simulation.randomness import generator
from omnibind_ros.simulation.sensors import SOUND_RATE_HZ, TAP_PERIOD_S

Samples = NDArray[np.float32]

IMPACT_S = 1.0
"""Length of one impact sound."""

_RATIOS: dict[Family, tuple[float, ...]] = {
    "bar": (1.0, 2.757, 5.404, 8.933, 13.34),
    "plate": (1.0, 1.729, 2.328, 3.906, 4.11, 6.30, 6.71, 8.6),
    "shell": (1.0, 2.828, 5.423, 8.771, 12.87, 17.7),
    "block": (1.0, 1.34, 1.63, 2.08, 2.42, 2.97, 3.6),
    "box": (1.0, 2.5, 4.0, 5.0, 6.5, 8.5, 9.0, 12.5),
}
_ROOM_NOISE = 0.003
_LOWEST_HZ = 45.0


def lowest_mode_hz(thing: SimulatedObject) -> float:
    """Frequency of the lowest mode of an object: bending, or for a compact block the swing on its support."""
    speed = MATERIALS[thing.material].sound_speed
    shape = thing.vibration
    bending = speed * shape.wall_m / shape.length_m**2
    frequency = {
        "bar": 1.028 * bending,
        "plate": 1.01 * bending,
        "shell": 0.492 * bending,
        "box": 0.9 * bending,
        "block": 0.05 * speed / shape.length_m,
    }[shape.family]
    return max(frequency, _LOWEST_HZ)


def decay_per_s(thing: SimulatedObject, frequency_hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Decay rates in 1/s of modes of an object at frequencies in Hz."""
    return thing.vibration.damping + np.pi * MATERIALS[thing.material].loss * frequency_hz


def impact_sound(thing: SimulatedObject, seed: int, rate_hz: int = SOUND_RATE_HZ) -> Samples:
    """Sound of one tap, IMPACT_S seconds float32 in [-1, 1], without room noise.

    Args:
        thing: The object that is tapped.
        seed: Fixes strength and place of the tap.
        rate_hz: Sampling rate.
    """
    rng = generator(seed, "impact")
    body = generator(thing.seed, "body " + thing.label)
    count = int(IMPACT_S * rate_hz)
    material = MATERIALS[thing.material]
    ideal = np.array(_RATIOS[thing.vibration.family])
    ratios = ideal * body.uniform(0.985, 1.015, len(ideal))
    # no real body is quite symmetric: every mode comes as two that beat
    modes = lowest_mode_hz(thing) * np.concatenate([ratios, ratios * body.uniform(1.004, 1.02, len(ratios))])
    gains = rng.uniform(0.35, 1.0, len(modes)) / np.sqrt(np.concatenate([ratios, ratios]))
    gains[len(ratios) :] *= 0.4
    contact_s = 0.0002 + 0.006 * (1.0 - material.hardness) ** 1.5 * float(rng.uniform(0.8, 1.25))
    pulse = np.zeros(count)
    length = max(2, int(contact_s * rate_hz))
    pulse[:length] = np.sin(np.pi * (np.arange(length) + 0.5) / length) / length
    audible = modes < 0.48 * rate_hz
    sound = np.zeros(count)
    for frequency, gain, decay in zip(modes[audible], gains[audible], decay_per_s(thing, modes[audible]), strict=True):
        radius, angle = np.exp(-decay / rate_hz), 2.0 * np.pi * frequency / rate_hz
        ring = min(count, length + int(9.0 / decay * rate_hz))
        resonator = [1.0, -2.0 * radius * np.cos(angle), radius**2]
        sound[:ring] += gain * lfilter([0.0, radius * np.sin(angle)], resonator, pulse[:ring])
    knock = rng.standard_normal(length * 8) * np.exp(-np.arange(length * 8) / (1.5 * length))
    smooth = np.convolve(knock, np.ones(length) / length, mode="same")
    sound[: len(smooth)] += smooth * (0.05 + 0.15 * (1.0 - material.hardness)) * max(np.abs(sound).max(), 1e-6)
    loudness = (0.12 + 0.5 * material.hardness) * float(np.exp(rng.uniform(-0.6, 0.4)))
    return np.asarray(np.clip(sound * (loudness / max(np.abs(sound).max(), 1e-9)), -1.0, 1.0), np.float32)


class Microphone:
    """Hears an object that is tapped about every TAP_PERIOD_S seconds with varied strength.

    Args:
        thing: The object.
        seed: Fixes times, strengths and places of the taps and the noise of the room.
        rate_hz: Sampling rate.
    """

    def __init__(self, thing: SimulatedObject, seed: int, rate_hz: int = SOUND_RATE_HZ) -> None:
        self._object = thing
        self._seed = seed
        self._rate_hz = rate_hz
        self._taps: dict[int, Samples] = {}
        noise = generator(seed, "room").standard_normal(4 * rate_hz)
        self._noise = np.asarray(lfilter([1.0], [1.0, -0.9], noise) * (_ROOM_NOISE * 0.44), np.float32)

    def samples(self, start_s: float, end_s: float) -> Samples:
        """What is heard in [start_s, end_s): (N,) float32 in [-1, 1]. Neighbouring intervals join without a gap."""
        start, end = round(start_s * self._rate_hz), round(end_s * self._rate_hz)
        heard = self._noise[np.arange(start, end) % len(self._noise)]
        first = max(0, int(np.floor((start_s - IMPACT_S) / TAP_PERIOD_S)) - 1)
        last = int(np.ceil(end_s / TAP_PERIOD_S)) + 1
        for number in range(first, last + 1):
            tap_start = round(self.tap_time(number) * self._rate_hz)
            length = int(IMPACT_S * self._rate_hz)
            low, high = max(start, tap_start), min(end, tap_start + length)
            if low < high:
                heard[low - start : high - start] += self._tap(number)[low - tap_start : high - tap_start]
        for number in [tap for tap in self._taps if tap < first]:
            del self._taps[number]
        return np.clip(heard, -1.0, 1.0)

    def tap_time(self, number: int) -> float:
        """When the tap of this number, counted from 0, happens, in seconds."""
        jitter = generator(self._seed, f"tap time {number}").uniform(-0.15, 0.15)
        return float((number + 0.5 + jitter) * TAP_PERIOD_S)

    def _tap(self, number: int) -> Samples:
        if number not in self._taps:
            tap_seed = int(generator(self._seed, f"tap {number}").integers(1 << 31))
            self._taps[number] = impact_sound(self._object, tap_seed, self._rate_hz)
        return self._taps[number]
