"""Text that is not in Unicode: which of the encodings of one script or region makes words of it.

Almost any bytes are text in several of them. Each reads the lines that have bytes beyond ASCII, and
is scored by what it makes of these bytes: letters that its languages use often, each where it may
stand in a word, are worth most.
"""

from collections.abc import Iterable, Iterator
from itertools import chain

_SAMPLE = 1 << 15  # bytes of lines that are not all ASCII
_LONGEST_LINE = 1 << 12


def _weights(*letters: str) -> dict[str, float]:
    """Weights of letters, given in groups of 1, 0.8, 0.5 and 0.25; of capitals a little less."""
    found: dict[str, float] = {}
    for weight, group in zip((1.0, 0.8, 0.5, 0.25), letters, strict=False):
        for letter in group:
            found.setdefault(letter, weight)
            if len(letter.upper()) == 1:
                found.setdefault(letter.upper(), 0.8 * weight)
    return found


_MARKS = "’“”–—…€£°•"
_WESTERN = _weights("éöäüñçóáí", "èàêåøãæâôßúœ", "ëïîûõùı" + _MARKS, "òìšž«»§®™½²³ºªðþýÿ¿¡‘„‚")
_CENTRAL = _weights("łéáíóčšž", "ąężśćńřěőöüä", "ůýűúşţăâîđź" + _MARKS, "ňďťôëçß§‘„‚")
_TURKISH = _weights("ışğ", "üöçİ", "âîû" + _MARKS, "éáíñäßåøèàê")
_CYRILLIC = _weights("оеаинтсрвлкм", "дпуяыьгзбчй", "хжшюцщэфёіїє№" + _MARKS, "ъґў«»„‘")
_KOREAN = _weights(
    "이다는의에가을고로하기지사시도한리은대자아어서인일나그수제정를해부소전보있주여과들것동안장구상"
    "스마원비오만미라성세경요트신조유공위면우내문방개국학거적무연선었단통으식분계중회모진심남북호서울",
    "값격산강명민영현차반물형달당양업질입출번품년월광천충평파트철김박최똠각집날종류총합평균순",
)
_CHINESE = _weights(
    "的一是不了在人有我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可"
    "她里后小么心多天而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三"
    "名价格市北京海广州深圳张王李刘陈省区东南西月产品城都成",
    "伟娜苹果杭武汉重庆天津江苏浙山河湖安福四川云贵门类别型号数量收入性男女业编单位期总计平均备注",
)
_TRADITIONAL = _weights(
    "的一是不了在人有我他這中大來上國個到說們為子和你地出道也時年得就那要下以生會自著去之過家學對可"
    "她裡後小麼心多天而能好都然沒日於起還發成事只作當想看文無開手十用主行方又如前所本見經頭面公同三"
    "名價格市台臺北高雄新竹陳林黃張李王省區東南西月產品灣",
    "桃園縣港類別型號數量美玲業編單位期總計平均備註花蓮基隆嘉義",
)
_JAPANESE = _weights(
    "のにはたをがでてとしれさあるいなもかられりこくすまよっきんどうつえおけそちへほめやわせねみむラーンスル"
    "トリイアクドシレジタフロマカグテバメキコサセナニネハパビプポミムモヤユヨワ日本人大年一国東京市中"
    "名価格県区",
    "時出上生会地事者社月分合学長見気田山川島北海道阪都府町村高田中木佐藤鈴野金額番号商品数量株式店",
)
_THAI = _weights(
    "านรอกเงมยลวดทสตะปบคหแจพชขใไโผซถธณภศ",
    "ั่้ิีืุูำ็์ึๆฯฉฝฟญฐษฎฏฒฌฮ",
)
# In this order where two make the same of a text.
_ENCODINGS = {
    "cp1252": _WESTERN,
    "cp949": _KOREAN,
    "mac_roman": _WESTERN,
    "cp1250": _CENTRAL,
    "cp1254": _TURKISH,
    "cp1251": _CYRILLIC,
    "koi8_r": _CYRILLIC,
    "cp874": _THAI,
    "cp932": _JAPANESE,
    "gb18030": _CHINESE,
    "big5": _TRADITIONAL,
    "euc_jp": _JAPANESE,
}
# Of two bytes a letter: where the first one of common letters lies, and the least second one.
_COMMON = {
    "cp949": (0xB0, 0xC8, 0xA1),
    "cp932": (0x88, 0x97, 0x40),
    "gb18030": (0xB0, 0xD7, 0xA1),
    "big5": (0xA4, 0xC6, 0x40),
    "euc_jp": (0xB0, 0xCF, 0xA1),
}
_UNKNOWN_LETTER, _COMMON_SYLLABLE, _RARE_SYLLABLE, _UNKNOWN_SIGN = -0.2, 0.3, -0.3, -0.6
_PRIOR = {"cp1252": 0.1}
_OPENING, _CLOSING = "“‘„‚«¿¡–—", "’”»…®™²³°ªº–—"
_MISPLACED = 2.0  # for a capital within a word, a sign between letters, two scripts in a word


