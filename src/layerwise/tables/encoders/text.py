"""Free text: how often its short runs of letters occur, reduced to a few numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from layerwise.engine.threads import single_threaded_blas
from layerwise.tables.encoders.number import Encoded, is_missing_name

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

_LENGTHS = (2, 4)  # letters in a run
_MOST_RUNS = 6000
_MOST_COMPONENTS = 24
_FITTED_ROWS = 20_000
_ROWS_AT_ONCE = 20_000


@dataclass(frozen=True, eq=False)
class TextEncoder:
    """A column of free text.

    Character n-grams, counted as 1 + ln(count) times how rare they are (tf-idf, Salton and
    Buckley 1988), and projected onto the directions along which the texts differ most (latent
    semantic analysis, Deerwester et al. 1990). Case is ignored.

    Attributes
    ----------
    column : str
    runs : tuple of str
        The n-grams, 2 to 4 letters within words.
    rarity : ndarray of float32, shape (n_runs,)
        ln((1 + n) / (1 + texts with it)) + 1.
    directions : ndarray of float32, shape (n_runs, n_components)
        Each divided by the spread of the texts along it.
    has_missing : bool

    Examples
    --------
    >>> texts = ["red wine", "white wine", "red beer", "dark beer", "", "red wine"]
    >>> encoder = TextEncoder.fit("drink", texts, seed=0)
    >>> encoder.inputs[0], encoder.has_missing
    ('drink, text 1', True)
    """

    column: str
    runs: tuple[str, ...]
    rarity: NDArray[np.float32]
    directions: NDArray[np.float32]
    has_missing: bool

    @classmethod
    def fit(cls, column: str, texts: Sequence[str], *, seed: int = 0) -> "TextEncoder":
        """Fit it to a column's texts, "" where one is missing."""
        from sklearn.decomposition import TruncatedSVD
        from sklearn.feature_extraction.text import TfidfTransformer

        has_missing = any(not text for text in texts)
        random = np.random.default_rng(seed)
        said = [text for text in texts if text]
        if len(said) > _FITTED_ROWS:
            said = [said[i] for i in np.sort(random.permutation(len(said))[:_FITTED_ROWS])]
        counts, found = _counted(said)
        if not found:  # nothing but blanks
            empty = np.zeros((0, 0), np.float32)
            return cls(column, (), empty.ravel(), empty, has_missing)
        frequent = np.sort(np.argsort(-counts.sum(axis=0).A1, kind="stable")[:_MOST_RUNS])
        weigher = TfidfTransformer(sublinear_tf=True)
        matrix = weigher.fit_transform(counts[:, frequent])
        n_components = min(_MOST_COMPONENTS, matrix.shape[1] - 1, matrix.shape[0] - 1)
        directions = np.zeros((matrix.shape[1], 0), np.float32)
        if n_components > 0:
            # Several threads take BLAS longer, and its sums may differ by their number.
            # An invalid value is of texts that are all the same.
            with single_threaded_blas(), np.errstate(invalid="ignore"):
                svd = TruncatedSVD(n_components, random_state=seed % 2**32).fit(matrix)
            projected = matrix @ svd.components_.T
            spread = projected.std(axis=0)
            keep = spread > 1e-6
            directions = (svd.components_[keep] / spread[keep, None]).T.astype(np.float32)
        runs = tuple(found[place] for place in frequent)
        rarity = np.asarray(weigher.idf_, np.float32)
        return cls(column, runs, rarity, directions, has_missing)

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the numbers it gives."""
        numbers = [f"{self.column}, text {i + 1}" for i in range(self.directions.shape[1])]
        missing = [is_missing_name(self.column)] if self.has_missing else []
        return (*numbers, f"{self.column}, length", *missing)

    def encode(self, texts: Sequence[str]) -> Encoded:
        """Encode a column of texts, "" where one is missing."""
        n_components = self.directions.shape[1]
        projected = np.zeros((len(texts), n_components), np.float32)
        if n_components:
            from sklearn.preprocessing import normalize

            for start in range(0, len(texts), _ROWS_AT_ONCE):
                matrix, _ = _counted(texts[start : start + _ROWS_AT_ONCE], self.runs)
                matrix.data = (1 + np.log(matrix.data)) * self.rarity[matrix.indices]
                matrix = normalize(matrix)
                projected[start : start + _ROWS_AT_ONCE] = matrix @ self.directions
        length = np.log1p([len(text) for text in texts]).astype(np.float32) - 3.0
        numbers = [*np.ascontiguousarray(projected.T), length]
        if self.has_missing:
            numbers.append(np.array([not text for text in texts], np.float32))
        return Encoded(numbers)

    def to_json(self) -> dict[str, object]:
        """Return it as plain data, without the arrays."""
        return {"column": self.column, "runs": self.runs, "has_missing": self.has_missing}

    @property
    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """The arrays that `to_json` leaves out."""
        return {"rarity": self.rarity, "directions": self.directions}

    @classmethod
    def from_json(
        cls, data: Mapping[str, Any], arrays: Mapping[str, NDArray[np.float32]]
    ) -> "TextEncoder":
        """Read what `to_json` and `arrays` gave."""
        runs = tuple(data["runs"])
        return cls(
            data["column"], runs, arrays["rarity"], arrays["directions"], data["has_missing"]
        )


def _counted(
    texts: Sequence[str], runs: Sequence[str] | None = None
) -> "tuple[csr_matrix, Sequence[str]]":
    """How often each run of letters is in each text, shape (n_texts, n_runs); and the runs.

    The runs of a word are counted once for all its places, and the words of a text for all rows:
    texts have most words in common, and columns some texts.
    """
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import CountVectorizer

    if not any(text.split() for text in texts):
        return csr_matrix((len(texts), len(runs or ())), dtype=np.float32), runs or ()
    words = CountVectorizer(analyzer=lambda text: text.lower().split(), dtype=np.float32)
    letters = CountVectorizer(
        analyzer="char_wb", lowercase=False, ngram_range=_LENGTHS, vocabulary=runs, dtype=np.float32
    )
    place = {text: i for i, text in enumerate(dict.fromkeys(texts))}
    in_texts = words.fit_transform(place)
    counts = in_texts @ letters.fit_transform(words.get_feature_names_out())
    counts.sort_indices()
    if len(place) < len(texts):
        counts = counts[[place[text] for text in texts]]
    return counts, runs or [str(run) for run in letters.get_feature_names_out()]
