"""Do the code of docs/python.md and the notebooks run, and print what stands there."""

from __future__ import annotations

import contextlib
import io
import os
import re
from pathlib import Path
from typing import Any

import nbclient
import nbformat
import pytest

DOCS = Path(__file__).parents[2] / "docs"
#: Set, the notebooks are written again with what they print now.
UPDATE = "HOPFMAP_UPDATE_NOTEBOOKS"


def test_the_page_prints_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"^```python\n(.*?)^```", (DOCS / "python.md").read_text(encoding="utf-8"), re.M | re.S)
    assert len(blocks) >= 4
    names: dict[str, Any] = {}
    for block in blocks:
        expected = re.findall(r"^ *print\(.*\)  # (.*)$", block, re.M)
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(block, "docs/python.md", "exec"), names)
        assert printed.getvalue().splitlines() == expected, block


def texts(notebook: nbformat.NotebookNode) -> list[str]:
    """What the cells print."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [output["text"] for output in outputs if output["output_type"] == "stream"]


def test_notebooks(tmp_path: Path) -> None:
    paths = sorted((DOCS / "notebooks").glob("*.ipynb"))
    notebooks = [nbformat.read(path, 4) for path in paths]
    before = [texts(notebook) for notebook in notebooks]
    assert len(paths) == 3 and all(before)
    # One kernel for all of them, emptied in between: each takes seconds to start.
    whole = nbformat.v4.new_notebook(metadata=notebooks[0].metadata)
    for notebook in notebooks:
        whole.cells += [nbformat.v4.new_code_cell("%reset -f"), *notebook.cells]
    nbclient.NotebookClient(whole, timeout=600, resources={"metadata": {"path": str(tmp_path)}}).execute()
    for path, notebook, printed in zip(paths, notebooks, before, strict=True):
        assert any("image/png" in output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", [])), path
        if os.environ.get(UPDATE):
            for number, cell in enumerate(cell for cell in notebook.cells if cell.cell_type == "code"):
                cell.metadata.pop("execution", None)
                cell.execution_count = number + 1
            nbformat.write(notebook, path)
        else:
            assert texts(notebook) == printed, f"{path} says something else; {UPDATE}=1 writes it again"
