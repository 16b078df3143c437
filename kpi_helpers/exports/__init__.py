"""The exports stage: the only reader of files. Recognise, read, normalise, account for every row."""

from kpi_helpers.exports.combining import leave_out_repeats
from kpi_helpers.exports.doubles import double_sources
from kpi_helpers.exports.file import own_channels
from kpi_helpers.exports.folder import (
    Exports,
    read_exports,
    read_file,
    read_files,
    unknown_channels,
)
from kpi_helpers.exports.layout import Layout
from kpi_helpers.exports.layout_file import list_layouts
from kpi_helpers.exports.plain import read_rows
from kpi_helpers.exports.reading import FileReading, TableReading
from kpi_helpers.exports.rows import Problem
from kpi_helpers.folders import find_folder, list_files

__all__ = [
    "Exports", "FileReading", "Layout", "Problem", "TableReading", "double_sources", "find_folder", "leave_out_repeats",
    "list_files", "list_layouts", "own_channels", "read_exports", "read_file", "read_files", "read_rows",
    "unknown_channels",
]  # fmt: skip
