"""The order in which groups of signals are measured: versioned, so that a run stays the same until it is learned anew."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from tasks.storage.root import read_bytes

LEARNED = "quality/order.json"  # below the data root


class CascadeOrder(BaseModel):
    """groups: the order for formats that have none of their own. formats: canonical name -> its order."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int
    groups: tuple[str, ...]
    formats: dict[str, tuple[str, ...]] = {}

    def groups_for(self, format_name: str) -> tuple[str, ...]:
        """The order for a format."""
        return self.formats.get(format_name, self.groups)


SHIPPED = CascadeOrder.model_validate_json((Path(__file__).parent / "order.json").read_bytes())


def load_order() -> CascadeOrder:
    """The order that `doctune gates --learn` left below the data root, else the shipped one. Raises ValueError for a damaged
    file."""
    try:
        return CascadeOrder.model_validate_json(read_bytes(LEARNED))
    except FileNotFoundError:
        return SHIPPED
    except ValidationError as error:
        raise ValueError(f"{LEARNED} is no order of the cascade; remove it or run `doctune gates --learn`: {error}") from error
