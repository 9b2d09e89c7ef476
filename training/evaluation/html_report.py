"""The report of a run: one HTML file with what it learned, how well, how sure it is, and how long it took."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from omnibind_ros.figure import png
from omnibind_ros.page import page, picture, section, table, tiles
from training.evaluation.losses import draw_losses, read_losses
from training.evaluation.pictures import PICTURES
from training.evaluation.report import Table, about, combinations, percent, tables
from training.fusion.heads.registry import BUNDLED
from training.run_folder import RunFolder

REPORT_FILE = "report.html"


def write_report(file: Path, run: RunFolder, results: Mapping[str, Any], *, bundle: Path | None = None) -> None:
    """results: what `evaluate` has measured; its pictures and the steps before it are found in the run's folder.

    bundle: the one that was made, to list its files.
    """
    evaluated = run.step("evaluate")
    losses = read_losses(run.folder)
    drawn = {name: evaluated / name for name in PICTURES if (evaluated / name).exists()}
    parts = [
        _tiles(results, run.durations()),
        section(
            "How it learned", picture(png(draw_losses(losses)), "Losses by the share of the steps") if losses else ""
        ),
        section(
            "How well it does", "\n".join(picture(path.read_bytes(), PICTURES[name]) for name, path in drawn.items())
        ),
        *(section(one.title, _table(one)) for one in (*tables(results), combinations(results["heads"])) if one.rows),
        section("Time", _table(Table("", ["step", "seconds"], [[k, f"{v:.1f}"] for k, v in run.durations().items()]))),
        section(f"The bundle {bundle}", _files(bundle)) if bundle else "",
    ]
    file.write_text(page(f"Training of {run.config.name}", about(results), parts), encoding="utf-8")


def _tiles(results: Mapping[str, Any], durations: Mapping[str, float]) -> str:
    name = BUNDLED if BUNDLED in results["heads"] else list(results["heads"])[-1]
    head = results["heads"][name]
    accuracy, answers = head["by_number"], head["confidence"]["abstention"]
    titles = {"1": "one modality", "2": "two modalities", "all": "any of them, mean of all combinations"}
    found = [
        (f"{percent(accuracy[key])} %", f"accuracy with {title}") for key, title in titles.items() if key in accuracy
    ]
    if head["robustness"]:
        lost = max(kind["worst_loss"] for kind in head["robustness"].values())
        found.append((f"{percent(lost)} points", "lost at worst when one of several modalities lies"))
    covered = percent(answers["coverage"])
    found.append((f"{percent(answers['error_when_answering'])} %", f"wrong among the surest {covered} %"))
    found.append((f"{sum(durations.values()) / 60:.1f} min", "for all steps"))
    return tiles(found)


def _table(found: Table) -> str:
    rows = [[cell.replace("*", "") for cell in row] for row in found.rows]
    columns = zip(*rows, strict=True)
    numbers = {
        place for place, cells in enumerate(columns) if all(cell[:1].isdigit() or cell[:1] in "-–" for cell in cells)
    }
    return table(found.header, rows, numbers=numbers)


def _files(bundle: Path) -> str:
    rows = [[path.name, f"{path.stat().st_size / 1e6:.2f}"] for path in sorted(bundle.iterdir()) if path.is_file()]
    return _table(Table("", ["file", "MB"], rows))
