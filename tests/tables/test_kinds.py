"""The kind decided for each column, its reason, what is given by a person, and what is refused."""

import datetime as dt
import uuid

import numpy as np
import pyarrow as pa
import pytest

from layerwise.tables.columns import Column, moments_in
from layerwise.tables.errors import TableError
from layerwise.tables.kinds import describe_columns
from layerwise.tables.parsing import Reading, cells_of_file

N = 60
RNG = np.random.default_rng(0)
WORDS = ["the", "a", "red", "blue", "house", "garden", "small", "large", "sells", "old", "near"]


def sentences(n, words=8):
    return [" ".join(RNG.choice(WORDS, words)) + f" {i}" for i in range(n)]


def describe(values, name="x", **given):
    """The column described, beside another one that is a plain number."""
    column = values if isinstance(values, pa.Array | pa.ChunkedArray) else pa.array(values)
    other = pa.array(np.random.default_rng(1).normal(size=len(column)))
    table = pa.table({name: column, "other": other})
    return describe_columns(table, **given)[0]


KINDS = {
    "integers": ([int(i) for i in RNG.integers(0, 9, N)], "number"),
    "fractions": (RNG.normal(size=N), "number"),
    "few whole values": ([1, 2, 3] * 20, "number"),
    "decimals": (pa.array(range(5, 65), pa.decimal128(8, 2)), "number"),
    "a year for each row": (range(1960, 2020), "number"),
    "0 and 1": ([0, 1, 1] * 20, "boolean"),
    "0.0, 1.0 and nothing": ([0.0, 1.0, None] * 20, "boolean"),
    "1 and 2": ([1, 2, 2] * 20, "category"),
    "truth values": ([True, False, None] * 20, "boolean"),
    "yes and no": (["Yes", "no", None] * 20, "boolean"),
    "0 and 1 as text": (["0", "1", "1"] * 20, "boolean"),
    "two words": (["M", "F", "F"] * 20, "category"),
    "numbers as text": ([f"{i * 37 % 101 + 1000:,}" for i in range(N)], "number"),
    "plain numbers as text": ([str(i * 37 % 101) for i in range(N)], "number"),
    "numbers with units": ([f"{i * 37 % 101} kg" for i in range(N)], "number"),
    "dates": ([dt.date(2024, 1, 1) + dt.timedelta(7 * i) for i in range(N)], "date"),
    "moments": (pa.array([dt.datetime(2024, 1, 1), None, dt.datetime(2024, 2, 1)]), "date"),
    "dates as text": ([f"2024-03-{i % 28 + 1:02}" for i in range(N)], "date"),
    "Korean dates": ([f"2024년 3월 {i % 28 + 1}일" for i in range(N)], "date"),
    "times of day": ([dt.time(i % 24) for i in range(N)], "number"),
    "durations": (pa.array([i * 37 % 101 for i in range(N)], pa.duration("s")), "number"),
    "few categories": (["a", "b", "c"] * 20, "category"),
    "Korean categories": (["서울", "부산", "대구"] * 20, "category"),
    "variants of genes": ([f"rs{100_000 + i * 7919}" for i in range(N)], "identifier"),
    "variants from several sources": (
        [f"rs{100_000 + i * 7919}" for i in range(57)] + ["AFFX-SNP_1", "AFFX-SNP_2", "AFFX-SNP_3"],
        "identifier",
    ),
    "short rupees that differ": ([f"rs{2000 + 31 * i}" for i in range(N)], "number"),
    "long rupees that repeat": ([f"rs{1_000_000 + i % 7 * 50}" for i in range(N)], "number"),
    "rupees": ([f"rs{i % 7 * 50 + 100}" for i in range(N)], "number"),
    "rupees that differ": ([f"Rs. {i * 50}" for i in range(N)], "number"),
    "errors of a spreadsheet": (["#NULL!" if i % 3 else f"{i}.5" for i in range(N)], "number"),
    "places": ([f"POINT (-73.{i:02} 40.{i * 7 % 60:02})" for i in range(N)], "number"),
    "numbers without their point": ([f"{i * 37 - 900:04}" for i in range(N)], "number"),
    "one number below zero": ([*(f"{i * 37 + 5:03}" for i in range(N - 1)), "-120"], "number"),
    "codes, some of them missing": ((["007", "012", "900", "-9", "-99"] * 12), "category"),
    "codes, missing for reasons": ((["007", "012", "-97", "-998", "-77"] * 12), "category"),
    "codes that repeat": ([f"00{i % 7}" for i in range(N)], "category"),
    "long categories that repeat": (
        ["a rather long name of a category", "b", "c"] * 20,
        "category",
    ),
    "many categories": ([f"w{i % 40}" for i in range(N)], "category"),
    "sentences": (sentences(N), "text"),
    "names of persons": ([f"Anna Berg{i}" for i in range(N)], "text"),
    "addresses of pages": ([f"https://example.org/products/{i}.html" for i in range(N)], "text"),
    "codes, all different": ([f"C-{i:05}" for i in range(N)], "identifier"),
    "postal codes, all different": ([f"0{i:04}" for i in range(N)], "identifier"),
    "random keys": ([str(uuid.UUID(int=i)) for i in range(N)], "identifier"),
    "a few texts, all different": (["red", "blue", "green"], "category"),
    "rows counted from 0": (range(N), "identifier"),
    "rows counted from 1, as text": ([str(i + 1) for i in range(N)], "identifier"),
    "nothing": ([None] * N, "empty"),
    "nothing, of a type": (pa.array([None] * N, pa.float64()), "empty"),
    "NaN": ([float("nan")] * N, "empty"),
    "blanks": (["", "  ", None] * 20, "category"),
    "one blank": ([""] * N, "constant"),
    "one number": ([3] * N, "constant"),
    "one text": (["a"] * N, "constant"),
    "one text and nothing": (["a", None] * 30, "category"),
    "one number and nothing": ([3.0, None] * 30, "category"),
    "one truth value and nothing": ([True, None] * 30, "category"),
    "infinite": ([float("inf"), 1.0, 2.0] * 20, "number"),
    "large whole numbers": ([2**60 + i % 3 for i in range(N)], "number"),
    "categories made of numbers": (pa.array([1, 2, 3] * 20).dictionary_encode(), "category"),
    "text as a dictionary": (pa.array(["1,5", "2,5", "3,25"] * 20).dictionary_encode(), "number"),
}


