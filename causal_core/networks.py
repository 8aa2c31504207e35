"""Neural outcome models in torch. Takes features, arms and outcomes, gives weights as numpy arrays.

The folds of a cross-fit are members of one stack: their weights lie behind each other in one
array and train in the same batched matrix products, 2 to 5 times faster than in turn.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from causal_core.errors import TrainingError
from causal_core.language import listing, t
from causal_core.progress import Progress, silent

if TYPE_CHECKING:
    import torch

    Weights = dict[str, torch.Tensor]

Array = np.ndarray

_ROWS_AT_ONCE = 65_536
_SMALL_BATCH, _LARGE_BATCH = 64, 1_024
_STEPS_AN_EPOCH = 12
_WARM_UP = 0.15
_MANY = 10_000  # units for which the next values were chosen
_EPOCHS, _FEWEST_EPOCHS = 40, 8
_DECAY = 2.0
_WIDTHS = ((2_000, 16), (20_000, 32), (math.inf, 64))


@dataclass(frozen=True, kw_only=True)
class NetworkSettings:
    """How a stack of networks is built and trained; None lets the number of units decide.

    The weight decay that this gives falls with the number of units, as a prior's weight does.
    """

    hidden: int | None = None
    head: int | None = None
    learning_rate: float = 5e-3
    weight_decay: float | None = None
    batch: int | None = None
    max_epochs: int | None = None
    patience: int = 8
    device: str = "cpu"


@dataclass(frozen=True, kw_only=True, eq=False)
class TrainingData:
    """What a stack of networks learns from.

    Shapes: features ``(n, d)``; arm ``(n,)`` with codes from 0; outcomes ``(n, n_outcomes)``,
    `binary` tells which of them are 0/1. `training` and `validation` hold for each member the
    positions of its rows. The names are for error messages.
    """

    features: Array
    arm: Array
    outcomes: Array
    binary: tuple[bool, ...]
    training: tuple[Array, ...]
    validation: tuple[Array, ...]
    feature_names: tuple[str, ...]
    outcome_names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Trained:
    """The weights of each member's best epoch, and the mean losses of all epochs."""

    weights: Mapping[str, Array]
    train_loss: tuple[float, ...]
    validation_loss: tuple[float, ...]


def train(
    data: TrainingData,
    settings: NetworkSettings | None = None,
    *,
    seed: int,
    progress: Progress = silent,
) -> Trained:
    """Train one network per member, all in the same batches, and keep each one's best epoch.

    A shared trunk of two layers, per arm a head of one layer, and a linear skip from the features
    to every output; Bernoulli outputs for binary outcomes, Gaussian ones for the others. Each
    outcome's loss is divided by that of its mean, so that a rare outcome counts as much as a
    frequent one. The losses are in these units: 1 is as good as knowing nothing.

    Raises
    ------
    TrainingError
        If a loss is not finite; it names the epoch and the column with the most extreme value.
    CancelledError
        If `progress`, which is called after every epoch, raises it.

    Notes
    -----
    The same data, settings and seed give the same weights on one machine: one thread, one
    generator.
    """
    with _one_thread():
        return _Stack(data, settings or NetworkSettings(), seed).train(progress)


def predict(weights: Mapping[str, Array], features: Array, *, member: int) -> Array:
    """Return one member's expected outcomes, ``(n, n_arms, n_outcomes)`` as float64.

    Shape
    -----
    features ``(n, d)``; the weights are those of `Trained`, on the outcomes' own scales.
    """
    import torch

    with _one_thread(), torch.no_grad():
        n_members = len(weights["trunk1"])
        own = {
            name: torch.as_tensor(_slice(values, n_members, member))
            for name, values in weights.items()
            if not name.startswith("outcome_")
        }
        parts = [
            _forward(own, torch.as_tensor(rows, dtype=torch.float32)[None])[0]
            for rows in _chunks(features)
        ]
        raw = torch.cat(parts).double().numpy()
    mean, scale = weights["outcome_mean"][member], weights["outcome_scale"][member]
    chance = 1 / (1 + np.exp(-np.clip(raw, -40, 40)))
    return np.asarray(np.where(weights["outcome_binary"], chance, raw * scale + mean))


