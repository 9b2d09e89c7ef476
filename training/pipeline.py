"""The steps of training, in their order: what each one reads, and when it has to run again."""

import json
from functools import cached_property, partial
from pathlib import Path

import omnibind_ros
import training.data.corruption
import training.data.inputs
import training.data.sensor_inputs
from omnibind_ros.modality import Modality
from omnibind_ros.recognition.label_bank import LabelBank
from omnibind_ros.simulation.objects import LABELS
from training.config import TrainingConfig
from training.data.inputs import input_settings
from training.data.sample_set import SampleSet
from training.data.simulate import SPLITS, simulate
from training.distillation.distil import distil
from training.distillation.distil_text import distil_text
from training.evaluation.calibrate import CALIBRATION_FILE, calibrate, load_calibration
from training.evaluation.evaluate import RESULTS_FILE, evaluate
from training.export.bundle import TOKENIZER_FILE, make_bundle
from training.export.export import export
from training.fusion.embedded import EmbeddedSet, embed_split
from training.fusion.fuse import fuse, load_head
from training.run_folder import RunFolder, settings_of, source_hash
from training.teachers.teach import Teachers, load_teachers, teach

STEPS = ("simulate", "teach", "distil", "fuse", "calibrate", "evaluate", "export", "bundle")
_VIEWS = 4
_MAKERS = (training.data.corruption.__file__, training.data.inputs.__file__, training.data.sensor_inputs.__file__)


class Pipeline:
    """One training run: its folder, its configuration, and the folder its bundle goes to."""

    def __init__(self, folder: Path, config: TrainingConfig, output: Path) -> None:
        self._run = RunFolder(folder, config)
        self._config = config
        self._output = output

    def run(self, step: str, *, only: tuple[Modality, ...], force: bool) -> None:
        """Run one step of `STEPS` unless it is done; only: the modalities to distil.

        Raises FileNotFoundError when a step it needs has not been run.
        """
        getattr(self, f"_{step}")(only, force)

    def _simulate(self, _: tuple[Modality, ...], force: bool) -> None:
        package = Path(omnibind_ros.__file__).parent
        code = source_hash([package / "simulation", package / "preprocessing", *map(Path, _MAKERS)])
        settings = [settings_of(self._config.simulate), code]
        self._run.perform("simulate", lambda folder: simulate(folder, self._config, code), settings, (), force=force)

    def _teach(self, _: tuple[Modality, ...], force: bool) -> None:
        self._run.perform(
            "teach",
            lambda folder: teach(folder, self._config, self._split("train")),
            settings_of(self._config.teach),
            ("simulate",),
            force=force,
        )

    def _distil(self, only: tuple[Modality, ...], force: bool) -> None:
        for modality in only:
            self._run.perform(
                f"distil/{modality}",
                partial(self._distil_one, modality),
                settings_of(self._config.distil),
                ("simulate", "teach"),
                force=force,
            )

    def _distil_one(self, modality: Modality, folder: Path) -> None:
        data = {"train": self._split("train"), "held_out": self._split("validation")}
        if modality is Modality.TEXT:
            distil_text(folder, self._config, **data, labels=LABELS, teachers=self._teachers)
        else:
            distil(folder, self._config, modality, **data, teachers=self._teachers)

    def _fuse(self, _: tuple[Modality, ...], force: bool) -> None:
        self._run.perform(
            "fuse",
            lambda folder: fuse(
                folder, self._config, self._embedded("fusion", views=_VIEWS), self._teachers.centre_KkD
            ),
            settings_of(self._config.fuse),
            self._distilled_steps,
            force=force,
        )

    def _calibrate(self, _: tuple[Modality, ...], force: bool) -> None:
        self._run.perform(
            "calibrate",
            lambda folder: calibrate(
                folder, self._config, self._embedded("validation"), load_head(self._run.step("fuse")), self._bank
            ),
            settings_of(self._config.calibrate),
            ("fuse",),
            force=force,
        )

    def _evaluate(self, _: tuple[Modality, ...], force: bool) -> None:
        self._run.perform(
            "evaluate",
            lambda folder: evaluate(
                folder,
                self._config,
                test=self._embedded("test"),
                head=load_head(self._run.step("fuse")),
                bank=self._bank,
                calibration=load_calibration(self._run.step("calibrate")),
            ),
            {},
            ("calibrate",),
            force=force,
        )

    def _export(self, _: tuple[Modality, ...], force: bool) -> None:
        shapes = {modality: input_settings(modality).input_shape for modality in self._config.modalities}
        self._run.perform(
            "export",
            lambda folder: export(
                folder, self._config, self._run.step("distil"), shapes, load_head(self._run.step("fuse"))
            ),
            {},
            ("fuse",),
            force=force,
        )

    def _bundle(self, _: tuple[Modality, ...], force: bool) -> None:
        if not self._output.exists():
            force = True
        self._run.perform(
            "bundle", lambda _: self._write_bundle(), str(self._output), ("export", "evaluate"), force=force
        )

    def _write_bundle(self) -> None:
        has_text = Modality.TEXT in self._config.modalities
        bundle = make_bundle(
            self._output,
            self._config,
            exported=self._run.step("export"),
            tokenizer=self._run.step("distil") / "text" / TOKENIZER_FILE if has_text else None,
            labels=LABELS,
            centre_KkD=self._teachers.centre_KkD,
            calibration=json.loads((self._run.step("calibrate") / CALIBRATION_FILE).read_text()),
            results=json.loads((self._run.step("evaluate") / RESULTS_FILE).read_text()),
            durations=self._run.durations(),
        )
        size = sum(path.stat().st_size for path in self._output.rglob("*") if path.is_file())
        print(f"{self._output}: {len(bundle.modalities)} modalities, {len(LABELS)} labels, {size / 1e6:.1f} MB")

    def _split(self, name: str) -> SampleSet:
        if name not in SPLITS:
            raise KeyError(name)
        return SampleSet(self._run.step("simulate") / name, LABELS)

    def _embedded(self, split: str, views: int = 1) -> EmbeddedSet:
        return embed_split(self._split(split), self._config, self._run.step("distil"), views)

    @property
    def _distilled_steps(self) -> tuple[str, ...]:
        return tuple(f"distil/{modality}" for modality in self._config.modalities)

    @cached_property
    def _teachers(self) -> Teachers:
        return load_teachers(self._run.step("teach"))

    @property
    def _bank(self) -> LabelBank:
        return LabelBank(LABELS, self._teachers.centre_KkD.numpy())
