"""What a user can choose about personal data and secrets."""

import importlib.util
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from tasks.privacy.finding import KINDS, Kind

Action = Literal["off", "flag", "mask", "drop"]
REGIONS = ("US", "GB", "DE", "FR", "IT", "ES", "NL", "AT", "BE", "BR", "CH", "IN", "JP", "PL", "SE")
_ACTIONS = "Off: not looked for. Flag: counted. Mask: replaced by a placeholder. Drop: the document is left out."


class PrivacySettings(BaseModel):
    """What happens to personal data and secrets in the texts that are kept."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Privacy")

    email: Action = Field("flag", description=f"E-mail addresses. {_ACTIONS}")
    phone: Action = Field("flag", description=f"Telephone numbers. {_ACTIONS}")
    iban: Action = Field("flag", description=f"Bank accounts (IBAN, check digits verified). {_ACTIONS}")
    card: Action = Field("flag", description=f"Payment cards (issuer and check digit verified). {_ACTIONS}")
    national_id: Action = Field("flag", description=f"National identity, tax and insurance numbers of 27 countries. {_ACTIONS}")
    ip: Action = Field("flag", description=f"IP addresses. {_ACTIONS}")
    secret: Action = Field("mask", description=f"Passwords, keys and tokens. {_ACTIONS}")
    drop_from: int = Field(1, ge=1, description="A document part is left out from this many findings of the kinds to drop.")
    numbered: bool = Field(
        False, description="Number the placeholders ([EMAIL_1], [EMAIL_2]), the same value always alike within a document part."
    )
    local_addresses: bool = Field(
        False, description="Count IP addresses too that say nothing about anybody: private, loopback, link-local, multicast."
    )
    phone_regions: tuple[str, ...] = Field(
        REGIONS,
        description="Countries (ISO 3166, two letters) whose telephone numbers are found without a country code. Those with one "
        "are found from everywhere. Each country costs time.",
    )
    engine: Literal["builtin", "presidio"] = Field(
        "builtin",
        description="What looks for personal data. presidio needs the extra of that name; secrets are always found by our own.",
    )
    timeout_seconds: float = Field(120.0, gt=0, le=3600, description="Time limit for one document part, in seconds.")

    @field_validator("engine")
    @classmethod
    def _installed(cls, engine: str) -> str:
        if engine == "presidio" and importlib.util.find_spec("presidio_analyzer") is None:
            raise ValueError("presidio is not installed; install the extra: pip install -e '.[presidio]', or choose builtin")
        return engine

    @field_validator("phone_regions")
    @classmethod
    def _known_regions(cls, regions: tuple[str, ...]) -> tuple[str, ...]:
        from phonenumbers import SUPPORTED_REGIONS

        unknown = sorted(set(regions) - SUPPORTED_REGIONS)
        if unknown:
            raise ValueError(f"no telephone numbers are known for {', '.join(unknown)}; write countries as in US, GB, DE")
        return regions

    def action(self, kind: Kind) -> Action:
        """What happens to findings of a kind."""
        action: Action = getattr(self, kind)
        return action

    def kinds(self, *actions: Action) -> frozenset[Kind]:
        """The kinds to which one of these actions applies."""
        return frozenset(kind for kind in KINDS if self.action(kind) in actions)
