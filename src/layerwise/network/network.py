"""A network: an architecture with its numbers."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from layerwise.architecture import Architecture, Loss, matching_loss
from layerwise.arrays import Array
from layerwise.engine import reference
from layerwise.engine.engines import get_engine
from layerwise.engine.layout import edges_of, layout_of
from layerwise.engine.protocol import Predictor
from layerwise.network.initialize import initial_state, initial_vector
from layerwise.network.inputs import (
    as_numbers,
    check_codes,
    check_numbers,
    check_rows,
    check_targets,
    check_weights,
    is_sparse,
)

# Sparse rows made dense at a time, for a prediction.
_SPARSE_ROWS = 256


class Views(Sequence[Array]):
    """Blocks of a network's vector, by layer: read them, write into them, or set them whole.

    Examples
    --------
    >>> net = Network(Architecture([2, 3, 1]), seed=0)
    >>> net.biases[0] = [1, 2, 3]
    >>> net.biases[0]
    array([1., 2., 3.], dtype=float32)
    """

    def __init__(self, blocks: Sequence[Array], what: str) -> None:
        self._blocks = tuple(blocks)
        self._what = what

    def __len__(self) -> int:
        return len(self._blocks)

    def __getitem__(self, index: Any) -> Any:
        return self._blocks[index]

    def __setitem__(self, index: Any, value: ArrayLike) -> None:
        if isinstance(index, slice):
            raise TypeError(f"set {self._what} one layer at a time: {self._what}[0] = ...")
        block, given = self._blocks[index], as_numbers(value, self._what)
        if given.shape != block.shape:
            raise ValueError(
                f"{self._what}[{index}] has the shape {block.shape}; got {given.shape}"
            )
        block[...] = given

    def __iter__(self) -> Iterator[Array]:
        return iter(self._blocks)

    def __repr__(self) -> str:
        shapes = ", ".join(str(block.shape) for block in self._blocks[:8])
        more = ", ..." if len(self) > 8 else ""
        return f"<{self._what} of {len(self)} layers: {shapes}{more}>"


class Network:
    """An architecture with its numbers, all learned ones in one vector.

    Parameters
    ----------
    architecture : Architecture or str
        What the network is; a string is read by `Architecture.parse`.
    seed : int, Generator or None
        What the first numbers are drawn with.
    dtype : {"float32", "float64"}
        Precision of all numbers.

    Attributes
    ----------
    architecture : Architecture
    vector : ndarray, shape (n_parameters,)
        Every learned number. `weights`, `biases` and `parameters` are views of it.
    state : ndarray
        What is not learned by gradients: batch normalisation's running means and variances, the
        edges of the inputs' pieces.
    edges : sequence of ndarray
        Where the pieces of each numeric input begin and end (n pieces have n + 1 edges, in rising
        order; an input without pieces has none). To be set before training:
        ``net.edges[0] = [-1, 0, 2]``.

    Examples
    --------
    >>> net = Network("3-4-4-1", seed=0)
    >>> [w.shape for w in net.weights], [b.shape for b in net.biases]
    ([(3, 4), (4, 4), (4, 1)], [(4,), (4,), (1,)])
    >>> net([[0.5, -1.0, 2.0]]).shape
    (1, 1)
    """

    def __init__(
        self,
        architecture: Architecture | str,
        *,
        seed: int | np.random.Generator | None = None,
        dtype: DTypeLike = "float32",
    ) -> None:
        if isinstance(architecture, str):
            architecture = Architecture.parse(architecture)
        if not isinstance(architecture, Architecture):
            raise TypeError(
                "a network is made from an Architecture or a text like '3-4-4-1'; got "
                f"{type(architecture).__name__}"
            )
        precision = np.dtype(dtype)
        if precision not in (np.float32, np.float64):
            raise ValueError(f"dtype must be float32 or float64; got {precision}")
        random = np.random.default_rng(seed)
        self._adopt(
            architecture,
            initial_vector(architecture, random, precision),
            initial_state(architecture, precision),
        )

    def _adopt(self, architecture: Architecture, vector: Array, state: Array) -> None:
        self.architecture = architecture
        self.vector = vector
        self.state = state
        layout = layout_of(architecture)
        self.parameters: dict[str, Array] = {
            block.name: vector[block.start : block.stop].reshape(block.shape)
            for block in layout.blocks
        }
        self.weights = self._views("weights")
        self.biases = self._views("biases")
        self.edges = Views(edges_of(architecture, state), "edges")
        self._predictors: dict[bool, Predictor] = {}

    def _views(self, kind: str) -> Views:
        blocks = [block for block in layout_of(self.architecture).blocks if block.kind == kind]
        return Views([self.parameters[block.name] for block in blocks], kind)

    @classmethod
    def of(cls, architecture: Architecture, vector: ArrayLike, state: ArrayLike = ()) -> "Network":
        """Make a network of numbers that are there already; they are copied.

        Raises
        ------
        ValueError
            If their count is not the architecture's.
        """
        net = cls.__new__(cls)
        given = as_numbers(vector, "vector")
        numbers = np.array(given, None if given.dtype in (np.float32, np.float64) else np.float32)
        layout = layout_of(architecture)
        running = np.array(as_numbers(state, "state"), numbers.dtype)
        if numbers.shape != (layout.size,) or running.shape != (layout.state_size,):
            raise ValueError(
                f"{architecture!r} has {layout.size} parameters and {layout.state_size} "
                f"numbers of state; got {numbers.shape} and {running.shape}"
            )
        net._adopt(architecture, numbers, running)
        return net

    @property
    def dtype(self) -> np.dtype[Any]:
        """Precision of all numbers."""
        return self.vector.dtype

    @property
    def n_parameters(self) -> int:
        """Number of learned numbers."""
        return self.vector.size

    def own_numbers(self) -> None:
        """Copy the numbers if they stand in memory that must not be written to, as a mapped file's.

        Training does so before it begins.
        """
        if not (self.vector.flags.writeable and self.state.flags.writeable):
            self._adopt(self.architecture, self.vector.copy(), self.state.copy())

    def copy(self) -> "Network":
        """Return a network of the same numbers, in a vector of its own."""
        return Network.of(self.architecture, self.vector, self.state)

    def __call__(
        self, x: ArrayLike, codes: ArrayLike | None = None, *, n_threads: int | None = None
    ) -> Array:
        """Return the outputs: probabilities, rates or values, as the architecture's output says.

        Parameters
        ----------
        x : array-like or SciPy sparse, shape (n, n_inputs) or (n_inputs,)
        codes : array-like of int, shape (n, n_codes) or (n_codes,)
            Needed where the architecture has embeddings.
        n_threads : int or None
            How many threads to use; None: as many as help and are free.

        Returns
        -------
        ndarray, shape (n, n_outputs), or (n_outputs,) for a single row given without its axis
        """
        return self._predict(x, codes, False, n_threads)

    def scores(
        self, x: ArrayLike, codes: ArrayLike | None = None, *, n_threads: int | None = None
    ) -> Array:
        """Return the last layer's values before the output function (logits, for classes)."""
        return self._predict(x, codes, True, n_threads)

    def _predict(
        self, x: ArrayLike, codes: ArrayLike | None, scores: bool, n_threads: int | None
    ) -> Array:
        predictor = self._predictors.get(scores)
        if predictor is None:
            predictor = get_engine().predictor(self.architecture, self.dtype, scores)
            self._predictors[scores] = predictor
        # An array's class is told faster than what it has or is like: of one row that counts.
        if type(x) is not np.ndarray and is_sparse(x):
            return self._predict_sparse(predictor, x, codes, n_threads)
        numbers = check_numbers(x, self.architecture, self.vector.dtype)
        integers = check_codes(codes, self.architecture, numbers.shape[0])
        result = predictor.outputs(self.vector, self.state, numbers, integers, n_threads)
        n_axes = x.ndim if type(x) is np.ndarray else np.ndim(x)
        return result[0] if n_axes == 1 else result

    def _predict_sparse(
        self, predictor: Predictor, x: Any, codes: ArrayLike | None, n_threads: int | None
    ) -> Array:
        """The outputs for sparse rows, some of which at a time are made dense."""
        rows = check_rows(x, self.architecture, self.dtype)
        integers = check_codes(codes, self.architecture, rows.shape[0])
        outputs = np.empty((rows.shape[0], self.architecture.n_outputs), self.dtype)
        for start in range(0, len(outputs), _SPARSE_ROWS):
            part = slice(start, start + _SPARSE_ROWS)
            dense = rows[part].toarray()
            outputs[part] = predictor.outputs(
                self.vector, self.state, dense, integers[part], n_threads, np.arange(len(dense))
            )
        return outputs

    def forward(
        self, x: ArrayLike, codes: ArrayLike | None = None, *, training: bool = False
    ) -> reference.Trace:
        """Run rows through the network and keep every pre-activation and activation.

        Parameters
        ----------
        x, codes : array-like
            As for a call.
        training : bool
            Whether batch normalisation takes the statistics of these rows. Nothing is dropped
            out, and the network is left as it is.

        Returns
        -------
        layerwise.engine.reference.Trace
        """
        numbers = check_numbers(x, self.architecture, self.dtype)
        integers = check_codes(codes, self.architecture, len(numbers))
        return reference.forward(
            self.architecture, self.vector, self.state.copy(), numbers, integers, training=training
        )

    def backward(
        self,
        trace: reference.Trace,
        y: ArrayLike,
        loss: str | Loss | None = None,
        *,
        sample_weight: ArrayLike | None = None,
    ) -> reference.Gradients:
        """Take the loss back through what `forward` returned: every gradient.

        Parameters
        ----------
        trace : Trace
            What `forward` returned for the rows.
        y : array-like
            Their targets: class numbers for softmax, else one value for each output.
        loss : str, Loss or None
            None: the loss that goes with the architecture's output.
        sample_weight : array-like, shape (n,), or None

        Returns
        -------
        layerwise.engine.reference.Gradients

        Examples
        --------
        >>> net = Network("2-3-1", seed=0, dtype="float64")
        >>> trace = net.forward([[1.0, 2.0]])
        >>> gradients = net.backward(trace, [0.5])
        >>> [g.shape for g in gradients.weights]
        [(2, 3), (3, 1)]
        """
        entry = matching_loss(loss, self.architecture.output)
        targets = check_targets(y, self.architecture, entry, len(trace.x), self.dtype)
        weight = check_weights(sample_weight, len(trace.x), self.dtype)
        value, grad_scores = reference.loss_and_gradient_of_scores(
            entry, trace.scores, targets, weight
        )
        return reference.backward(self.architecture, self.vector, trace, value, grad_scores)

    def loss(
        self,
        x: ArrayLike,
        y: ArrayLike,
        loss: str | Loss | None = None,
        *,
        codes: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> float:
        """Return the mean loss of rows, weighted."""
        entry = matching_loss(loss, self.architecture.output)
        scores = np.atleast_2d(self.scores(x, codes))
        targets = check_targets(y, self.architecture, entry, len(scores), self.dtype)
        weight = check_weights(sample_weight, len(scores), self.dtype)
        return reference.loss_of_scores(entry, scores, targets, weight)

    def __str__(self) -> str:
        return str(self.architecture)

    def __repr__(self) -> str:
        return f"Network({self.architecture!r}, dtype={str(self.dtype)!r})"

    def __getstate__(self) -> dict[str, Any]:
        return {"architecture": self.architecture, "vector": self.vector, "state": self.state}

    def __setstate__(self, state: dict[str, Any]) -> None:
        numbers = (np.require(state[name], requirements=("C", "A")) for name in ("vector", "state"))
        self._adopt(state["architecture"], *numbers)