def _slice(values: Array, n_members: int, member: int) -> Array:
    each = len(values) // n_members
    return values[member * each : (member + 1) * each]


def _chunks(features: Array) -> Iterator[Array]:
    for start in range(0, max(len(features), 1), _ROWS_AT_ONCE):
        yield features[start : start + _ROWS_AT_ONCE]


@contextmanager
def _one_thread() -> Iterator[None]:
    """Let torch use one thread: two on a busy machine wait for each other."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _forward(weights: Weights, x: torch.Tensor) -> torch.Tensor:
    """Return raw outputs: ``(members, rows, d)`` → ``(members, rows, arms, outcomes)``."""
    import torch
    from torch.nn.functional import silu

    members, rows, _ = x.shape
    hidden = weights["trunk1"].shape[2]
    _, width, n_outcomes = weights["out"].shape
    arms = weights["out"].shape[0] // members
    first = torch.bmm(x, torch.cat([weights["trunk1"], weights["skip"]], dim=2))
    trunk = silu(first[..., :hidden] + weights["trunk1_bias"])
    trunk = silu(torch.baddbmm(weights["trunk2_bias"], trunk, weights["trunk2"]))
    heads = silu(torch.baddbmm(weights["heads_bias"], trunk, weights["heads"]))
    heads = heads.view(members, rows, arms, width).transpose(1, 2)
    heads = heads.reshape(members * arms, rows, width)
    out = torch.baddbmm(weights["out_bias"], heads, weights["out"])
    out = out.view(members, arms, rows, n_outcomes).transpose(1, 2)
    return out + first[..., hidden:].reshape(members, rows, arms, n_outcomes)


class _Stack:
    """The members of one training run: their data, weights and losses."""

    def __init__(self, data: TrainingData, settings: NetworkSettings, seed: int) -> None:
        import torch

        self.data, self.settings = data, settings
        self.members = len(data.training)
        self.arms = int(data.arm.max()) + 1
        self.generator = torch.Generator().manual_seed(seed)
        self.device = torch.device(settings.device)
        self._scale_outcomes()
        self.x = self._tensor(data.features)
        self.arm = torch.as_tensor(data.arm, dtype=torch.int64, device=self.device)
        rng, longest = np.random.default_rng(seed), max(map(len, data.training))
        self.training = torch.as_tensor(
            np.stack([_padded(rows, longest, rng) for rows in data.training])
        )
        held_out = max(map(len, data.validation))
        self.validation = torch.as_tensor(
            np.stack([_padded(rows, held_out, rng) for rows in data.validation])
        )
        wanted = 2 ** round(math.log2(max(longest / _STEPS_AN_EPOCH, 1)))
        self.batch = min(settings.batch or min(max(wanted, _SMALL_BATCH), _LARGE_BATCH), longest)
        self.steps = max(1, longest // self.batch)
        self.weights = self._initial_weights()

    def _tensor(self, values: Array) -> torch.Tensor:
        import torch

        return torch.as_tensor(np.ascontiguousarray(values), dtype=torch.float32).to(self.device)

    def _scale_outcomes(self) -> None:
        """Standardise what is not binary; weigh each outcome by the loss of a constant.

        Each member knows the means of its own training units only. Float32 could not tell a
        large outcome from its neighbour, so that all are first brought near 0 by a common
        shift and unit, which cancel.
        """
        data, binary = self.data, np.array(self.data.binary)
        shift, unit = _middle_and_spread(data.outcomes)
        shift, unit = np.where(binary, 0.0, shift), np.where(binary, 1.0, unit)
        with np.errstate(over="ignore", invalid="ignore"):  # `_check` tells of what is infinite
            self.near = (data.outcomes - shift) / unit
            means = np.stack([self.near[rows].mean(axis=0) for rows in data.training])
            spreads = np.stack([self.near[rows].std(axis=0) for rows in data.training])
        base = np.clip(np.where(binary, means, 0.5), 1e-4, 1 - 1e-4)
        entropy = -(base * np.log(base) + (1 - base) * np.log1p(-base))
        means = np.where(binary, 0.0, means)
        spreads = np.where(binary | (spreads <= 0), 1.0, spreads)
        self.mean, self.scale = means * unit + shift, spreads * unit
        self.y = self._tensor(self.near)
        self.binary = self._tensor(binary)
        self.own_mean = self._tensor(means)[:, None]
        self.own_scale = self._tensor(spreads)[:, None]
        self.loss_weight = self._tensor(1 / np.where(binary, entropy, 0.5))[:, None]
        self.first_output = np.where(binary, np.log(base / (1 - base)), 0.0)

    def _initial_weights(self) -> Weights:
        """Return uniform weights of fan-in scale; skips start at 0, outputs at the base rates."""
        import torch

        data, settings, members = self.data, self.settings, self.members
        d, outcomes = data.features.shape[1], len(data.binary)
        hidden, head = _capacity(settings, self.training.shape[1])

        def draw(*shape: int, fan_in: int) -> torch.Tensor:
            unit = torch.rand(*shape, generator=self.generator) * 2 - 1
            return (unit / math.sqrt(max(fan_in, 1))).to(self.device)

        wide = self.arms * head
        weights = {
            "trunk1": draw(members, d, hidden, fan_in=d),
            "trunk1_bias": draw(members, 1, hidden, fan_in=d),
            "trunk2": draw(members, hidden, hidden, fan_in=hidden),
            "trunk2_bias": draw(members, 1, hidden, fan_in=hidden),
            "heads": draw(members, hidden, wide, fan_in=hidden),
            "heads_bias": draw(members, 1, wide, fan_in=hidden),
            "out": draw(members * self.arms, head, outcomes, fan_in=head),
            "out_bias": self._tensor(np.repeat(self.first_output, self.arms, axis=0)[:, None]),
            "skip": torch.zeros(members, d, self.arms * outcomes, device=self.device),
        }
        return {name: values.requires_grad_() for name, values in weights.items()}

    def _losses(self, rows: torch.Tensor) -> torch.Tensor:
        """Return each member's mean loss on its rows: ``(members, m)`` → ``(members,)``."""
        import torch
        from torch.nn.functional import binary_cross_entropy_with_logits as log_loss

        flat, shape = rows.reshape(-1), rows.shape
        x = self.x.index_select(0, flat).view(*shape, -1)
        y = self.y.index_select(0, flat).view(*shape, -1)
        y = (y - self.own_mean) / self.own_scale
        arm = self.arm.index_select(0, flat).view(*shape, 1, 1)
        every = _forward(self.weights, x)
        taken = every.gather(2, arm.expand(-1, -1, 1, y.shape[-1])).squeeze(2)
        bernoulli = log_loss(taken, y.clamp(0, 1), reduction="none")
        each = torch.where(self.binary > 0, bernoulli, 0.5 * (taken - y) ** 2)
        return (each * self.loss_weight).mean(dim=(1, 2))

    def train(self, progress: Progress) -> Trained:
        """Run the epochs; a member that has not improved for a while keeps what it had."""
        import torch

        epochs = self.settings.max_epochs or _epochs(self.training.shape[1])
        self._prepare(epochs * self.steps)
        best = {name: values.detach().clone() for name, values in self.weights.items()}
        best_loss = torch.full((self.members,), math.inf, device=self.device)
        history: list[tuple[float, float]] = []
        waited = torch.zeros(self.members, device=self.device)
        for epoch in range(epochs):
            trained = self._epoch()
            with torch.no_grad():
                held_out = self._losses(self.validation)
            history.append((trained, float(held_out.mean())))
            self._check(epoch, *history[-1])
            better = (held_out < best_loss) & (waited < self.settings.patience)
            best_loss = torch.where(better, held_out, best_loss)
            self._keep(best, better)
            waited = torch.where(better, 0, waited + 1)
            loss = history[-1][1]
            words = t("Training: epoch {epoch}, loss {loss:.4f}", epoch=epoch + 1, loss=loss)
            progress((epoch + 1) / epochs, words)
            if bool((waited >= self.settings.patience).all()):
                break
        weights = {name: values.cpu().numpy() for name, values in best.items()}
        weights |= {
            "outcome_mean": self.mean,
            "outcome_scale": self.scale,
            "outcome_binary": np.array(self.data.binary),
        }
        return Trained(
            weights=weights,
            train_loss=tuple(pair[0] for pair in history),
            validation_loss=tuple(pair[1] for pair in history),
        )

    def _prepare(self, steps: int) -> None:
        """Set up the optimiser: weight decay on matrices, one warm-up and one cool-down."""
        from torch import optim

        matrices = [w for name, w in self.weights.items() if not name.endswith("_bias")]
        biases = [w for name, w in self.weights.items() if name.endswith("_bias")]
        rate, decay = self.settings.learning_rate, self.settings.weight_decay
        if decay is None:
            decay = _DECAY * min(1.0, _MANY / self.training.shape[1])
        groups = [
            {"params": matrices, "weight_decay": decay},
            {"params": biases, "weight_decay": 0.0},
        ]
        self.optimiser = optim.AdamW(groups, lr=rate, fused=True)
        self.schedule = optim.lr_scheduler.OneCycleLR(
            self.optimiser, rate, total_steps=steps + 1, pct_start=_WARM_UP
        )

    def _epoch(self) -> float:
        """Show every member all of its training units once; return the mean loss."""
        import torch

        order = torch.stack(
            [
                torch.randperm(self.training.shape[1], generator=self.generator)
                for _ in range(self.members)
            ]
        )
        total = 0.0
        for step in range(self.steps):
            rows = self.training.gather(1, order[:, step * self.batch : (step + 1) * self.batch])
            losses = self._losses(rows.to(self.device))
            self.optimiser.zero_grad(set_to_none=True)
            losses.sum().backward()
            self.optimiser.step()
            self.schedule.step()
            total += float(losses.detach().mean())
        return total / self.steps

    def _keep(self, best: Weights, better: torch.Tensor) -> None:
        import torch

        for name, values in self.weights.items():
            each = values.shape[0] // self.members
            mask = better.repeat_interleave(each).view(-1, 1, 1)
            best[name] = torch.where(mask, values.detach(), best[name])

    def _check(self, epoch: int, trained: float, held_out: float) -> None:
        if math.isfinite(trained) and math.isfinite(held_out):
            return
        names = (*self.data.feature_names, *self.data.outcome_names)
        sizes = np.abs(np.hstack([self.data.features, self.near])).max(axis=0)
        extreme = names[int(np.argmax(sizes))]
        reason = t(
            "the loss became infinite in epoch {epoch}; the most extreme values are in “{column}”.",
            epoch=epoch + 1,
            column=extreme,
        )
        raise TrainingError(reason=reason, columns=listing([extreme]))


def _padded(rows: Array, length: int, rng: np.random.Generator) -> Array:
    """Return `rows` brought to `length` by drawing some of them again."""
    missing = length - len(rows)
    return np.concatenate([rows, rng.choice(rows, size=missing)]) if missing else rows


def _middle_and_spread(outcomes: Array) -> tuple[Array, Array]:
    """Return median and interquartile range of each column; 1 where that is nil."""
    low, middle, high = np.quantile(outcomes, [0.25, 0.5, 0.75], axis=0)
    return middle, np.where(high > low, high - low, 1.0)


def _capacity(settings: NetworkSettings, units: int) -> tuple[int, int]:
    """Return the widths of trunk and heads: a network for 500 units has no room for noise."""
    hidden = next(width for most, width in _WIDTHS if units <= most)
    return settings.hidden or hidden, settings.head or hidden // 2


def _epochs(units: int) -> int:
    """Return how often all units are seen at most: the more there are, the more steps in each."""
    return max(_FEWEST_EPOCHS, round(_EPOCHS * min(1.0, math.sqrt(_MANY / units))))
