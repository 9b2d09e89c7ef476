"""What a browser may ask the robot to do, checked before any node hears of it."""

from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator

from omnibind_ros.errors import ControlError
from omnibind_ros.recognition.label_centres import FEWEST_LABELS, LONGEST_LABEL, MOST_LABELS

Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_LABEL)]
CommandT = TypeVar("CommandT", bound=BaseModel)


class SwitchSource(BaseModel):
    """Use a source, or do not."""

    model_config = ConfigDict(extra="forbid", strict=True)
    enabled: bool


class SetLabels(BaseModel):
    """Tell these labels apart; an empty list stands for the bundle's own."""

    model_config = ConfigDict(extra="forbid", strict=True)
    labels: Annotated[list[Label], Field(max_length=MOST_LABELS)]

    @field_validator("labels")
    @classmethod
    def _can_be_told_apart(cls, labels: list[str]) -> list[str]:
        if any(not label.isprintable() for label in labels):
            raise ValueError("a label holds characters that cannot be shown")
        if len({label.casefold() for label in labels}) < len(labels):
            raise ValueError("a label is there twice")
        if 0 < len(labels) < FEWEST_LABELS:
            raise ValueError(f"give at least {FEWEST_LABELS} labels, or none for the bundle's own")
        return labels


class ReloadBundle(BaseModel):
    """Read the bundle's folder again."""

    model_config = ConfigDict(extra="forbid")


def read_command(kind: type[CommandT], body: bytes) -> CommandT:
    """The command in a request's body. Raises ControlError that says what is wrong with it."""
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        what = first["msg"].removeprefix("Value error, ")
        raise ControlError(f"{where}: {what}" if where else what, remedy="correct it and send it again") from error
