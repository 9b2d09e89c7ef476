"""Light random changes of model inputs, so that students hold on objects and sensors they have not seen.

Each works on a float32 batch in place of a world that is a little different: another place, brightness, gain, noise.
Shape legend: B batch, C channels, H height (or audio frames), W width (or audio bins), P points.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional

from omnibind_ros.modality import Modality

_SHIFT = 6
_AUDIO_SHIFT = 30
_SHARE_PLUGGED_IN = 0.15


def augment(modality: Modality, batch: Tensor, generator: torch.Generator, *, mirrored: bool) -> Tensor:
    """A changed copy of a batch of one modality's model inputs; text is returned as it is.

    generator: on the batch's device. mirrored: whether what cameras see may be mirrored: a mug may, a digit may not.
    """
    if modality is Modality.IMAGE:
        return _noisy(_relit(_moved(batch, generator, mirror=mirrored), generator), 0.05, generator)
    if modality is Modality.THERMAL:
        return _noisy(_warmed(_moved(batch, generator, mirror=mirrored), generator), 0.002, generator)
    if modality is Modality.TOUCH:
        return _noisy(_moved(batch, generator) * _uniform(batch, 0.7, 1.3, generator), 0.01, generator)
    if modality is Modality.EVENT:
        return _noisy(_moved(batch, generator, mirror=mirrored) * _uniform(batch, 0.7, 1.3, generator), 0.1, generator)
    if modality is Modality.AUDIO:
        heard = _just_plugged_in(_delayed(batch, generator), generator)
        return _noisy(_masked(heard + _uniform(batch, -0.5, 0.5, generator), generator), 0.1, generator)
    if modality is Modality.POINT:
        return _turned(batch, generator)
    return batch


def _random(generator: torch.Generator, *shape: int) -> Tensor:
    """Uniform in [0, 1), on the generator's device."""
    return torch.rand(shape, generator=generator, device=generator.device)


def _integers(generator: torch.Generator, low: int, high: int, *shape: int) -> Tensor:
    """Whole numbers from low to below high, on the generator's device."""
    return torch.randint(low, high, shape, generator=generator, device=generator.device)


def _uniform(batch: Tensor, low: float, high: float, generator: torch.Generator) -> Tensor:
    """One number a sample, shaped so that it multiplies the batch."""
    number_B = _random(generator, len(batch)) * (high - low) + low
    return number_B.view(-1, *[1] * (batch.ndim - 1))


def _noisy(batch: Tensor, most: float, generator: torch.Generator) -> Tensor:
    noise = torch.randn(batch.shape, generator=generator, device=batch.device)
    return torch.addcmul(batch, noise, _uniform(batch, 0.0, most, generator))


def _moved(batch_BCHW: Tensor, generator: torch.Generator, *, mirror: bool = False) -> Tensor:
    """Shifted by some pixels and zoomed a little, edges repeated; every other one mirrored if asked for."""
    batch, _, height, width = batch_BCHW.shape
    zoom_B = _random(generator, batch) * 0.3 + 0.85
    side_2 = torch.tensor([width, height], device=batch_BCHW.device)
    matrix_B23 = torch.zeros(batch, 2, 3, device=batch_BCHW.device)
    matrix_B23[:, 0, 0] = matrix_B23[:, 1, 1] = zoom_B
    matrix_B23[:, :, 2] = (_random(generator, batch, 2) - 0.5) * 4 * _SHIFT / side_2
    if mirror:
        matrix_B23[:, 0, 0] *= (_random(generator, batch) < 0.5).float() * 2 - 1
    grid = functional.affine_grid(matrix_B23, list(batch_BCHW.shape), align_corners=False)
    return functional.grid_sample(batch_BCHW, grid, padding_mode="border", align_corners=False)


def _relit(batch_BCHW: Tensor, generator: torch.Generator) -> Tensor:
    """Contrast, brightness and white balance of a camera whose values lie in [-1, 1]."""
    tint_BC11 = _random(generator, len(batch_BCHW), 3, 1, 1) * 0.2 + 0.9
    light = (batch_BCHW + 1) * tint_BC11 * _uniform(batch_BCHW, 0.7, 1.3, generator)
    return (light - 1 + _uniform(batch_BCHW, -0.15, 0.15, generator)).clamp(-1, 1)


def _warmed(batch_BCHW: Tensor, generator: torch.Generator) -> Tensor:
    """A warmer or colder room, things warmer or colder than it by another factor."""
    room = batch_BCHW.flatten(1).median(dim=1).values.view(-1, 1, 1, 1)
    warmth = (batch_BCHW - room) * _uniform(batch_BCHW, 0.8, 1.25, generator)
    return (room + warmth + _uniform(batch_BCHW, -0.06, 0.06, generator)).clamp(0, 1)


def _delayed(batch_BCHW: Tensor, generator: torch.Generator) -> Tensor:
    """The sound a little earlier or later; frames that leave at one end come back at the other."""
    frames = batch_BCHW.shape[2]
    shift_B = _integers(generator, -_AUDIO_SHIFT, _AUDIO_SHIFT + 1, len(batch_BCHW))
    row_BH = (torch.arange(frames, device=batch_BCHW.device) - shift_B[:, None]) % frames
    return batch_BCHW.gather(2, row_BH[:, None, :, None].expand_as(batch_BCHW))


def _just_plugged_in(batch_BCHW: Tensor, generator: torch.Generator) -> Tensor:
    """Sometimes only the first half of the window, twice: what a new stream gives before a window is full."""
    half = batch_BCHW.shape[2] // 2
    short_BCHW = batch_BCHW.clone()
    short_BCHW[:, :, half : 2 * half] = batch_BCHW[:, :, :half]
    return torch.where(_uniform(batch_BCHW, 0, 1, generator) < _SHARE_PLUGGED_IN, short_BCHW, batch_BCHW)


def _masked(batch_BCHW: Tensor, generator: torch.Generator) -> Tensor:
    """A band of frequencies silenced (SpecAugment, Park et al., 2019)."""
    bins = batch_BCHW.shape[3]
    start_B = _integers(generator, 0, bins, len(batch_BCHW), 1)
    length_B = _integers(generator, 0, bins // 8, len(batch_BCHW), 1)
    bin_W = torch.arange(bins, device=batch_BCHW.device)
    hidden_BW = (bin_W >= start_B) & (bin_W < start_B + length_B)
    floor_B111 = batch_BCHW.amin(dim=(1, 2, 3), keepdim=True)
    return torch.where(hidden_BW[:, None, None, :], floor_B111, batch_BCHW)


def _turned(point_BP3: Tensor, generator: torch.Generator) -> Tensor:
    """Turned about the vertical axis, stretched a little, jittered."""
    angle_B = _random(generator, len(point_BP3)) * 2 * math.pi
    matrix_B33 = torch.zeros(len(point_BP3), 3, 3, device=point_BP3.device)
    matrix_B33[:, 0, 0] = matrix_B33[:, 1, 1] = angle_B.cos()
    matrix_B33[:, 0, 1], matrix_B33[:, 1, 0] = -angle_B.sin(), angle_B.sin()
    matrix_B33[:, 2, 2] = 1
    stretch_B13 = _random(generator, len(point_BP3), 1, 3) * 0.2 + 0.9
    return _noisy((point_BP3 @ matrix_B33) * stretch_B13, 0.02, generator)