@pytest.mark.parametrize("what", KINDS)
def test_kinds(what):
    values, kind = KINDS[what]
    column = describe(values)
    assert column.kind == kind
    assert column.reason
    assert Column.from_json(column.to_json()) == column


def test_counts_of_missing_and_distinct_cells():
    column = describe(["1,5", "2,5", "n/a", None, "", "2,5", "7"] + ["3"] * 53)
    assert (column.kind, column.n_missing, column.n_distinct) == ("number", 3, 4)
    column = describe([1.0, None, float("nan"), 2.0, 5.0])
    assert (column.n_missing, column.n_distinct) == (2, 3)
    cells = ["a", None, "", "b", "a "]
    column = describe(cells)
    assert (column.kind, column.n_missing, column.n_distinct) == ("category", 1, 4)
    column = describe(cells_of_file(pa.array(cells)))
    assert (column.kind, column.n_missing, column.n_distinct) == ("category", 2, 2)


def test_stray_cells_are_named_in_the_reason():
    column = describe([str(i) for i in range(5, 305)] + ["see note", "abc", "-"])
    assert column.kind == "number"
    assert (
        "2 cells are no numbers, such as 'see note', 'abc', and count as missing" in column.reason
    )
    assert column.n_missing == 3


def test_reasons_say_how_cells_are_read():
    assert "',' between thousands, unit '€'" in describe(["€ 1,200", "€ 950", "€ 3"]).reason
    assert "'2024-03-05'" in describe(["2024-03-05", "2024-04-06"]).reason
    reason = describe(["03/05/2024", "04/06/2024"]).reason
    assert "nothing says whether day or month comes first, the month was taken" in reason
    assert describe(["yes", "No", "n/a"]).reason == "'yes', 'no', 1 of 3 cells missing"
    # A word for a missing cell elsewhere; here it is the no.
    assert describe(["있음", "없음"]).reason == "'있음', '없음'"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("PassengerId", "identifier"),
        ("customer_id", "identifier"),
        ("고객번호", "identifier"),
        ("schid", "identifier"),
        ("idno", "identifier"),
        ("PMID", "identifier"),
        ("CLIENTNUM", "identifier"),
        ("Order Number", "identifier"),
        ("isbn13", "identifier"),
        ("number of clients", "number"),
        ("humidity", "number"),
        ("paid", "number"),
        ("amount", "number"),
    ],
)
def test_keys_by_name(name, kind):
    keys = np.random.default_rng(0).permutation(10_000)[:N]
    assert describe(keys, name).kind == kind
    assert describe([*keys[:-1], keys[0]], name).kind == kind  # one in many repeats
    assert describe([*keys[:-5], *keys[:5]], name).kind == "number"


