"""What must be right before anything of the application is imported."""
from __future__ import annotations

import importlib.util
from pathlib import Path

PACKAGES = ("rules", "workflow", "web")


def shadowed(beside: Path | None = None) -> list[str]:
    """One sentence per package of ours in whose place another one would be imported.

    ``rules``, ``workflow`` and ``web`` are common names: where another distribution brought one of them, half of the
    application would come from there, and fail later in ways that nobody could explain. ``beside`` is the folder in
    which all three must lie, by default the one that holds this file's package.
    """
    home = beside or Path(__file__).resolve().parents[1]
    troubles = []
    for name in PACKAGES:
        spec = importlib.util.find_spec(name)
        places = [Path(p).resolve() for p in (spec.submodule_search_locations or [])] if spec else []
        if home / name not in places:
            found = ", ".join(map(str, places)) or "nowhere"
            troubles.append(f"package '{name}' should come from {home / name} but is found in {found}; "
                            "install Nền Nếp in a virtual environment of its own")
    return troubles
