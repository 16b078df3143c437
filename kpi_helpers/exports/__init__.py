"""The exports stage: the only reader of files. Recognise, read, normalise, account for every row."""

from kpi_helpers.exports.folder import Exports, read_exports, read_file
from kpi_helpers.exports.layout import Layout, list_layouts
from kpi_helpers.exports.reading import FileReading, TableReading
from kpi_helpers.exports.rows import Problem

__all__ = [
    "Exports", "FileReading", "Layout", "Problem", "TableReading", "list_layouts", "read_exports", "read_file",
]  # fmt: skip
