"""The steps of training in their order, and the tools beside them: `python -m training <name>`.

Another one is an entry in its folder's `steps.py`.
"""

from training.data import steps as data
from training.distillation import steps as distillation
from training.evaluation import steps as evaluation
from training.export import steps as export
from training.fusion import steps as fusion
from training.hardware import steps as hardware
from training.precision import steps as precision
from training.projection import steps as projection
from training.reproduce import steps as reproduce
from training.step import Step, Tool
from training.students import steps as students
from training.teachers import steps as teachers

STEPS: tuple[Step | Tool, ...] = (
    *data.STEPS,
    *teachers.STEPS,
    *distillation.STEPS,
    *fusion.STEPS,
    *evaluation.STEPS,
    *export.STEPS,
    *precision.STEPS,
    *projection.STEPS,
    *students.STEPS,
    *hardware.STEPS,
    *reproduce.STEPS,
)
