"""Files of the law, read and held against their shape.

Every problem of every file is collected before anything is refused, and each one says file, line, key, what is wrong
and what was expected, so that a person who keeps the law mends a file in one go.
"""
from __future__ import annotations

import difflib
import types
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from rules import yaml12
from rules.schema import LawFile, LocalParameter, Parameter
from rules.yaml12 import Path, Tree, dotted

SHIPPED = FilePath(__file__).with_name("law")


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong in the law: where it stands, and what to do about it."""

    file: str
    line: int
    key: str
    message: str
    code: str = "form"
    warning: bool = False

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return ": ".join(part for part in (place, self.key, self.message) if part)

    def as_json(self) -> dict[str, Any]:
        return {"file": self.file, "line": self.line, "key": self.key, "message": self.message, "code": self.code,
                "severity": "warning" if self.warning else "error"}


class LawError(ValueError):
    """The law cannot be used; ``problems`` lists all that was found."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = sorted(problems)
        super().__init__("\n".join(str(p) for p in self.problems))


@dataclass(frozen=True)
class Source:
    """A file of the law as read: its name, its folder, its content and where everything stands in it."""

    name: str
    folder: FilePath
    law: LawFile
    tree: Tree = field(repr=False, default_factory=lambda: Tree(None))

    def problem(self, path: Path, message: str, code: str = "form", *, warning: bool = False) -> Problem:
        """A problem at a place given as in the shapes, where every rule or step is a list of versions."""
        value, written = self.tree.value, []
        for part in path:
            if isinstance(value, dict) and isinstance(part, int) and part not in value:
                continue
            written.append(part)
            if isinstance(value, dict):
                value = value.get(part)
            elif isinstance(value, list) and isinstance(part, int) and part < len(value):
                value = value[part]
        return Problem(self.name, self.tree.line(tuple(written)), dotted(tuple(written)), message, code, warning)


def read_folders(folders: Iterable[FilePath | str] | None = None) -> list[Source]:
    """Read the shipped law, or what replaces it, and the layers on top.

    A folder with any file that is not a layer replaces the shipped law; a folder of layer files is added to it. A
    single file counts as a folder that holds it alone.
    """
    replaced, central, layers = False, [], []
    problems: list[Problem] = []
    for folder in dict.fromkeys(FilePath(f) for f in folders or ()):
        sources, found = _read_folder(folder)
        problems += found
        replaced |= any(s.law.layer is None for s in sources)
        central += [s for s in sources if s.law.layer is None]
        layers += [s for s in sources if s.law.layer is not None]
    if not replaced and not problems:
        sources, problems = _read_folder(SHIPPED)
        central = [*sources, *central]
    if problems:
        raise LawError(problems)
    return [*central, *layers]


def _read_folder(folder: FilePath) -> tuple[list[Source], list[Problem]]:
    if folder.is_dir():
        files = sorted(f for f in folder.rglob("*") if f.suffix in (".yaml", ".yml") and f.is_file())
        root = folder
    else:
        files, root = [folder], folder.parent
    if not files:
        return [], [Problem(str(folder), 0, "", "no law file (*.yaml) is here; expected a folder of law files")]
    sources: list[Source] = []
    problems: list[Problem] = []
    for file in files:
        name = file.relative_to(root).as_posix()
        try:
            content = file.read_bytes()
        except OSError as error:
            problems.append(Problem(name, 0, "", f"the file cannot be read: {error.strerror}"))
            continue
        read = read_file(name, file.parent, content)
        if isinstance(read, Source):
            sources.append(read)
        else:
            problems += read
    return sources, problems


def read_file(name: str, folder: FilePath, content: bytes) -> Source | list[Problem]:
    """One file of the law, or everything that is wrong with its form."""
    try:
        tree = yaml12.read(content)
    except yaml12.YamlError as error:
        return [Problem(name, error.line, "", error.message)]
    problems = [Problem(name, e.line, "", e.message) for e in tree.problems]
    value = {} if tree.value is None else tree.value
    if not isinstance(value, dict):
        return [*problems, Problem(name, 1, "", f"expected keys such as {', '.join(list(LawFile.model_fields)[:6])} "
                                                f"at the top, found {_kind(value)}")]
    try:
        law = LawFile.model_validate(value, strict=True)
    except ValidationError as error:
        return [*problems, *_shape_problems(name, tree, error)]
    if problems:
        return problems
    source = Source(name, folder, law, tree)
    return list(_misplaced(source)) or source


def _misplaced(source: Source) -> Iterator[Problem]:
    """What a layer may not hold, and what only a layer may leave out."""
    law = source.law
    if law.layer is not None:
        for key in law.model_fields_set - {"layer", "parameters", "rules", "documents"}:
            yield source.problem((key,), "a layer of local law holds documents, parameters and rules only; "
                                         "move this to the central law")
        return
    for name, parameter in law.parameters.items():
        if not isinstance(parameter, Parameter):
            yield source.problem(("parameters", name), "the unit is missing; expected `unit:` with one of "
                                 + ", ".join(get_args(Parameter.model_fields["unit"].annotation)))


