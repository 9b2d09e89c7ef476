import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from omnibind_ros.errors import ConfigurationError  # noqa: E402
from omnibind_ros.modality import Modality  # noqa: E402
from training.hardware.board import Assumed, Board, Figure, Source, load_board  # noqa: E402
from training.hardware.cost import Workload, estimate_ms, estimated_costs, measured_costs, workload  # noqa: E402

BOARD = Board(
    name="workbench",
    title="A board",
    runtime="tensorrt",
    sources={"sheet": Source(title="Sheet", address="https://example.org", read="original")},
    peak={"fp32": Figure(value=1, source="sheet"), "fp16": Figure(value=8, source="sheet", sparse=True)},
    bandwidth=Figure(value=100, source="sheet"),
    assumed=Assumed(compute=0.1, bandwidth=0.5, overhead_ms=0.2),
)


def test_work_is_what_layers_compute_and_what_they_move() -> None:
    model = torch.nn.Sequential(torch.nn.Linear(5, 7), torch.nn.ReLU(), torch.nn.Linear(7, 3))
    work = workload(model, (torch.rand(1, 5),))
    assert work.flops == 2 * (5 * 7 + 7 * 3)
    assert work.numbers == (5 * 7 + 7) + (7 * 3 + 3) + 5 + 2 * (7 + 3)


@pytest.mark.parametrize(
    ("work", "precision", "share", "expected_ms"),
    [
        (Workload(10**9, 0), "fp32", 1.0, 0.2 + 10),  # 1 Tflop/s, of which a tenth
        (Workload(10**9, 0), "fp16", 1.0, 0.2 + 2.5),  # 8 with zeros are 4
        (Workload(10**9, 0), "fp16", 0.5, 0.2 + 5),
        (Workload(0, 25 * 10**6), "fp32", 1.0, 0.2 + 2),  # 100 MB at half of 100 GB/s
        (Workload(0, 25 * 10**6), "fp16", 0.5, 0.2 + 1),  # memory has no power mode
        (Workload(10**9, 25 * 10**6), "fp32", 1.0, 0.2 + 10),
    ],
)
def test_an_estimate_is_the_longer_of_computing_and_moving_and_the_overhead(
    work: Workload, precision, share: float, expected_ms: float
) -> None:
    assert estimate_ms(BOARD, work, precision, share) == pytest.approx(expected_ms)


def test_larger_students_take_longer_and_lower_precision_shorter() -> None:
    costs = estimated_costs(load_board("jetson_orin_nano"), {Modality.THERMAL: (1, 64, 64), Modality.TEXT: (16,)})
    took = {(one.modality, one.size, one.precision): one.milliseconds for one in costs.options}
    assert len(took) == 2 * 3 * 3
    for modality in (Modality.THERMAL, Modality.TEXT):
        assert took[modality, "nano", "fp32"] < took[modality, "small", "fp32"] < took[modality, "base", "fp32"]
        assert took[modality, "base", "int8"] < took[modality, "base", "fp16"] < took[modality, "base", "fp32"]
    assert costs.fusion_ms > 0.3


def test_a_weaker_power_mode_takes_longer() -> None:
    board, shapes = load_board("jetson_agx_orin"), {Modality.IMAGE: (3, 64, 64)}
    full, weak = (estimated_costs(board, shapes, mode) for mode in (None, "15W"))
    assert all(slow.milliseconds > fast.milliseconds for fast, slow in zip(full.options, weak.options, strict=True))
    with pytest.raises(ConfigurationError, match="choose one of MAXN, 50W, 30W, 15W"):
        estimated_costs(board, shapes, "7W")


def test_a_cpu_is_measured_in_every_size_and_both_precisions() -> None:
    costs = measured_costs({Modality.POINT: (256, 3)}, runs=1)
    assert {(one.size, one.precision) for one in costs.options} == {
        (size, precision) for size in ("nano", "small", "base") for precision in ("fp32", "int8")
    }
    assert all(one.milliseconds > 0 for one in costs.options)
    assert costs.fusion_ms > 0