@pytest.mark.parametrize("name", ["Emp Num", "case_num", "order_num", "member_number"])
def test_a_number_of_few_figures_may_be_a_count(name):
    rng = np.random.default_rng(0)
    counts = rng.permutation(400)[:N]
    assert describe([*counts[:-1], counts[0]], name).kind == "number"
    assert describe(np.unique(rng.lognormal(4, 2, 40).astype(int))[::-1], name).kind == "number"
    assert describe(counts + 1_000, name).kind == "identifier"
    assert describe(np.sort(counts), name).kind == "identifier"
    assert describe(counts, "case no").kind == "identifier"


@pytest.mark.parametrize(
    ("name", "values", "kind"),
    [
        ("x", RNG.permutation(N) + 1, "identifier"),
        ("x", np.delete(np.arange(N + 3), [7, 20, 41]), "identifier"),
        ("x", np.arange(N) * 2, "number"),
        ("rank", RNG.permutation(N) + 1, "number"),
        ("age", np.arange(N), "number"),
        ("year", np.arange(1950, 1950 + N), "number"),
        ("Unnamed: 0", np.arange(N) * 7 + 3, "identifier"),
        ("index", RNG.permutation(N) + 500, "identifier"),
        ("index", RNG.permutation(N) ** 2 + 500, "number"),
        ("rownames", RNG.permutation(N) ** 2, "identifier"),
        ("rownames", [f"Anna Berg{i}" for i in range(N)], "identifier"),
    ],
)
def test_a_count_of_the_rows(name, values, kind):
    assert describe(values, name).kind == kind
    kept = describe(values, name, keep=[name])
    assert kept.kind == ("category" if isinstance(values, list) else "number")


@pytest.mark.parametrize("name", ["SNP", "rsID", "variant_id", "gene marker"])
def test_variants_of_genes_by_name(name):
    assert describe([f"rs{i * 37 + 7}" for i in range(N)], name).kind == "identifier"
    assert describe([f"rs{96973580 + i % 7}" for i in range(N)], name).kind == "category"


@pytest.mark.parametrize("name", ["price", "cost_of_marker", "Total amount", "가격"])
def test_rupees_by_name(name):
    column = describe([f"rs{100_000 + i * 7919}" for i in range(N)], name)
    assert (column.kind, column.reading.unit) == ("number", "rs")


@pytest.mark.parametrize(
    ("values", "name", "kind"),
    [
        (np.tile(np.arange(40), 3), "column_1", "identifier"),
        (np.concatenate([np.arange(20 + 5 * i) for i in range(8)]), "column_1", "identifier"),
        (np.tile(np.arange(24), 10), "column_1", "number"),  # hours
        (np.tile(np.arange(24), 10)[:-9], "column_1", "number"),
        (np.concatenate([np.arange(1, 29 + i % 4) for i in range(12)]), "column_1", "number"),
        (np.tile(np.arange(40), 3), "Unnamed: 0", "identifier"),
        (np.concatenate([np.arange(1, 71), np.arange(1, 51)]), "column_1", "identifier"),
        (np.tile(np.arange(40), 3), "week", "number"),
        (np.tile(np.arange(40), 3), "#", "number"),  # of an episode in its season
        (np.tile(np.arange(5), 24), "column_1", "number"),
        (np.tile(np.arange(10, 50), 3), "column_1", "number"),
        (np.concatenate([np.arange(40), np.arange(7, 87)]), "column_1", "number"),
    ],
)
def test_a_count_of_the_rows_of_tables_below_each_other(values, name, kind):
    column = describe([int(value) for value in values], name)
    assert column.kind == kind
    assert ("counts the rows" in column.reason) == (kind == "identifier")