# --- errors of form -------------------------------------------------------------------------------------------------

def _shape_problems(name: str, tree: Tree, error: ValidationError) -> list[Problem]:
    layered = isinstance(tree.value, dict) and "layer" in tree.value
    unwanted = Parameter.__name__ if layered else LocalParameter.__name__
    found: dict[Path, list[dict[str, Any]]] = {}
    for item in error.errors(include_url=False):
        if unwanted in item["loc"]:
            continue
        path = _data_path(tree.value, item["loc"], item["type"])
        found.setdefault(path, []).append(dict(item))
    deepest = [p for p in found if not any(q != p and q[: len(p)] == p and _is_shape(found[p]) for q in found)]
    return sorted(Problem(name, tree.line(path), dotted(path), _message(path, found[path])) for path in deepest)


def _is_shape(items: list[dict[str, Any]]) -> bool:
    """Errors that only say that another branch of a union did not fit."""
    return all(i["type"].endswith("_type") for i in items)


def _data_path(value: Any, loc: Sequence[Any], kind: str) -> Path:
    """Where in the file an error lies: the location without the names of shapes that pydantic puts in."""
    path: list[Any] = []
    for position, part in enumerate(loc):
        if isinstance(value, dict):
            key = next((k for k in value if k == part or repr(k) == part), None)
            if key is not None:
                value = value[key]
                path.append(key)
            elif position == len(loc) - 1 and kind == "missing":
                path.append(part)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
            path.append(part)
    return tuple(path)


_EXPECTED = {
    "string_type": "a text", "int_type": "a whole number", "bool_type": "true or false", "date_type": "a date yyyy-mm-dd",
    "dict_type": "keys with values", "list_type": "a list", "model_type": "keys with values", "none_required": "nothing",
    "date_from_datetime_inexact": "a date yyyy-mm-dd", "model_attributes_type": "keys with values",
}


def _message(path: Path, items: list[dict[str, Any]]) -> str:
    kinds = {i["type"] for i in items}
    if "missing" in kinds:
        return "the key is missing; it is required here"
    if "extra_forbidden" in kinds:
        return f"no such key here{near(str(path[-1]), _allowed(path[:-1]), 'expected one of ')}"
    for item in items:
        if item["type"] == "value_error":
            return str(item["ctx"]["error"])
    found = items[0]["input"]
    words = []
    for item in items:
        if item["type"] == "literal_error":
            choices = item["ctx"]["expected"].replace(" or ", ", ").replace("'", "")
            if isinstance(found, str):
                return f"found {found}{near(found, choices.split(', '), 'expected one of ')}"
            words.append(f"one of {choices}")
        else:
            words.append(_EXPECTED.get(item["type"], item["msg"].removeprefix("Input should be ")))
    hint = " (put it in quotes to make it a text)" if words == ["a text"] and not isinstance(found, (dict, list)) else ""
    return f"found {_kind(found)}; expected {' or '.join(dict.fromkeys(words))}{hint}"


def near(word: str, names: Iterable[str], otherwise: str = "") -> str:
    """``; did you mean a, b?`` or, when nothing is near, ``; expected one of ...``."""
    names = sorted(set(names))
    close = difflib.get_close_matches(word, names, n=3, cutoff=0.6)
    if not close:
        tail = word.rsplit(".", 1)[-1]
        close = [n for n in names if n.rsplit(".", 1)[-1] == tail][:3]
    if close:
        return f"; did you mean {', '.join(close)}?"
    return f"; {otherwise}{', '.join(names)}" if otherwise and names else ""


def _kind(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "keys with values"
    if isinstance(value, list):
        return "a list"
    return f"`{value}`"


def _allowed(path: Path) -> set[str]:
    """The keys that may stand at a place of a law file."""
    spots: list[Any] = [LawFile]
    for part in path:
        spots = [inner for spot in spots for inner in _step_into(spot, part)]
    return {f.alias or n for spot in spots for m in _models(spot) for n, f in m.model_fields.items()}


def _step_into(spot: Any, part: Any) -> list[Any]:
    out: list[Any] = []
    for kind in _alternatives(spot):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            out += [f.annotation for n, f in kind.model_fields.items() if part in (n, f.alias)]
        elif get_origin(kind) is dict:
            out.append(get_args(kind)[1])
        elif get_origin(kind) is list:
            # One version may be written without its list: the key then belongs to the item.
            item = get_args(kind)[0]
            out += [item] if isinstance(part, int) else _step_into(item, part)
    return out


def _alternatives(spot: Any) -> list[Any]:
    origin = get_origin(spot)
    if origin is Annotated:
        return _alternatives(get_args(spot)[0])
    if origin in (Union, types.UnionType):
        return [a for arg in get_args(spot) for a in _alternatives(arg)]
    return [spot]


def _models(spot: Any) -> list[type[BaseModel]]:
    out: list[type[BaseModel]] = []
    for kind in _alternatives(spot):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            out.append(kind)
        elif get_origin(kind) is list:
            out += _models(get_args(kind)[0])
    return out
