import cv2
import numpy as np

from omnibind_ros.figure import new_figure, png, tidy


def test_a_figure_becomes_a_picture_of_its_size_without_a_display() -> None:
    figure = new_figure(4, 2, "Two mugs")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1])
    tidy(axes)
    drawn = cv2.imdecode(np.frombuffer(png(figure), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert drawn.shape == (220, 440)
    assert drawn.min() < 50
    assert drawn.max() > 200
    assert not axes.spines["top"].get_visible()
    assert axes.spines["left"].get_visible()
