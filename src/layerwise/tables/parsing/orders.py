"""Categories with an order: answers of a scale, degrees, numbered grades, in English and Korean."""

import re
from collections import Counter
from collections.abc import Iterable

from layerwise.tables.names import composed
from layerwise.tables.parsing.distinct import Amounts, Cells, Reading

# Steps from the lowest, with the spellings of each between semicolons.
_SCALES = [
    [step.strip().split(";") for step in scale.split("|")]
    for scale in (
        (
            "never;never or rarely;전혀;전혀 안 함;없다|"
            "almost never;hardly ever;거의 안;거의 안 함|rarely;seldom;드물게|"
            "once a year or less|less than once a month|"
            "a few times per year;a few times a year|once in a while;occasionally;가끔|"
            "sometimes;때때로|once a month;once a month or less|"
            "a few times per month;a few times a month|about half the time|once a week|"
            "a few times per week;a few times a week|often;frequently;자주|"
            "usually;most of the time;대체로|very often;almost always;거의 항상|"
            "every night;every day;daily;always;항상;매일"
        ),
        (
            "none;no;nothing;absent;없음|minimal;minor|mild;slight;light;경증;약함|"
            "moderate;중등증;중등도|severe;serious;중증;심함|very severe;critical;위중|"
            "extreme|fatal;사망"
        ),
        (
            "very low;매우 낮음;아주 낮음|low;낮음;하|"
            "medium;moderate;middle;mid;average;normal;보통;중|high;높음;상|"
            "very high;매우 높음;아주 높음|extreme"
        ),
        (
            "xxs|xs;very small;extra small|s;small;작음|m;medium;중간|l;large;big;큼|"
            "xl;very large;extra large|xxl"
        ),
        (
            "terrible;very bad;very poor;매우 나쁨|poor;bad;나쁨|below average|"
            "fair;so so;average;medium;ok;okay;보통;보통임|above average|good;better;좋음|"
            "very good;great;매우 좋음|excellent;outstanding;best"
        ),
        "much worse|worse|average;same;the same;about the same;unchanged|better|much better",
        "none|a little;a few|some|marked;most|all",
        "rare|medium rare|medium|medium well|well;well done",
        (
            "less than high school degree;less than high school;below college;중졸 이하;초졸|"
            "중졸|some high school|"
            "high school degree;high school;high school graduate;high school diploma;고졸|"
            "some college or associate degree;some college;associate's degree;associate degree;"
            "associates;associate's;associate;"
            "전문대졸;초대졸|"
            "college;college degree;bachelor degree;bachelor;bachelor's degree;bachelors;대졸;학사|"
            "some graduate school|"
            "graduate degree;master;master's degree;masters;대학원졸;석사|"
            "doctor;doctorate;phd;ph.d;doctoral degree;박사"
        ),
        "beginner;novice;초급;입문|intermediate;중급|advanced;고급|expert;전문가",
        "junior;사원|mid;middle;대리|senior;과장|lead;principal;차장|부장",
        ("bronze;브론즈|silver;실버|gold;골드|platinum;플래티넘|diamond;다이아몬드|master;마스터"),
        (
            "infant|child;toddler;유아|teen;teenager;adolescent;청소년|young adult;청년|"
            "adult;성인|middle aged;중년|senior;elderly;노년"
        ),
        (
            "first;1st class|second;2nd class|third;3rd class|fourth|fifth|sixth|seventh|"
            "eighth|ninth|tenth"
        ),
        "freshman|sophomore|junior|senior",
        (
            "jan;january|feb;february|mar;march|apr;april|may|jun;june|jul;july|aug;august|"
            "sep;sept;september|oct;october|nov;november|dec;december"
        ),
        (
            "mon;monday;월;월요일|tue;tues;tuesday;화;화요일|wed;wednesday;수;수요일|"
            "thu;thur;thurs;thursday;목;목요일|fri;friday;금;금요일|sat;saturday;토;토요일|"
            "sun;sunday;일;일요일"
        ),
        (
            "전혀 그렇지 않다;전혀 아니다;매우 그렇지 않다;전혀 동의하지 않음;전혀 동의하지 않는다|"
            "그렇지 않다;아니다;동의하지 않음;동의하지 않는다;별로 그렇지 않다|보통이다;보통|"
            "그렇다;동의함;동의한다;조금 그렇다;약간 그렇다|"
            "매우 그렇다;매우 동의함;매우 동의한다"
        ),
        ("매우 불만족;매우 불만|불만족;불만;약간 불만족|보통;보통이다|만족;약간 만족|매우 만족"),
        "매우 반대|반대;약간 반대|중립;보통|찬성;약간 찬성|매우 찬성",
    )
]
_GRADES = {
    grade: float(place)
    for place, grade in enumerate([
        "f-", "f", "f+", "d-", "d", "d+", "c/d", "c-", "c", "c+", "b/c", "b-", "b", "b+", "a/b",
        "a-", "a", "a+", "a++",
    ])
}  # fmt: skip
_DEGREES = (
    (3.0, "strongly|extremely|completely|totally|definitely|absolutely|entirely|a lot"),
    (2.5, "very|greatly|highly"),
    (1.8, "mostly|generally|quite|pretty"),
    (1.5, "somewhat|fairly|moderately|rather|some|partly|tend to|more or less"),
    (1.0, "slightly|a little|a bit|probably|mildly|lean"),
    (0.5, "not very|not too|not so|not particularly|not much|not that|only a little"),
    (0.0, "not at all|not|never"),
)
_NEGATIVE = re.compile(r"(un|dis|in)(?=\w{4,})|\b(?=bad|negative|oppose|worse|difficult|against)")
_OPPOSITES = {"bad": "good", "negative": "positive", "oppose": "support", "worse": "better",
              "difficult": "easy", "against": "for"}  # fmt: skip
