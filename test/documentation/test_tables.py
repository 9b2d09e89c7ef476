from documentation.tables import parameters, shared_parameters, table
from omnibind_ros.pipeline.parameters import ParameterSpec

RATE = ParameterSpec("rate", 10.0, "How often.", (0.1, 100.0), unit="Hz")
KIND = ParameterSpec("kind", "a", "Which | of them.", choices=("a", "b"))
NAMES = ParameterSpec("names", (), "Names.", takes_effect="at once")


def test_a_table_has_as_many_cells_in_every_row() -> None:
    assert table(("a", "b"), [("1", "x | y")]) == "| a | b |\n|---|---|\n| 1 | x \\| y |"


def test_a_parameter_tells_type_unit_default_range_and_effect() -> None:
    assert parameters([RATE, KIND, NAMES], prefix="<x>.").splitlines()[2:] == [
        "| `<x>.rate` | number | Hz | `10.0` | 0.1 … 100 | when configured | How often. |",
        "| `<x>.kind` | text |  | `a` | a, b | when configured | Which \\| of them. |",
        "| `<x>.names` | list of texts |  |  |  | at once | Names. |",
    ]


def test_parameters_of_several_nodes_stand_once_with_their_owners() -> None:
    rows = shared_parameters({"one": (RATE, KIND), "two": (RATE,)}).splitlines()
    assert len(rows) == 4
    assert rows[2].endswith("| How often. | `one`, `two` |")
    assert rows[3].endswith("| `one` |")
