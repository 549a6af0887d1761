"""Numbers that say more than a plain one: limits, footnotes, units, scales, ranges, pairs."""

import unicodedata

import numpy as np
import onnxruntime
import pyarrow as pa
import pytest

from layerwise import TableRegressor, explain, load
from layerwise.store.onnx import export_onnx
from layerwise.tables.columns import Column, beside_in, numbers_in
from layerwise.tables.errors import TableError
from layerwise.tables.find_task import find_table_task
from layerwise.tables.findings import check_table
from layerwise.tables.kinds import describe_columns

MANY = [f"{i / 10}" for i in range(30)]


def described(cells, name="x", **given):
    return describe_columns(pa.table({name: cells}), **given)[0]


def read(cells, name="x"):
    column = described(cells, name)
    assert column.kind == "number", column.reason
    return numbers_in(Column.from_json(column.to_json()), pa.array(cells)).tolist()


def test_a_limit_is_its_number_and_a_mark_of_its_own():
    cells = [*MANY, ">100", *["<0.5"] * 20, "≥ 50", "50 이상", "less than 3"]
    column = described(cells)
    assert column.kind == "number"
    assert "24 cells are beyond a limit, such as '>100', '<0.5'" in column.reason
    numbers = numbers_in(column, pa.array(cells))
    assert numbers[[30, 31, -3, -2, -1]].tolist() == [100, 0.5, 50, 50, 3]
    beside = beside_in(column, pa.array(cells))
    assert not beside[:30].any()
    assert beside[[30, 31, -3, -2, -1]].tolist() == [1, -1, 1, 1, -1]


def test_what_was_not_detected_is_below_the_lowest_number():
    cells = ["0.2", "0.7", "1.5", "2.5", "<BLQ", "BLQ"] * 4
    column = described(cells)
    assert numbers_in(column, pa.array(cells))[4:6].tolist() == [0.2, 0.2]
    assert beside_in(column, pa.array(cells))[3:6].tolist() == [0, -1, -1]


@pytest.mark.parametrize("mark", ["**", "(D)", "—", ".", "†", "n.d.", "비공개"])
def test_a_mark_among_numbers_is_missing_and_told(mark):
    cells = [*MANY, *[mark] * 12]
    column = described(cells)
    assert (column.kind, column.n_missing) == ("number", 12)
    if mark != ".":  # which means that everywhere
        assert f"'{mark}' in 12 cells taken as missing" in column.reason
    assert np.isnan(numbers_in(column, pa.array([mark, "4"]))).tolist() == [True, False]


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["c. 40", "~232", "Approx. 1613", "약 30", "12?", "15 [2]", "7*"],
         [40, 232, 1613, 30, 12, 15, 7]),
        (["$92M", "$350k", "$1.5M", "$2,000"], [92e6, 350e3, 1.5e6, 2e3]),
        (["1.5M", "350k", "2 million", "3bn"], [1.5e6, 350e3, 2e6, 3e9]),
        (["8,500만원", "3억 5,000만원", "1.2억", "900만원"], [85e6, 350e6, 120e6, 9e6]),
        (["60 kg", "100 lbs", "70 kg", "5 kg"], [60, 45.359237, 70, 5]),
        (["5'2\"", "5'10''", "6'", "5ft 7", "5 ft 7 in", "6′ 1″"], [62, 70, 72, 67, 67, 73]),
        (["170", "165", "180", "5ft 7", "5ft 5"], [66.9291, 64.9606, 70.8661, 67, 65]),
        (["5 lb 8 oz", "7 lb", "6 lb 4 oz"], [5.5, 7, 6.25]),
    ],
)  # fmt: skip
def test_amounts(cells, numbers):
    assert read(cells * 2)[: len(cells)] == pytest.approx(numbers)


