"""The settings of one search, checked."""

from __future__ import annotations

from dataclasses import dataclass

from causal_core.errors import BadSettingError
from causal_core.language import t


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the analyst may turn; see `discovery.discover`."""

    alpha: float
    max_depth: int | None
    bootstrap: int
    seed: int

    def __post_init__(self) -> None:
        if not 0.0 < self.alpha < 1.0:
            raise BadSettingError(
                setting="alpha", value=self.alpha, allowed=t("a number between 0 and 1")
            )
        if self.max_depth is not None and self.max_depth < 0:
            raise BadSettingError(
                setting="max_depth", value=self.max_depth, allowed=t("a whole number from 0 on")
            )
        if self.bootstrap < 0:
            raise BadSettingError(
                setting="bootstrap", value=self.bootstrap, allowed=t("a whole number from 0 on")
            )
