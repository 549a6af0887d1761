"""Networks that choose columns while they train, in PyTorch: gates, and penalties on a path.

Stochastic gates (Yamada et al. 2020), LassoNet (Lemhadri et al. 2021) and group lasso on each
column's first weights. Each way is a function of numbers (n, n_columns), a target, whether that is
classes, and a seed, and says of each column whether to keep it. How strong the penalty is, a
quarter of the rows say: gates' has the least loss on these; the others, which make small what they
keep too, are the strongest within a standard error of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split

HELD_OUT, WIDTH, BATCH, RATE = 0.25, 64, 128, 3e-3
GATED_EPOCHS, STRENGTHS = 200, (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
# Of a path of penalties: how the network without one is trained, and each that goes on.
FIRST_EPOCHS, EPOCHS, SLOW, WEAKEST, TIMES = 60, 10, 0.01, 0.03, 1.5
MOST = 10.0  # LassoNet's M
Shrink = Callable[["Net", float], Any]


def by_gates(x: pd.DataFrame, y: Any, is_classes: bool, seed: int) -> Any:
    """Columns whose gate, drawn anew for each row while training, ends open."""
    import torch

    fits = []
    for strength in STRENGTHS:
        net = Net(x, y, is_classes, seed)
        net.places = torch.zeros(x.shape[1], requires_grad=True)
        net.weights.append(net.places)
        net.train(GATED_EPOCHS, torch.optim.Adam(net.weights, RATE), strength=strength)
        fits.append((net.losses(), (net.places > -0.5).numpy()))
    return min(fits, key=lambda fit: fit[0].mean())[1]


def by_path(shrink: Shrink) -> Callable[..., Any]:
    """A network trained without a penalty, then by ever stronger ones until no column is left."""

    def choose(x: pd.DataFrame, y: Any, is_classes: bool, seed: int) -> Any:
        import torch

        net = Net(x, y, is_classes, seed, has_line=shrink is hierarchical)
        net.train(FIRST_EPOCHS, torch.optim.Adam(net.weights, RATE))
        strength, fits = WEAKEST, [(net.losses(), np.ones(x.shape[1], bool))]
        while fits[-1][1].any():
            slow = torch.optim.SGD(net.weights, SLOW, momentum=0.9)
            kept = net.train(EPOCHS, slow, after=lambda s=SLOW * strength: shrink(net, s))
            fits.append((net.losses(), kept.numpy()))
            strength *= TIMES
        return sparsest(fits)

    return choose


def sparsest(fits: Sequence[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """Of rows' losses and columns kept, by rising strength: the last within a standard error."""
    means = [losses.mean() for losses, _ in fits]
    best = fits[int(np.argmin(means))][0]
    limit = best.mean() + best.std() / np.sqrt(len(best))
    return next(
        kept for (_, kept), mean in zip(fits[::-1], means[::-1], strict=True) if mean <= limit
    )


def group_lasso(net: Net, strength: float) -> Any:
    """A proximal step on each column's first weights; which are not all 0."""
    first = net.weights[0].data
    sizes = first.norm(dim=0)
    first *= (1 - strength / sizes.clamp(min=1e-12)).clamp(min=0)
    return sizes > strength


def hierarchical(net: Net, strength: float) -> Any:
    """Lemhadri et al. 2021, algorithm 2: first weights are at most M times their linear ones."""
    import torch

    first, line = net.weights[0].data, net.line.data
    size, ordered = line.norm(dim=0), first.abs().sort(dim=0, descending=True).values
    none = torch.zeros(1, first.shape[1])
    sums = torch.cat([none, ordered.cumsum(0)])
    count = torch.arange(len(sums))[:, None]
    ends = MOST / (1 + count * MOST**2) * (size + MOST * sums - strength).clamp(min=0)
    end = ends.gather(0, (torch.cat([ordered, none]) > ends).sum(0)[None])[0]
    line *= end / MOST / size.clamp(min=1e-12)
    first.copy_(first.sign() * torch.minimum(first.abs(), end))
    return end > 0


class Net:
    """A network of two hidden layers in PyTorch, with gates or linear parts; rows are held out."""

    def __init__(
        self, x: pd.DataFrame, y: Any, is_classes: bool, seed: int, has_line: bool = False
    ) -> None:
        import torch

        torch.manual_seed(seed)
        values, y = x.to_numpy(float), np.asarray(y)
        values = (values - values.mean(axis=0)) / np.maximum(values.std(axis=0), 1e-9)
        target = np.unique(y, return_inverse=True)[1] if is_classes else (y - y.mean()) / y.std()
        by = target if is_classes else None
        places = train_test_split(
            np.arange(len(y)), test_size=HELD_OUT, random_state=seed, stratify=by
        )
        kind = torch.int64 if is_classes else torch.float32
        inputs, wanted = torch.tensor(values, dtype=torch.float32), torch.tensor(target, dtype=kind)
        self.rows, self.held_out = ((inputs[part], wanted[part]) for part in places)
        n_outputs = int(target.max()) + 1 if is_classes else 1
        pairs = pairwise([x.shape[1], WIDTH, WIDTH, n_outputs])
        first, second, last = (torch.nn.Linear(*pair) for pair in pairs)
        self.layers = torch.nn.Sequential(first, torch.nn.SiLU(), second, torch.nn.SiLU(), last)
        self.line = torch.zeros(n_outputs, x.shape[1], requires_grad=True)
        self.weights = [*self.layers.parameters(), *([self.line] if has_line else [])]
        self.places: Any = None
        self.is_classes = is_classes

    def _losses(self, x: Any, y: Any, noise: Any = 0.0) -> Any:
        import torch

        if self.places is not None:
            x = x * (self.places + 0.5 + noise).clamp(0, 1)
        z = self.layers(x) + x @ self.line.T
        if self.is_classes:
            return torch.nn.functional.cross_entropy(z, y, reduction="none")
        return (z[:, 0] - y) ** 2

    def losses(self) -> np.ndarray:
        """Of each row that is held out."""
        import torch

        with torch.no_grad():
            return np.asarray(self._losses(*self.held_out))

    def train(
        self, epochs: int, optimizer: Any, *, strength: float = 0.0, after: Any = lambda: None
    ) -> Any:
        """Train; what `after`, called after each step, gave last. strength: of gates' penalty."""
        import torch

        x, y = self.rows
        for _ in range(epochs):
            for part in torch.randperm(len(x)).split(BATCH):
                optimizer.zero_grad()
                loss = self._losses(
                    x[part], y[part], 0.5 * torch.randn(len(part), x.shape[1])
                ).mean()
                if self.places is not None:  # the mean chance of a gate to be open
                    loss = loss + strength * torch.special.ndtr((self.places + 0.5) / 0.5).mean()
                loss.backward()
                optimizer.step()
                with torch.no_grad():
                    result = after()
        return result