def test_scales_that_no_cell_had_are_read_in_new_rows():
    column = described(["$92M", "$1.5M", "$2,000"] * 4)
    assert "M = 1e+06" in column.reason or "m = 1e+06" in column.reason
    assert numbers_in(column, pa.array(["$1.4B", "$350k", "$5M"])).tolist() == [1.4e9, 350e3, 5e6]
    lengths = described(["5 m", "12 m", "7 m"] * 4)
    assert lengths.reading.unit == "m"  # of metres there are no thousands
    with pytest.raises(TableError, match="held numbers"):
        numbers_in(lengths, pa.array(["5 b", "7 k"]))


def test_letters_in_two_compositions_are_the_same():
    cells = ["8,500만원", "1.2억", "900만원"] * 2
    decomposed = [unicodedata.normalize("NFD", cell) for cell in cells]
    assert read(decomposed) == read(cells) == [85e6, 120e6, 9e6] * 2


def test_what_is_not_exact_is_told():
    assert (
        "2 cells are not exact, such as 'c. 40', '7?'" in described([*MANY, "c. 40", "7?"]).reason
    )
    assert "not exact" not in described([*MANY, "<40", "**"]).reason


def test_the_columns_name_tells_the_unit_of_bare_numbers():
    cells = ["5,236", "120", "15", "140 sq. miles", "7"]
    assert read(cells, "acres_affected") == pytest.approx([5236, 120, 15, 140 * 640, 7])
    assert read(cells, "area") == [5236, 120, 15, 140, 7]


def test_new_rows_without_units_are_in_the_one_that_bare_numbers_had():
    column = described(["170", "165", "180", "5ft 7", "5ft 5"])
    for new in (pa.array(["170"]), pa.array([170]), pa.array([170.0])):
        assert numbers_in(column, new) == pytest.approx([66.929134], rel=1e-6)


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["2013FAIL", "2012PASS", "2013PASS", "2011FAIL"] * 10, "category"),
        ([f"978-{i:010}" for i in range(803272620, 803272650)], "identifier"),
        ([f"{i}-{2 * i}" for i in range(1100, 1150)], "identifier"),
        (["98121-3032", "98101", "98102", "98103"] * 10, "category"),
        (["2 kg", "3 litres", "5 kg", "1 litres"] * 10, "category"),
        (["$5", "€6", "$7", "€8"] * 10, "category"),
        (["15 March 2015", "2 March 2015", "7 March 2015"] * 5, "date"),
        (["2024년 3분기", "2024년 4분기", "2023년 1분기"] * 5, "date"),
        (["1h 51m", "2h", "53 min"] * 5, "number"),
        (["1", "2", "3", "other"] * 10, "category"),
        (["0", "1", "2", "A", "B", "3"] * 10, "category"),  # figures of a code
        ([*map(str, range(1, 10)), "X"] * 10, "category"),
        (["3/4", "2/3", "3/3", "4/4", "2/2", "2/4"] * 10, "category"),  # of genes
        (["3 mai", "5 mai", "8 mai"] * 10, "category"),
    ],
)
def test_what_is_something_else(cells, kind):
    column = described(cells)
    assert column.kind == kind
    assert column.reading is None or column.reading.amounts is None


@pytest.mark.parametrize(
    "cells",
    [
        [f"{i % 9}.{i % 7}.{i % 5}" for i in range(40)] + ["1.0", "1.1.0a"] * 9,
        [f"{(i % 20 + 1) * 0x595097D6A26F6E07:024x}"[-24:] for i in range(60)],
        [f"{i}" if i % 3 else f"{i},{i + 5},{i + 9}" for i in range(2, 80)] * 2,
    ],
)
def test_versions_and_random_keys_are_not_mostly_numbers(cells):
    column = described(cells)
    assert column.kind == "category"
    assert "mostly" not in column.reason


