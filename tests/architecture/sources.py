"""The sources that the architecture tests look at."""
from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("rules", "workflow", "web")


def files(*folders: str, suffix: str = ".py") -> list[Path]:
    """All files of these folders (default: the three packages), sorted; none when a folder is not there."""
    return sorted(p for f in folders or PACKAGES for p in (ROOT / f).rglob(f"*{suffix}") if "__pycache__" not in p.parts)


def name(path: Path) -> str:
    """The path as the reader of a failure wants it."""
    return path.relative_to(ROOT).as_posix()


def modules() -> dict[str, ast.Module]:
    """Syntax tree of every module of the three packages, by file name."""
    return {name(p): ast.parse(p.read_text(encoding="utf-8")) for p in files()}


def comments(path: Path) -> Iterator[tuple[int, str]]:
    """Line number and text of every comment of a Python file."""
    text = path.read_text(encoding="utf-8")
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def strings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line number and value of every string in the code, docstrings left out."""
    described = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {id(node.body[0].value) for node in ast.walk(tree) if isinstance(node, described) and node.body
                  and isinstance(node.body[0], ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.lineno, node.value
