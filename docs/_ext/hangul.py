"""How Korean words are cut up, for a search that finds them with any particle on."""

__all__ = ["ENDINGS", "SPLIT_QUERY", "hangul_terms"]

# Particles and endings that a searched word may carry.
ENDINGS = (
    "입니다|합니다|됩니다|습니다|에서는|에서|에게|부터|까지|처럼|보다|으로|이란"
    "|란|로|은|는|이|가|을|를|의|에|와|과|도|만"
)
# What is asked for loses its ending, and its pairs of syllables are all to be found.
SPLIT_QUERY = """
var splitQuery = (query) =>
  query
    .split(/[^\\p{Letter}\\p{Number}_\\p{Emoji_Presentation}]+/gu)
    .flatMap((term) => term.match(/[가-힣]+|[^가-힣]+/g) || [])
    .flatMap((term) => {
      if (!/[가-힣]/.test(term)) return [term];
      const bare = term.replace(/(?<=..)(ENDINGS)$/, "");
      if (bare.length < 2) return [bare];
      return Array.from({ length: bare.length - 1 }, (_, i) => bare.slice(i, i + 2));
    });
""".replace("ENDINGS", ENDINGS)


def hangul_terms(word: str) -> list[str]:
    """What a Korean word is found by: each syllable, and each two that follow each other.

    Words carry particles and are written together as people like, 손실 in 손실을 and 손실함수.

    Examples
    --------
    >>> hangul_terms("손실을")
    ['손', '실', '을', '손실', '실을']
    """
    return [*word, *(word[i : i + 2] for i in range(len(word) - 1))]