@pytest.mark.parametrize(
    ("cells", "first"),
    [
        (["0.52Kg (1.15 lb)", "0.13Kg (0.29 lb)", "1.41Kg (3.11 lb)", "0.34Kg (0.76 lb)"], 0.52),
        (["12 fl. oz. (355 ml)", "8 fl. oz. (240 ml)", "10 fl. oz. (296 ml)"], 12),
        (["4.8 oz [136 g]", "3.9 oz [111 g]", "5.7 oz [161 g]"], 4.8),
    ],
)
def test_an_amount_may_stand_in_another_unit_behind_itself(cells, first):
    assert read(cells * 5)[0] == pytest.approx(first)


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["13.1 to 1", "28.0 to 1", "9.5 to 1", "16.8 to 1"], [13.1, 28, 9.5, 16.8]),
        (["6.5 [3.5-10.4]", "0.2 [0.0–0.6]", "12 (9 to 14)"], [6.5, 0.2, 12]),
        (["Provisional 2022", "2019", "2018", "2016"], [2022, 2019, 2018, 2016]),
        (["FY 2013"] + ["2013", "2014 est.", "2015", "2016 est."] * 9, None),
    ],
)
def test_ratios_estimates_and_their_intervals(cells, numbers):
    if numbers is None:
        assert read(cells)[1:3] == [2013, 2014]
    else:
        assert read(cells * 6)[: len(numbers)] == pytest.approx(numbers)


def test_a_letter_o_is_no_unit():
    """A nought that was typed or scanned so: 8o is not 8."""
    cells = ["8o", *(str(i) for i in range(20, 90))]
    found = described(cells)
    assert "'8o'" in found.reason
    assert np.isnan(read(cells)[0])
    many = described([f"{i}o" if i % 3 else f"{10 * i}" for i in range(1, 90)])
    assert many.kind != "number"
    assert (
        described([*cells, *(f"{i}o" for i in range(1, 9))] * 2).reason.count("mostly numbers") == 1
    )


def test_numbers_of_books_are_codes():
    cells = [f"{439023483 + i * 7}" for i in range(40)] + ["043955493X"]
    assert described(cells, "isbn").kind != "number"


def test_what_stands_behind_an_amount_and_measures_something_else_is_no_such_amount():
    assert described([f"{i} kg ({i + 2} ml)" for i in range(20)]).kind != "number"


MONTHS = [str(i % 12 + 1) for i in range(60)] + ["07", "08", "11", "01"] * 3
TENS = [f"{50 * (i % 20)}".zfill(4 if i % 2 else 1) for i in range(80)]


def test_zeros_before_some_months_and_some_tens_of_money_make_no_codes():
    assert read(MONTHS, "issue_month")[60:62] == [7, 8]
    assert read(TENS, "Insurance")[:2] == [0, 50]
    assert read([f"{10 * i:03}" for i in range(60)], "ElectricBill")[1] == 10


@pytest.mark.parametrize(
    ("cells", "name"),
    [
        *((MONTHS, name) for name in ("x", "gate", "district", "month_code")),
        *((TENS, name) for name in ("x", "occupation", "dx")),
        ([str(i % 40) for i in range(80)] + ["07", "08", "21", "01"] * 3, "month"),
        (["0", *["00"] * 4, *(str(i) for i in range(1, 40))] * 4, "number"),
        (
            ["1", "2", "02", "031", "051", "032", "042", "062", "063", "3", "4", "5"] * 5,
            "area_code",
        ),
    ],
)
def test_codes_of_which_some_begin_with_a_zero_stay_codes(cells, name):
    assert described(cells, name).kind != "number"


def test_zeros_before_money_make_no_codes():
    cells = [f"{i * 997:09d}" for i in range(60)]
    for name in ("FamilyIncome", "ElectricBill", "sale price", "매출금액", "총매출"):
        assert read(cells, name)[:2] == [0, 997]
    for name in ("x", "sales_code", "invoice_number"):
        assert described(cells, name).kind != "number"


NO_MONEY = [
    "insurance", "billing_zip", "bill_ship_zip", "payee_zip", "rented_zip", "bill_to",
    "bill", "cost_center", "revenue_center", "sales_org", "sales_rep", "sales_region",
    "price_zone", "price_list", "pay_grade", "total_phone", "pricecd", "feet", "feeling",
    "payload", "price", "매출처", "비용센터", "급여계좌", "요금제",
]  # fmt: skip


@pytest.mark.parametrize("name", NO_MONEY)
def test_a_name_that_only_begins_like_money_is_no_amount(name):
    assert described([f"{i * 997 % 99_991:05}" for i in range(60)], name).kind != "number"
    if name != "price":
        assert described([f"{i * 99_707:07}" for i in range(60)], name).kind != "number"


