"""What files are called where no name is given: only what says their format is taken off."""

import pytest

from layerwise import Network, save
from tests.cli.conftest import QUICK


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (["fit", "2024.sales.csv"], ["2024.sales.layerwise", "2024.sales.report.html"]),
        (["fit", "2024.costs.csv.gz"], ["2024.costs.layerwise", "2024.costs.report.html"]),
        (["fit", "data/a.b.PARQUET"], ["a.b.layerwise", "a.b.report.html"]),
        (["fit", "2024.sales"], ["2024.sales.layerwise"]),
        (["fit", "-"], ["table.layerwise", "table.report.html"]),
        (["fit", "t.csv", "-o", "model.v1"], ["model.v1.report.html"]),
        (["fit", "t.csv", "-o", "model.v2.layerwise"], ["model.v2.report.html"]),
        (["study", "2024.sales.csv"], ["2024.sales.study.html"]),
        (["study", "2024.costs.xlsx"], ["2024.costs.study.html"]),
    ],
)
def test_of_a_table(command, tmp_path, arguments, names):
    for name in names:
        # Where a folder stands the file cannot be written, which is said before anything is read.
        (tmp_path / name).mkdir()
        code, _, err = command(*arguments, "--target", "y")
        assert code == 1
        assert err == f"layerwise: cannot write {name}: it is a folder; give the name of a file\n"
        (tmp_path / name).rmdir()


def test_no_report_is_written_over_that_of_a_model_of_the_same_name(command, tmp_path):
    (tmp_path / "t.csv").write_text("x,y\n" + "".join(f"{i},{i % 2}\n" for i in range(40)))
    fit = ["fit", "t.csv", "-t", "y", *QUICK, "-o"]
    said = "m.report.html may be the report of {}, and would be written over; name another with"
    (tmp_path / "m.report.html").touch()
    for first, second in (("m", "m.layerwise"), ("m.layerwise", "m")):
        save(Network("2-3-1", seed=0), tmp_path / first)
        code, _, err = command(*fit, second)
        assert (code, said.format(first) in err) == (1, True)
        assert not (tmp_path / second).exists()
        (tmp_path / first).unlink()
    (tmp_path / "m").write_text("no model")
    assert command(*fit, "m.layerwise")[0] == 0
    assert (tmp_path / "m.report.html").stat().st_size > 0


def test_of_a_picture(command, tmp_path):
    for name in ("a.v1", "a.v2.layerwise"):
        save(Network("2-3-1", seed=0), tmp_path / name)
        assert command("draw", name)[0] == 0
    assert command("draw", "2-3-1")[0] == 0
    pictures = {path.name for path in tmp_path.glob("*.svg")}
    assert pictures == {"a.v1.network.svg", "a.v2.network.svg", "network.svg"}