DAYS = [f"2024{1 + i % 12:02}{1 + 7 * i % 28:02}" for i in range(N)]


@pytest.mark.parametrize(
    "name",
    [
        *("date", "OrderDate", "orderdate", "yyyymmdd", "sales_date", "date_of_birth", "date1"),
        *(
            "사용일자",
            "거래 날짜",
            "거래일",
            "매출일",
            "접수일",
            "생일",
            "판매일",
            "주문일",
            "가입일",
        ),
        *("계약일", "사고 발생일"),
    ],
)
def test_digits_are_dates_where_the_name_says_so(name):
    for column in (describe([int(cell) for cell in DAYS], name), describe(DAYS, name)):
        assert (column.kind, column.reading.formats) == ("date", ("%Y%m%d",))
    months = describe([int(cell[:6]) if i else None for i, cell in enumerate(DAYS)], name)
    assert (months.kind, months.reading.formats) == ("date", ("%Y%m",))
    assert months.reason == "digits that read as dates, as the name says, 1 of 60 cells missing"
    assert describe([int(cell) for cell in DAYS], name, numeric=[name]).kind == "number"
    american = [int(cell[4:] + cell[:4]) for cell in DAYS]  # 1082024
    assert describe(american, name).reading.formats == ("%m%d%Y",)
    assert describe([f"{cell[6:]}{cell[4:6]}2024" for cell in DAYS], name).kind != "date"  # codes
    european = [int(f"{cell[6:]}{cell[4:6]}2024") for cell in DAYS]
    assert describe(european, name).reading.formats == ("%d%m%Y",)


LONG = [1_234_567_891 + 98_765_431 * i for i in range(N)]


@pytest.mark.parametrize(
    ("name", "values", "kind"),
    [
        ("ОГРНИП", [304_667_414_800_060 + 7_919_000_003 * i for i in range(N)], "identifier"),
        ("x", LONG, "identifier"),
        ("x", list(map(str, LONG)), "identifier"),
        ("Market Cap", LONG, "number"),
        ("매출액", LONG, "number"),
        ("worldwideGross", LONG, "number"),
        ("net_worth", LONG, "number"),
        ("views", LONG, "number"),
        ("부채", LONG, "number"),
        ("조회수", LONG, "number"),
        ("x", [n // 100 * 100 for n in LONG], "number"),  # rounded
        ("x", [*LONG[:-1], 99], "number"),
        ("x", [*LONG[:-1], LONG[0]], "number"),
        ("x", [1_400_000_000 + 86_399 * i for i in range(N)], "number"),  # seconds
        ("x", [1_400_000_000_123 + 86_399_001 * i for i in range(N)], "number"),
    ],
)
def test_whole_numbers_of_many_figures(name, values, kind):
    column = describe(values, name)
    assert column.kind == kind, column.reason


MONTHS = [f"{2005 + i // 12}.{1 + i % 12:02}" for i in range(N)]


@pytest.mark.parametrize("name", ["시점", "month", "date"])
def test_a_year_and_a_month_behind_a_point(name):
    stored = describe([float(cell) for cell in MONTHS], name)  # the tenth month is 2005.1
    for column, cells in (
        (stored, pa.array([2005.01, 2005.1, None])),
        (describe(MONTHS, name), pa.array(["2005.01", "2005.10", None])),
        (describe([*MONTHS[:-1], "2009.12 p)"], name), pa.array(["2005.01", "2005.10 p)", ""])),
    ):
        assert (column.kind, column.n_missing) == ("date", 0)
        moments = np.array(["2005-01", "2005-10", "NaT"], "M8[us]")
        np.testing.assert_array_equal(moments_in(column, cells), moments)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("price", [float(cell) for cell in MONTHS]),
        ("date", [1990 + i / 12 for i in range(N)]),
        ("month", [2005.01, 2005.02, 2005.03] * 20),
        ("price", [int(cell) for cell in DAYS]),
        *((name, [int(cell) for cell in DAYS]) for name in (
            "candidate", "mandate", "validate", "consolidate", "update_count", "date_count",
            "month_sales", "day_price", "days_since_date", "day_of_week", "dateCount", "holiday",
            "order_date_id", "population_day", "일자리수", "등록일수", "날짜수", "휴일",
        )),
        ("date", [int(cell) for cell in DAYS[1:]] + [20241331]),
        ("date", [2000 + i for i in range(N)]),
        ("date", [1_000_000 * (1 + i % 12) + 12_024 for i in range(N)]),  # which comes first?
        ("date", [int(cell) + 80_000_000 for cell in DAYS]),  # of the year 10024
        ("month", [1 + i % 12 for i in range(N)]),
    ],
)  # fmt: skip
def test_digits_that_stay_numbers(name, values):
    assert describe(values, name).kind == "number"