@pytest.mark.parametrize(
    ("cells", "name", "first"),
    [
        ([f"${i / 10:.2f}" for i in range(50, 99)], "isbn_price", 5.0),
        ([str(i * 7 % 31 + 5) for i in range(29)] + ["n/a"] * 3, "EAN count", 5),
        ([*(str(i) for i in range(9, 40)), "<5", "7+"], "issn citations", 9),
    ],
)
def test_what_is_told_of_books_is_no_number_of_a_book(cells, name, first):
    assert read(cells, name)[0] == first


@pytest.mark.parametrize(
    "cell", ["5551234 (1-5)", "45 (1990-1999)", "3 (4-1)", "50 (30-12)", "1950 (1-3)"]
)
def test_brackets_that_an_amount_does_not_lie_within_are_no_interval(cell):
    assert described([f"{i}{cell}" for i in range(1, 30)]).kind != "number"


def test_an_interval_that_is_left_out_is_named():
    cells = [f"{i / 10} [{i / 20}-{i / 5}]" for i in range(60)]
    assert "without the interval that stands behind it, as in '0.0 [0.0-0.0]'" in (
        described(cells).reason
    )
    assert read([f"1.{i:03},5 (900,0–2.500,0)" for i in range(40)])[0] == 1000.5


def test_no_data_among_amounts_is_missing():
    cells = [f"{i / 10} [{i / 20}-{i / 5}]" for i in range(300)] + ["No data"] * 12
    assert np.isnan(read(cells)[-1])
    assert "'No data' in 12 cells taken as missing" in described(cells).reason


@pytest.mark.parametrize(
    "cells",
    [
        [f"{i:03d}" for i in range(1, 50)] * 2,
        ["02", "031", "051", "1577", "064", "032", "041", "062", "063", "033", "043", "052"] * 5,
        [f"{i * 997 % 99999:05d}" for i in range(40)] + ["2460", "987"] * 4,
        [*(f"{i}" for i in range(100, 300)), "007"],
        [*(f"{i:02}" for i in range(1, 99)), *(f"{i:02}{k}" for i in range(1, 99) for k in "12")],
    ],
)
def test_codes_keep_their_zeros(cells):
    assert described(cells).kind != "number"


def test_cells_that_keep_a_column_from_being_numbers_are_named():
    names = [f"store {word}" for word in ("north", "south", "east", "west", "hill")]
    table = pa.table({"x": [*map(str, range(40)), *names], "y": np.arange(45.0)})
    task = find_table_task(table, ["y"])
    y, _ = task.encode(table["y"])
    columns = describe_columns(table, target_names=["y"])
    messages = [finding.message for finding in check_table(table, columns, task, y)]
    assert any(
        "x (mostly numbers (89 %), but for cells such as 'store north'" in m for m in messages
    )
    asked = describe_columns(table, target_names=["y"], numeric=["x"])[0]  # as it advises
    assert (asked.kind, asked.n_missing) == ("number", 5)
    mixed = described(["2 kg", "3 litres", "5 kg", "1 litres"] * 10)
    assert "mostly numbers (100 %), of units that differ: '2 kg', '3 litres'" in mixed.reason
    for cells in (["a", "b"], ["<=45", ">45"], ["12a", "12b", "13a", "15c"]):
        assert "mostly numbers" not in described(cells * 10).reason