def ranked_encodings(blocks: Iterable[bytes]) -> list[str]:
    """The encodings that can be those of a text, the likeliest first; "latin-1" can always be.

    Parameters
    ----------
    blocks : iterable of bytes
        The text, which is not all ASCII and not in Unicode.

    Examples
    --------
    >>> for text, encoding in (("Skarsgård", "mac_roman"), ("Łódź", "cp1250"), ("Уфа", "koi8_r")):
    ...     print(ranked_encodings([text.encode(encoding)])[0])
    mac_roman
    cp1250
    koi8_r
    """
    sample = b"\n".join(_sample(blocks))
    scores = {}
    for encoding, weights in _ENCODINGS.items():
        try:
            text = sample.decode(encoding)
        except UnicodeDecodeError:
            continue
        scores[encoding] = _score(text, weights, encoding) + _PRIOR.get(encoding, 0.0)
    likely = [encoding for encoding, score in scores.items() if score > 0]
    return [*sorted(likely, key=lambda encoding: -scores[encoding]), "cp1252", "latin-1"]


def _sample(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Lines that hold bytes beyond ASCII, each once, from the whole text."""
    seen: set[bytes] = set()
    n_bytes = 0
    rest = b""
    for block in chain(blocks, [b"\n"]):
        *lines, rest = (rest + block).replace(b"\r", b"\n").split(b"\n")
        for line in lines:
            if line.isascii() or len(line) > _LONGEST_LINE or line in seen:
                continue
            seen.add(line)
            n_bytes += len(line)
            yield line
            if n_bytes > _SAMPLE:
                return


def _score(text: str, weights: dict[str, float], encoding: str) -> float:
    """What a byte beyond ASCII is worth on average."""
    total, n = 0.0, 0
    is_in_asia = encoding in _COMMON
    for before, letter, after in zip(f" {text}", text, f"{text[1:]} ", strict=False):
        if letter.isascii():
            continue
        n_bytes = 2 if is_in_asia and not "｡" <= letter <= "ﾟ" else 1
        n += n_bytes
        total += n_bytes * (
            _asian_worth(letter, before, after, weights, encoding)
            if is_in_asia
            else _worth(letter, before, after, weights)
        )
    return total / n if n else 0.0


def _asian_worth(
    letter: str, before: str, after: str, weights: dict[str, float], encoding: str
) -> float:
    if letter in weights:
        return weights[letter]
    worth = _UNKNOWN_SIGN
    if letter.isalpha() and not "｡" <= letter <= "ﾟ":
        least, most, least_second = _COMMON[encoding]
        first, second, *_ = letter.encode(encoding) + b"\0"
        is_common = least <= first <= most and second >= least_second
        worth = _COMMON_SYLLABLE if is_common else _RARE_SYLLABLE
    beside_latin = any(one.isascii() and one.islower() for one in (before, after))
    return worth - 1.0 * beside_latin


def _worth(letter: str, before: str, after: str, weights: dict[str, float]) -> float:
    if "\x80" <= letter <= "\x9f":
        return -_MISPLACED
    worth = weights.get(letter, _UNKNOWN_LETTER if letter.isalpha() else _UNKNOWN_SIGN)
    if _is_thai(letter):  # many of whose vowels are no letters, but marks
        beside = [one for one in (before, after) if one.isalpha() or _is_thai(one)]
        return worth - (0.0 if beside and all(map(_is_thai, beside)) else _MISPLACED)
    if not letter.isalpha():
        if letter == "’" and before.isalpha() and after.isalpha():
            return 1.2
        is_misplaced = (before.isalpha() and letter not in _CLOSING) or (
            after.isalpha() and letter not in _OPENING
        )
        return worth - (_MISPLACED if is_misplaced else 0.0)
    is_misplaced = letter.isupper() and before.islower()
    if "Ѐ" <= letter <= "ӿ":
        beside = [one for one in (before, after) if one.isalpha()]
        is_misplaced |= not beside or any(map(str.isascii, beside))
    elif before.isalpha():
        # Seldom do two such letters stand side by side, or ø behind a vowel.
        worth -= 0.3 * (not before.isascii()) + 0.3 * (letter == "ø" and before in "aeiou")
    elif letter.islower() and letter != "é":
        worth -= 0.3
    return worth - (_MISPLACED if is_misplaced else 0.0)


def _is_thai(letter: str) -> bool:
    return "\u0e00" <= letter <= "\u0e5b"
