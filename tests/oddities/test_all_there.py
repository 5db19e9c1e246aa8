"""Each of the twenty-four oddities has its own file of tests."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path


def test_each_oddity_has_one_file_of_tests() -> None:
    files = [path for path in Path(__file__).parent.glob("test_*.py") if path != Path(__file__)]
    assert Counter(path.name.split("_")[1] for path in files) == Counter(f"{number:02}" for number in range(1, 25))
    for path in files:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert ast.get_docstring(tree), path.name
        tests = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
        assert len(tests) >= 2, path.name
