"""The steps of training in their order, and the tools beside them: `python -m training <name>`.

Another one is an entry in its folder's `steps.py`.
"""

from training.data import steps as data
from training.distillation import steps as distillation
from training.evaluation import steps as evaluation
from training.export import steps as export
from training.few_shot import steps as few_shot
from training.fusion import steps as fusion
from training.hardware import steps as hardware
from training.knowledge import steps as knowledge
from training.precision import steps as precision
from training.projection import steps as projection
from training.real_data import steps as real_data
from training.reproduce import steps as reproduce
from training.retrieval import steps as retrieval
from training.scale import steps as scale
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
    *knowledge.STEPS,
    *scale.STEPS,
    *projection.STEPS,
    *few_shot.STEPS,
    *retrieval.STEPS,
    *students.STEPS,
    *hardware.STEPS,
    *reproduce.STEPS,
    *real_data.STEPS,
)
