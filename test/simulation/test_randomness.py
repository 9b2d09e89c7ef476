import numpy as np

from omnibind_ros.simulation.randomness import generator, noise_image


def test_numbers_depend_on_seed_purpose_and_moment_and_nothing_else() -> None:
    numbers = [
        generator(*arguments).random()
        for arguments in (
            (1, "camera", 0.5),
            (1, "camera", 0.5),
            (2, "camera", 0.5),
            (1, "lidar", 0.5),
            (1, "camera", 0.6),
        )
    ]
    assert numbers[0] == numbers[1]
    assert len(set(numbers)) == 4


def test_moments_before_the_start_have_numbers_too() -> None:
    assert generator(0, "camera", -0.1).random() != generator(0, "camera", 0.1).random()


def test_noise_is_standard_normal_and_new_for_every_frame() -> None:
    first, second = (noise_image(generator(0, "noise", time_s), 120, 160, 3) for time_s in (0.0, 0.1))
    assert first.shape == (120, 160, 3)
    assert abs(float(first.mean())) < 0.05
    assert abs(float(first.std()) - 1.0) < 0.05
    assert abs(float((first * second).mean())) < 0.05
    assert not np.array_equal(first, second)