def test_what_is_asked_to_be_numbers_is_one_or_is_refused_never_mostly_lost():
    for cells in (
        ["7:42:12", "8:01:30", "7:59:59"],
        ["1h 51m", "2h", "53 min"],
        ["9-17", "3-10", "7-7"],
    ):
        assert described(cells * 10, numeric=["x"]).n_missing == 0
    with pytest.raises(TableError, match="'x' cannot be a number: its cells are such as 'so so'"):
        described(["so so", "bad", "fine", "2"] * 10, numeric=["x"])


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["10~20만원", "20~30만원", "30만원 이상", "5~10만원"], [150e3, 250e3, 300e3, 75e3]),
        (["18-29", "30-44", "45-60", "65+"], [23.5, 37, 52.5, 65]),
        ([*[f"19{i} - 19{i + 5}" for i in range(10, 40)], "1991 - 1986"],
         [*[1900 + i + 2.5 for i in range(10, 40)], float("nan")]),
        (["[50, 75)", "[75, 90)", "[100, Inf)"], [62.5, 82.5, 100]),
        (["3m", "2-8m", "10m", "20m"], [3, 5, 10, 20]),
        (["<$25,000", "$25,000 - $49,999", "$50,000 - $99,999", "$100,000+"],
         [25000, 37499.5, 74999.5, 100000]),
    ],
)  # fmt: skip
def test_ranges_are_ordered(cells, numbers):
    column = described(cells * 10)
    assert column.kind == "number", column.reason
    np.testing.assert_array_equal(numbers_in(column, pa.array(cells)), numbers)


@pytest.mark.parametrize(
    ("cells", "first", "second"),
    [
        (["3--20", "2--59", "4--25"], [3, 2, 4], [20, 59, 25]),
        (["24-17", "3-10", "7-7", "31-28"], [24, 3, 7, 31], [17, 10, 7, 28]),
        (["0-1", "1-1", "0-2", "2-3", "2-0"], [0, 1, 0, 2, 2], [1, 1, 2, 3, 0]),  # no ranges
        (["15/5", "1/2", "7/2", "4/1"], [3, 0.5, 3.5, 4], None),
        (["R+15.21", "D+2", "R+3", "EVEN"], [15.21, -2, 3, 0], None),
        (["11.9,-50.5", "12.25, 3.5", "-1.5,2.5"], [11.9, 12.25, -1.5], [-50.5, 3.5, 2.5]),
    ],
)
def test_pairs_are_two_numbers_or_one(cells, first, second):
    column = described(cells * 10)
    assert column.kind == "number", column.reason
    assert numbers_in(column, pa.array(cells)).tolist() == first
    beside = beside_in(column, pa.array(cells))
    assert (None if beside is None else beside.tolist()) == second


def test_no_answer_among_ranges_is_missing_and_told():
    cells = ["18-29", "30-44", "45-60", "Prefer not to say"] * 10
    column = described(cells)
    assert (column.kind, column.n_missing) == ("number", 10)
    assert "'Prefer not to say' in 10 cells taken as missing" in column.reason


@pytest.mark.parametrize("form", ["pair", "limit"])
def test_a_model_gets_both_inputs_and_keeps_them_in_files(form, tmp_path):
    random = np.random.default_rng(0)
    first, second = random.integers(0, 40, (2, 200))
    if form == "pair":
        cells = [f"{a}-{b}" for a, b in zip(first, second, strict=True)]
        name, new, asked = "x, second number", ["30-0", "7-31", None], (30.0, 0.0)
    else:
        cells = [f"<{a}" if b < 20 else f"{a}" for a, b in zip(first, second, strict=True)]
        name, new, asked = "x, beyond a limit", ["<30", "12", None], (30.0, -1.0)
    table = {"x": cells, "y": first - 1.0 * second}
    model = TableRegressor(hidden=(8,), epochs=3, n_folds=2, random_state=0).fit(table, target="y")
    assert model.preparation_.input_names == ("x", name)
    predicted = model.predict({"x": new})
    assert predicted[0] != model.predict({"x": ["30"] if form == "limit" else ["30-31"]})[0]
    model.save(tmp_path / "model.layerwise")
    assert (load(tmp_path / "model.layerwise").predict({"x": new}) == predicted).all()
    export_onnx(model, tmp_path / "model.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx")
    feed = {"x": np.array([[asked[0]]]), name: np.array([[asked[1]]])}
    assert session.run(["prediction"], feed)[0][0, 0] == pytest.approx(predicted[0], rel=1e-4)
    told = explain(model, {"x": new[0]}).subject.cells[0].became
    assert f"“{name}” is {asked[1]:g}" in told
