"""Files and databases to Arrow tables, and Arrow tables to files."""

from layerwise.tables.reading.reader import read_table
from layerwise.tables.reading.result import Problem, ReadTable
from layerwise.tables.reading.writing import write_table

__all__ = ["Problem", "ReadTable", "read_table", "write_table"]
