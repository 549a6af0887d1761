"""Korean particles, which have one form behind a consonant and another behind a vowel."""

import re
import unicodedata

# A particle as the catalogue has it, both forms.
_PAIR = re.compile("(이라는/라는|이라고/라고|으로/로|이며/며|이고/고|을/를|이/가|은/는|과/와)")
# The sound at the end of a digit's name, and of those letters' whose name ends in a consonant.
_DIGITS = dict(zip("0123456789", ("ㅇ", "ㄹ", "", "ㅁ", "", "", "ㄱ", "ㄹ", "ㄹ", ""), strict=True))
_LETTERS = {"l": "ㄹ", "m": "ㅁ", "n": "ㄴ", "r": "ㄹ"}
_SIGNS = {"%": "", "°": "", "€": "", "$": "", "£": "", "¥": "ㄴ", "₩": "ㄴ", "²": "ㅂ", "³": "ㅂ"}
# Of units behind a number: 그램, 톤, 분, 시간; metres, litres and seconds end in a vowel.
_UNITS = dict.fromkeys(("g", "kg", "mg"), "ㅁ") | dict.fromkeys(("t", "min", "h"), "ㄴ")
_UNITS |= dict.fromkeys(("m", "cm", "mm", "km", "l", "L", "ml", "mL", "s", "ms"), "")
_UNITS |= {unit + power: "" for unit in ("m", "cm", "mm", "km") for power in "²³"}  # 제곱미터
# Of a word in Latin letters, as most are read: label, time, dropout; a letter e at its end is mute.
_OF_WORDS = (("le?$", "ㄹ"), ("(?:[mn]e?|ng)$", "ㄴ"), ("(?:[aeiou][bcpt]|[aeiou]c?k)$", "ㄱ"))


def with_particles(before: str, text: str) -> str:
    """Join a text, in which particles stand with both forms, to what stands before it.

    Examples
    --------
    >>> [with_particles(name, "을/를") for name in ("나이", "소득", "label", "h1_2", "“서울”")]
    ['나이를', '소득을', 'label을', 'h1_2를', '“서울”을']
    >>> [with_particles(name, "으로/로") for name in ("서울", "5 kg", "東京", "키(cm)")]
    ['서울로', '5 kg으로', '東京(으)로', '키(cm)로']
    """
    for part in _PAIR.split(text):
        before += _chosen(before, part) if _PAIR.fullmatch(part) else part
    return before


def _chosen(before: str, pair: str) -> str:
    """One form of a particle, or both where it is not known how the text before it is read."""
    with_consonant, with_vowel = pair.split("/")
    sound = _last_sound(before)
    if sound is None:
        if with_consonant.endswith(with_vowel):
            return f"({with_consonant.removesuffix(with_vowel)}){with_vowel}"
        return f"{with_consonant}({with_vowel})"
    if not sound or (sound == "ㄹ" and with_consonant == "으로"):
        return with_vowel
    return with_consonant


def _last_sound(text: str) -> str | None:
    """The consonant a text ends in as it is read, roughly; "" for a vowel, None: not known."""
    # What stands in brackets beside a word is not read: 높이(cm), relu (adam); but f(x) is, whole.
    text = re.sub(r"(?<=[가-힣 ])\([^()]*\)$", "", unicodedata.normalize("NFC", text))
    # Brackets, quotes, points and spaces are not read.
    read = re.sub(r"(?:[^\w%°€$£¥₩]|_)+$", "", text)
    if not read:
        return None
    unit = re.search(r"(?<=\d)\s?([A-Za-z]+[²³]?)$", read)
    if unit and unit[1] in _UNITS:
        return _UNITS[unit[1]]
    last = read[-1]
    if "가" <= last <= "힣":
        place = (ord(last) - ord("가")) % 28
        return "" if place == 0 else "ㄹ" if place == 8 else "ㄱ"
    if last in _DIGITS:
        return _DIGITS[last]
    if last in _SIGNS:
        return _SIGNS[last]
    word = re.search("[A-Za-z]+$", read)
    if word is None:
        return None
    return _sound_of_word(word[0])


def _sound_of_word(word: str) -> str:
    """The same of Latin letters, which are read one by one where they can be no word."""
    small = word.lower()
    if len(word) == 1 or (word.isupper() and (len(word) < 4 or not re.search("[aeiou]", small))):
        return _LETTERS.get(small[-1], "")
    return next((sound for ending, sound in _OF_WORDS if re.search(ending, small)), "")
