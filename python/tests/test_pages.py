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
NOTEBOOKS = sorted(path.stem for path in (DOCS / "notebooks").glob("*.ipynb"))
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


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebooks(name: str, tmp_path: Path) -> None:
    path = DOCS / "notebooks" / f"{name}.ipynb"
    notebook = nbformat.read(path, 4)
    before = texts(notebook)
    nbclient.NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(tmp_path)}}).execute()
    pictures = [output for cell in notebook.cells for output in cell.get("outputs", []) if "image/png" in output.get("data", {})]
    assert pictures, path
    if os.environ.get(UPDATE):
        for cell in notebook.cells:
            cell.metadata.pop("execution", None)
        nbformat.write(notebook, path)
        return
    assert texts(notebook) == before, f"{path} says something else; {UPDATE}=1 writes it again"


def test_a_notebook_that_fails_is_seen() -> None:
    broken = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("import hopfmap\nhopfmap.sweep({'Z_T': (0, 1, 3)}, V_m=2)")])
    with pytest.raises(nbclient.exceptions.CellExecutionError, match="V_n"):
        nbclient.NotebookClient(broken).execute()
    assert len(NOTEBOOKS) == 3
