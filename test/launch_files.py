"""What launch files declare, read from their source: PyPI has no `launch`."""

import ast
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "launch"


def launch_arguments(path: Path) -> dict[str, dict[str, Any]]:
    """The declared arguments by name, with `default_value`, `choices` and `description` where they are constants."""
    return {
        call.args[0].value: {
            keyword.arg: ast.literal_eval(keyword.value)
            for keyword in call.keywords
            if keyword.arg and _is_constant(keyword.value)
        }
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and getattr(call.func, "id", "") == "DeclareLaunchArgument"
        and isinstance(call.args[0], ast.Constant)
    }


def _is_constant(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) or (
        isinstance(value, ast.List) and all(isinstance(one, ast.Constant) for one in value.elts)
    )
