"""Text in the encodings that tables come in, compressed or not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layerwise.tables.errors import TableError
from tests.tables.reading.files import PACKED, columns, read_bytes

_KOREAN = 'id,구분,메모\n1,아파트,"방, 셋"\n2,단독주택,"그가 ""네""라고"\n3,연립,"두\n줄"\n'
_KOREAN_COLUMNS = {
    "id": [1, 2, 3],
    "구분": ["아파트", "단독주택", "연립"],
    "메모": ["방, 셋", '그가 "네"라고', "두\n줄"],
}
_GERMAN = "id,Straße,Preis\n1,Grüner Weg,5 €\n2,Ährenstraße,7 €\n3,ÄÖÜ,8 €\n"


@pytest.mark.parametrize("packing", PACKED)
@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16-le"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("cp949", "cp949"),
        ("euc_kr", "cp949"),
    ],
)
def test_korean(tmp_path, encoding, found, packing):
    content = PACKED[packing](_KOREAN.encode(encoding))
    read = read_bytes(tmp_path, content, f"집값.csv{packing}")
    assert columns(read) == _KOREAN_COLUMNS
    assert read.encoding == found
    assert read.n_bytes == len(content)


def test_a_rare_korean_syllable(tmp_path):
    read = read_bytes(tmp_path, "이름,값\n똠방각하,1\n펲시,2\n".encode("cp949"))
    assert columns(read)["이름"] == ["똠방각하", "펲시"]


def test_utf_16_with_its_mark_big_endian(tmp_path):
    read = read_bytes(tmp_path, b"\xfe\xff" + _KOREAN.encode("utf-16-be"))
    assert columns(read) == _KOREAN_COLUMNS


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_german(tmp_path, encoding):
    read = read_bytes(tmp_path, _GERMAN.encode(encoding))
    assert columns(read)["Straße"] == ["Grüner Weg", "Ährenstraße", "ÄÖÜ"]
    assert columns(read)["Preis"] == ["5 €", "7 €", "8 €"]


@pytest.mark.parametrize("word", ["café", "ÄÖÜ", "GRÖSSE", "naïve", "créée", "Ångström"])
def test_a_single_accented_word_is_not_korean(tmp_path, word):
    read = read_bytes(tmp_path, f"a,b\n{word},1\n".encode("latin-1"))
    assert columns(read)["a"] == [word]


def test_accented_letters_side_by_side_are_not_korean(tmp_path):
    assert read_bytes(tmp_path, "a,b\nàéîõü,1\n".encode("latin-1")).encoding != "cp949"


def test_bytes_that_are_text_in_none_are_latin_1(tmp_path):
    read = read_bytes(tmp_path, "a,b\nx\x81\x8dy\xbdz\x90\x8f\xa4y,1\n".encode("latin-1"))
    assert (read.encoding, read.n_rows) == ("latin-1", 1)


_WORDS = {
    "mac_roman": ["Skarsgård", "Malmö", "café", "Québec", "naïve", "Zoë", "señor", "“it’s”"],
    "cp1252": ["Skarsgård", "Malmö", "café", "Québec", "œuvre", "Straße", "it’s", "5 €", "João"],
    "cp1250": ["Łódź", "Wałęsa", "Dvořák", "Győr", "Żółć", "Čapek", "Erdős", "Děčín", "Brăila"],
    "cp1254": ["İstanbul", "Beşiktaş", "Çağlar", "Işık", "Muğla", "Şişli", "Gümüşhane"],
    "cp1251": ["Москва", "Санкт-Петербург", "Казань", "Уфа", "Иванов", "цена"],
    "koi8_r": ["Москва", "Санкт-Петербург", "Казань", "Уфа", "Иванов", "цена"],
    "cp874": ["กาญจนบุรี", "กรุงเทพมหานคร", "เชียงใหม่", "ราคา", "ชื่อ", "จังหวัด"],
    "cp932": ["東京", "大阪", "北海道", "ラーメン", "さくら", "田中", "価格"],
    "gb18030": ["北京", "上海", "广州", "价格", "张伟", "苹果", "成都"],
    "cp949": ["서울", "가격", "김철수", "아파트", "대전광역시", "똠방각하"],
    "big5": ["台北", "高雄", "價格", "陳美玲", "臺灣"],
    "euc_jp": ["東京", "大阪", "北海道", "ラーメン", "さくら", "価格"],
}


@pytest.mark.parametrize("encoding", ["utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be"])
def test_marks_of_byte_order(tmp_path, encoding):
    read = read_bytes(tmp_path, "\ufeffname,n\n가,1\né,2\n".encode(encoding))
    assert (columns(read), read.encoding) == ({"name": ["가", "é"], "n": [1, 2]}, encoding)


@pytest.mark.parametrize("encoding", _WORDS)
@pytest.mark.parametrize("n", [1, 3, 100])
def test_real_words_in_the_encodings_of_their_regions(tmp_path, encoding, n):
    """Of as few as one word, the first one."""
    words = _WORDS[encoding][:n] if n < 100 else [*_WORDS[encoding] * 20]
    text = "id,name,value\n" + "".join(f"{i},{word},{7 * i}\n" for i, word in enumerate(words))
    read = read_bytes(tmp_path, text.encode(encoding))
    assert (columns(read)["name"], read.encoding) == (words, encoding)


@pytest.mark.parametrize("end", ["\r", "\r\n", "\n"])
def test_lines_of_any_end_are_read_for_their_words(tmp_path, end):
    text = end.join(["id,name", *(f"{i},DublLock® Binder™ {i}" for i in range(500)), ""])
    read = read_bytes(tmp_path, text.encode("mac_roman"))
    assert (columns(read)["name"][0], read.encoding) == ("DublLock® Binder™ 0", "mac_roman")


def test_controls_of_a_wrong_pass_are_what_they_stood_for(tmp_path):
    text = "name,n\nit’s,1\n“so”,2\nSkarsgård,3\n".encode("cp1252").decode("latin-1")
    assert "\x92" in text
    assert columns(read_bytes(tmp_path, text))["name"] == ["it’s", "“so”", "Skarsgård"]
    damaged = text.encode() + "가나다,1\n".encode() * 20 + b"\xea\xb0,2\n"
    read = read_bytes(tmp_path, damaged)
    assert columns(read)["name"][:2] == ["it’s", "“so”"]
    assert [one.line for one in read.problems] == [25]


@pytest.mark.parametrize("n", [30_000, pytest.param(300_000, marks=pytest.mark.slow)])
def test_the_first_accent_far_down(tmp_path, n):
    text = "a,b\n" + "x,1\n" * n + "é,2\n"
    assert columns(read_bytes(tmp_path, text.encode("cp1252")))["a"][-1] == "é"


def test_a_damaged_character_is_a_line_not_read(tmp_path):
    content = ("a,b\n" + "가나다,1\n" * 20).encode() + b"\xea\xb0,2\n" + b"x,3\n"
    read = read_bytes(tmp_path, content)
    assert read.encoding == "utf-8"
    assert columns(read)["b"] == [1] * 20 + [3]
    assert [problem.line for problem in read.problems] == [22]
    assert "no text in UTF-8" in read.problems[0].why


def test_an_encoding_that_is_said(tmp_path):
    read = read_bytes(tmp_path, "a,b\nж,1\n".encode("cp1251"), encoding="windows-1251")
    assert (read.encoding, columns(read)["a"]) == ("cp1251", ["ж"])


def test_an_encoding_that_there_is_not(tmp_path):
    with pytest.raises(TableError, match='there is no encoding "utf-9"; common ones are'):
        read_bytes(tmp_path, "a,b\n1,2\n", encoding="utf-9")


def test_an_encoding_that_is_wrong(tmp_path):
    with pytest.raises(TableError, match="is not in the encoding cp949"):
        read_bytes(tmp_path, "a,b\ncafé,1\n".encode("latin-1"), encoding="cp949")


# Letters that every one of these encodings has, so that the same text can be in any of them.
_TEXTS = st.text(st.sampled_from("가나다힘한글abc ,;\t|\"\n\r'"), max_size=12)


@settings(max_examples=25)
@given(
    st.lists(_TEXTS, min_size=1, max_size=8),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp949", "euc_kr"]),
    st.sampled_from(sorted(PACKED)),
    st.sampled_from([",", ";", "\t", "|"]),
)
def test_any_korean_text_comes_back(tmp_path_factory, texts, encoding, packing, delimiter):
    cells = ["한글" + text for text in texts]
    quoted = ['"' + cell.replace('"', '""') + '"' for cell in cells]
    text = f"이름{delimiter}n\n" + "".join(f"{cell}{delimiter}1\n" for cell in quoted)
    content = PACKED[packing](text.encode(encoding))
    folder = tmp_path_factory.mktemp("korean", numbered=True)
    read = read_bytes(folder, content, f"a.csv{packing}")
    assert columns(read)["이름"] == cells
