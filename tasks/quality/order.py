"""The order in which groups of signals are measured: a versioned setting, so that a run stays the same until it is learned anew.

`doctune gates --learn` writes it below the data root; without such a file the shipped one holds. The order decides what is
spent and which reason a rejected text is given, never which texts are kept.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from tasks.storage.root import read_bytes, write_bytes

ORDER_FILE = "quality/order.json"  # below the data root
LANGUAGE = "language"
NEED_LANGUAGE = frozenset({"stop_words"})  # groups with gates that hold for some languages only
LAST = "natural"  # features of the score, which is decided when all else let the text pass


class CascadeOrder(BaseModel):
    """groups: the order for formats that have none of their own. formats: canonical name -> its order.

    Raises ValueError for an order in which a group stands twice, the language comes after a group that needs it, or the score's
    features are not last.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int
    groups: tuple[str, ...]
    formats: dict[str, tuple[str, ...]] = {}

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        for name, groups in {"": self.groups, **self.formats}.items():
            problem = find_problem(groups)
            if problem:
                raise ValueError(f"order of groups{f' for {name}' if name else ''}: {problem}")
        return self

    def groups_for(self, format_name: str) -> tuple[str, ...]:
        """The order for a format."""
        return self.formats.get(format_name, self.groups)


class GroupCost(BaseModel):
    """What was measured of a group. milliseconds: mean time of one document part. rejects: share of the parts that its gates
    reject, smoothed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    group: str
    milliseconds: float = Field(ge=0)
    rejects: float = Field(ge=0, le=1)


class LearnedOrder(BaseModel):
    """An order with what it was learned from: the content of the file.

    version: raised when an order changes, never when it is learned anew and stays the same. run: whose measurements. documents:
    how many. groups, formats: as in CascadeOrder.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = Field(ge=1)
    run: str
    documents: int = Field(ge=0)
    groups: tuple[GroupCost, ...]
    formats: dict[str, tuple[GroupCost, ...]] = {}

    def order(self) -> CascadeOrder:
        """The order alone, which is all that a cache key may see."""
        formats = {name: _names(costs) for name, costs in sorted(self.formats.items())}
        return CascadeOrder(version=self.version, groups=_names(self.groups), formats=formats)


def _names(costs: Iterable[GroupCost]) -> tuple[str, ...]:
    return tuple(cost.group for cost in costs)


def find_problem(groups: Sequence[str]) -> str | None:
    """Why an order cannot be used; None when it can."""
    if len(set(groups)) < len(groups):
        return "a group stands twice"
    if LAST in groups and groups[-1] != LAST:
        return f"{LAST} must be last"
    if LANGUAGE in groups:
        early = sorted(NEED_LANGUAGE.intersection(groups[: groups.index(LANGUAGE)]))
        if early:
            return f"{', '.join(early)} must come after {LANGUAGE}"
    return None


SHIPPED = CascadeOrder.model_validate_json((Path(__file__).parent / "order.json").read_bytes())


def load_learned() -> LearnedOrder | None:
    """What was learned below the data root; None when nothing was. Raises ValueError when the file is damaged."""
    try:
        return LearnedOrder.model_validate_json(read_bytes(ORDER_FILE))
    except FileNotFoundError:
        return None
    except ValidationError as error:
        raise _unusable(error) from error


def load_order() -> CascadeOrder:
    """The order that a run uses: the learned one, else the shipped one. Raises ValueError when the file is damaged.

    Groups that a newer doctune measures and the file does not know stand in front of the group that follows them in the shipped
    order; groups that are gone are left out.
    """
    learned = load_learned()
    if learned is None:
        return SHIPPED
    try:
        order = learned.order()
    except ValidationError as error:
        raise _unusable(error) from error
    formats = {name: complete(groups) for name, groups in order.formats.items()}
    return CascadeOrder(version=order.version, groups=complete(order.groups), formats=formats)


def _unusable(error: ValidationError) -> ValueError:
    return ValueError(f"{ORDER_FILE} is no order of the cascade: remove it, or run `doctune gates --learn`: {error}")


def save_order(learned: LearnedOrder) -> None:
    """Make this the order of the next runs below this data root."""
    learned.order()  # refuses an order that no run could use
    write_bytes(ORDER_FILE, (learned.model_dump_json(indent=2) + "\n").encode())


def complete(groups: Sequence[str], known: Sequence[str] = SHIPPED.groups) -> tuple[str, ...]:
    """The same order with exactly the groups of `known`: a missing one goes in front of the next group of the shipped order."""
    ordered = [group for group in groups if group in known]
    for position in range(len(known) - 1, -1, -1):
        if known[position] not in ordered:
            after = next((group for group in known[position + 1 :] if group in ordered), None)
            ordered.insert(ordered.index(after) if after else len(ordered), known[position])
    if LANGUAGE in ordered:
        needing = [ordered.index(group) for group in NEED_LANGUAGE if group in ordered]
        if needing and min(needing) < ordered.index(LANGUAGE):
            ordered.remove(LANGUAGE)
            ordered.insert(min(needing), LANGUAGE)
    return tuple(ordered)