def test_a_first_column_without_a_name_beside_others_counts_rows():
    cells = pa.array(np.arange(N) * 3 + 7)
    columns = {"column_1": cells, "price": pa.array(np.arange(N) % 7)}
    assert describe_columns(pa.table(columns))[0].kind == "identifier"
    columns["column_2"] = columns.pop("price")  # none has a name
    assert describe_columns(pa.table(columns))[0].kind == "number"


@pytest.mark.parametrize("beside", ["name", "price"])
def test_a_number_is_an_identifier_beside_a_name(beside):
    numbers = pa.array(RNG.permutation(10_000)[:N])
    others = {"name": [f"N{i}mon" for i in range(N)], "price": np.arange(N) % 7}
    table = pa.table({"Number": numbers, beside: others[beside], "other": RNG.normal(size=N)})
    column = describe_columns(table)[0]
    assert column.kind == ("identifier" if beside == "name" else "number")


def test_a_count_of_the_rows_stays_where_nothing_else_is():
    (column,) = describe_columns(pa.table({"x": range(50)}))
    assert column.kind == "number"
    assert "no other column" in column.reason


def test_one_cell_far_down_decides():
    texts = [str(i % 1000) for i in range(20_000)]
    assert describe(texts).kind == "number"
    assert describe([*texts, "00123"]).kind != "number"
    assert describe([*([0, 1] * 10_000), 2]).kind == "number"
    assert describe([*(["yes", "no"] * 10_000), "perhaps"]).kind == "category"


def test_a_hundred_thousand_categories():
    texts = [f"shop {i % 100_000}" for i in range(200_000)]
    assert describe(texts).kind == "category"
    assert describe(texts).n_distinct == 100_000


GIVEN = {
    "numbers as categories": ([1, 2, 3] * 20, {"categorical": ["x"]}, "category"),
    "text as categories": (sentences(N), {"categorical": ["x"]}, "category"),
    "a key as a category": ([f"C-{i}" for i in range(N)], {"categorical": ["x"]}, "category"),
    "dates as categories": ([dt.date(2024, 1, 1 + i % 9) for i in range(N)], {"categorical": ["x"]},
                            "category"),
    "0 and 1 as a number": ([0, 1] * 30, {"numeric": ["x"]}, "number"),
    "codes as numbers": (["00123", "00456", "7"] * 20, {"numeric": ["x"]}, "number"),
    "a few numbers among text": (["1", "two", "3"] * 20, {"numeric": ["x"]}, "number"),
    "a key as a number": (range(N), {"numeric": ["x"]}, "number"),
    "categories as text": (["a", "b", "c"] * 20, {"text": ["x"]}, "text"),
    "numbers as dates": ([20240131, 20240229, 20231231], {"dates": ["x"]}, "date"),
    "years as dates": (["2024", "2023", "1999"], {"dates": ["x"]}, "date"),
    "what it is anyway": ([1.5, 2.5, 3.5], {"numeric": ["x"]}, "number"),
    "dropped": (["a", "b", "c"], {"drop": ["x"]}, "dropped"),
    "lists, dropped": ([[1], [2]], {"drop": ["x"]}, "dropped"),
}  # fmt: skip


@pytest.mark.parametrize("what", GIVEN)
def test_a_person_decides(what):
    values, given, kind = GIVEN[what]
    column = describe(values, **given)
    assert column.kind == kind
    assert "you asked for it" in column.reason
    assert column.is_used == (kind != "dropped")


def test_numbers_given_as_dates_have_their_format():
    column = describe([20240131, 20240229, 20231231], dates=["x"])
    assert column.reading == Reading(formats=("%Y%m%d",))
    assert column.stored == "number"