_NEUTRAL = re.compile(r"neither .*|neutral|undecided|no difference|about the same")
_NO_ANSWER = re.compile(
    r"unfamiliar.*|n/?a|not applicable|i?\s?(?:do not|don't|dont) know|no (?:answer|opinion)|"
    r"prefer not.*|refused|not sure|unsure|other|missing|unknown|response|"
    r"모름|무응답|해당\s?없음|기타"
)
_NUMBERED = re.compile(
    r"(?P<before>q|quarter|grade|level|stage|class|tier|phase|year|week|day|month|round|wave|step|"
    r"rank|lv|step|stage|)[\s.:_-]*(?P<number>\d{1,2})\s*"
    r"(?P<after>st|nd|rd|th|학년|등급|단계|분기|차|급|년차|st class|)"
    r"(?P<more>\s*(?:grade|class|quarter|year|round|week|degree|place|period)?)"
)
_LEAST, _MOST = 3, 40  # steps
_MOST_OTHERS = 0.02  # of the cells


def _plain(text: str) -> str:
    if " " not in text:
        text = re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", " ", text)
    text = re.sub(r"[’`]", "'", composed(text.lower()).replace("_", " "))
    text = re.sub(r"^(?:yes|no)[,;:]\s*", "", re.sub(r"\s*\([^)]*\)", "", text))
    return " ".join(re.sub(r"[.!?]+$", "", text).split())


def find_order(cells: Cells) -> Reading | None:
    """The places of a column's categories in their order, None if they are of no known scale.

    At least three must have a place; nearly all others must say that there is no answer.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from layerwise.tables.parsing.distinct import find_cells
    >>> answers = ["Agree", "Strongly disagree", "Neutral", "Disagree", "Strongly agree", "N/A"]
    >>> find_order(find_cells(pa.array(answers))).amounts.words[:3]
    (('strongly disagree', 0.0), ('disagree', 1.0), ('neutral', 2.0))
    >>> find_order(find_cells(pa.array(["red", "green", "blue"])))
    """
    texts = list(dict.fromkeys(cells.texts.to_pylist()))
    if not _LEAST <= len(texts) <= _MOST:
        return None
    plain = {text.lower(): _plain(text) for text in texts}
    n_of = Counter[str]()
    for text, n, nothing in zip(
        cells.texts.to_pylist(), cells.counts.tolist(), cells.says_nothing.tolist(), strict=True
    ):
        one = _plain(text)
        n_of[one] += 0 if nothing or _NO_ANSWER.fullmatch(one) else n
    said = {one for one in n_of if one and not _NO_ANSWER.fullmatch(one)}
    for places in _candidates(said):
        n_others = sum(n for one, n in n_of.items() if one not in places)
        if len(set(places.values())) >= _LEAST and n_others <= _MOST_OTHERS * n_of.total():
            ranks = {place: float(i) for i, place in enumerate(sorted(set(places.values())))}
            words = [(text, ranks[places[one]]) for text, one in plain.items() if one in places]
            words.sort(key=lambda pair: pair[1])
            return Reading(amounts=Amounts("order", words=tuple(words)))
    return None


def _candidates(said: Iterable[str]) -> Iterable[dict[str, float]]:
    """Places that texts have on each scale where some have one."""
    for scale in _SCALES:
        of = {spelling.strip(): float(i) for i, step in enumerate(scale) for spelling in step}
        yield {text: of[text] for text in said if text in of}
    if any(text[-1] in "+-" for text in said):  # A to D alone may be any four
        yield {text: _GRADES[text] for text in said if text in _GRADES}
    matches = {text: match for text in said if (match := _NUMBERED.fullmatch(text))}
    forms = {(m["before"], m["more"]) for m in matches.values()}
    words = {m["before"] + m["after"] + m["more"].strip() for m in matches.values()}
    if len(forms) == 1 and "" not in words:
        yield {text: float(match["number"]) for text, match in matches.items()}
    degrees = {text: found for text in said if (found := _degree(text)) is not None}
    stems = Counter(stem for _, stem in degrees.values() if stem).most_common(1)
    if stems:
        degrees = {text: of for text, of in degrees.items() if of[1] in ("", stems[0][0])}
        are_bipolar = any(score < 0 for score, _ in degrees.values())
        yield {
            text: 0.0 if not stem else score
            for text, (score, stem) in degrees.items()
            if stem or are_bipolar or score == 0
        }


def _degree(text: str) -> tuple[float, str] | None:
    """How much of something a text says, and of what ("" for neither one nor the other)."""
    if _NEUTRAL.fullmatch(text):
        return 0.0, ""
    text = re.sub(r"^not (\w+) at all$", r"not at all \1", text)
    score, rest = 2.0, text
    for size, words in _DEGREES:
        if match := re.match(rf"(?:{words})\b\s*", text):
            score, rest = size, text[match.end() :]
            break
        if match := re.search(rf"\s+(?:{words})$", text):
            score, rest = size, text[: match.start()]
            break
    if not rest:
        return score, "much"
    if match := _NEGATIVE.match(rest):
        score, rest = -score, rest[match.end() :]
        rest = next((rest.replace(a, b) for a, b in _OPPOSITES.items() if rest.startswith(a)), rest)
    return score, rest.removesuffix("d") if rest.startswith("satisf") else rest