def test_what_holds_nothing_stays_empty_whatever_is_said():
    assert describe([None] * 5, numeric=["x"]).kind == "empty"
    assert describe(["a"] * 5, categorical=["x"]).kind == "constant"


@pytest.mark.parametrize(
    ("values", "given", "said"),
    [
        (["a", "b"], {"numeric": ["x"]}, "'x' cannot be a number: its cells are such as 'a', 'b'"),
        (["a", "b"], {"dates": ["x"]}, "cannot be a date"),
        ([1.5, 2.5], {"dates": ["x"]}, "cannot be a date"),
        ([1.5, 2.5], {"text": ["x"]}, "cannot be text"),
        ([dt.date(2024, 1, 1), dt.date(2024, 1, 2)], {"numeric": ["x"]}, "cannot be a number"),
        ([1, 2], {"numeric": ["x"], "categorical": ["x"]}, "a category and a number"),
        ([1, 2], {"numeric": ["y"]}, "no column 'y' (to be a number)"),
        ([1, 2], {"drop": ["othr"]}, "did you mean 'other'?"),
        ([1, 2], {"target_names": ["x"], "drop": ["x"]}, "'x' is the target"),
        ([1, 2], {"target_names": ["z"]}, "no column 'z' (target)"),
        ([[1], [2]], {}, "'x' holds lists of whole numbers"),
        ([{"a": 1}, {"a": 2}], {}, "'x' holds records"),
        ([b"1", b"2"], {}, "'x' holds bytes"),
    ],
)
def test_what_cannot_be(values, given, said):
    with pytest.raises(TableError) as error:
        describe(values, **given)
    assert said in str(error.value)


def test_tables_that_cannot_be():
    with pytest.raises(TableError, match="no rows"):
        describe_columns(pa.table({"x": pa.array([], pa.int64())}))
    with pytest.raises(TableError, match="2 columns of the table are called 'x'"):
        describe_columns(pa.table([[1], [2]], names=["x", "x"]))


def test_targets_are_left_out_and_order_is_kept():
    table = pa.table({"b": [1.5, 2.5], "y": [1, 2], "a": ["u", "v"]})
    assert [column.name for column in describe_columns(table, target_names=["y"])] == ["b", "a"]


@pytest.mark.parametrize("n", [1, 2])
def test_very_few_rows(n):
    table = pa.table({"a": [1.5, 2.5][:n], "b": ["u", "v"][:n], "c": [None, None][:n]})
    kinds = [column.kind for column in describe_columns(table)]
    assert kinds == (
        ["constant", "constant", "empty"] if n == 1 else ["category", "category", "empty"]
    )


def described(cells):
    n = max(map(len, cells.values()))
    table = pa.table({**cells, "other": RNG.normal(size=n)})
    return {column.name: column for column in describe_columns(table)}


def test_two_numbers_that_never_repeat_are_numbers():
    assert described({"x": [None, 21, None, 93, None]})["x"].kind == "number"
    assert described({"x": [None, 21, 93, 93, None]})["x"].kind == "category"


def test_row_names_that_are_no_whole_numbers():
    names = [float(f"{year}.{i}") for year in (1978, 1982) for i in range(1, 25)]
    assert described({"rownames": names, "x": list(range(48))})["rownames"].kind == "identifier"
    assert described({"rownames": ["Surrey", "Ulm", "Bonn"], "x": [1, 5, 2]})["rownames"].kind == (
        "identifier"
    )
    assert described({"size": names, "x": list(range(48))})["size"].kind == "number"


def test_unnamed_numbers_before_a_name():
    texts = [f"name{i}" for i in range(30)]
    numbers = [7 * i * i % 2003 + 5 for i in range(30)]
    columns = described({"column_1": numbers, "first": texts})
    assert columns["column_1"].kind == "identifier"
    columns = described({"column_1": numbers, "column_2": texts})
    assert columns["column_1"].kind == "number"


@pytest.mark.parametrize("is_repetitive", [False, True])
def test_a_no_break_space_is_a_text_like_others(is_repetitive):
    values = pa.array(["Ulm", "\u00a0", None, "Bonn", "\u00a0"] * 3)
    column = describe(values.dictionary_encode() if is_repetitive else values)
    assert (column.kind, column.n_missing, column.n_distinct) == ("category", 3, 3)
