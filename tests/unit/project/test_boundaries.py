"""Who may import whom, that the domain is pure, and what no file of the project may hold."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.needs import program

ROOT = Path(__file__).parents[3]
PACKAGES = ("risk", "flink_jobs", "generator", "sinks")
# What each room may import besides itself: the arrows of ARCHITECTURE.md, all of them downwards.
BASE = {
    *("risk.errors", "risk.paths", "risk.secret_file", "risk.waiting", "risk.background"),
    "risk.config",
}
MAY_IMPORT: dict[str, set[str]] = {
    "risk.errors": set(),
    "risk.paths": set(),
    "risk.waiting": set(),
    "risk.background": set(),
    "risk.secret_file": {"risk.config"},
    "risk.config": set(),
    "risk.logs": {"risk.config", "risk.engine"},
    "risk.engine": {"risk.config"},
    "risk.kafka": {*BASE, "risk.engine"} - {"risk.paths"},
    "sinks": {"risk.config", "risk.secret_file", "risk.engine"},
    "generator": {"risk.config", "risk.engine"},
    "flink_jobs": {"risk.errors", "risk.config", "risk.logs", "risk.engine", "risk.kafka", "sinks"},
    "risk.monitoring": {"risk.config", "risk.kafka"},
    "risk.dashboards": {"risk.paths", "risk.config"},
    "risk.derived": {"risk.paths", "risk.engine"},
    "risk.registry": {"risk.config", "risk.engine", "sinks"},
    "risk.audit": {"risk.config", "risk.engine", "sinks"},
    "risk.stack": {*BASE, "risk.kafka"},
    "risk.ops": {
        *(*BASE, "risk.engine", "risk.kafka", "risk.registry", "risk.audit", "risk.stack"),
        *("risk.logs", "flink_jobs", "generator", "sinks"),
    },
    "risk.verify": {
        *(*BASE, "risk.engine", "risk.kafka", "risk.registry", "risk.audit", "risk.stack"),
        *("risk.ops", "flink_jobs", "generator", "sinks"),
    },
    "risk.bench": {
        *(*BASE, "risk.engine", "risk.kafka", "risk.registry", "risk.stack"),
        *("flink_jobs", "generator", "sinks"),
    },
    "risk.container": {*BASE, "risk.stack", "risk.ops"},
}
# The page shows and asks as a command does.
MAY_IMPORT["risk.console"] = set(MAY_IMPORT) - {"risk.container", "risk.dashboards", "risk.derived"}
# A command parses and shows: it may call all that isn't a command.
MAY_IMPORT["risk.cli"] = set(MAY_IMPORT) - {"risk.container", "risk.dashboards", "risk.derived"}
MOST_LINES = 250

# An allow list: a module that isn't here may read a clock, a file, a socket or the environment.
PURE = frozenset(
    (
        *("__future__", "abc", "array", "ast", "bisect", "collections", "contextlib", "copy"),
        *("dataclasses", "datetime", "decimal", "difflib", "enum", "fractions", "functools"),
        *(
            "hashlib",
            "heapq",
            "ipaddress",
            "itertools",
            "json",
            "keyword",
            "math",
            "operator",
            "re",
        ),
        *("string", "struct", "textwrap", "types", "typing", "unicodedata", "zlib"),
        *("msgspec", "numpy", "yaml", "risk"),
    )
)
IMPURE_CALLS = frozenset({"open", "print", "input", "exec", "eval", "__import__", "breakpoint"})
# Compilers run what they have built themselves, of known forms.
MAY_EXEC = {
    Path("risk/engine/rules/compiler.py"),
    Path("risk/engine/features/declared/compiler.py"),
}
PURE_ROOMS = ("risk/config", "risk/engine")
CLOCK_CALLS = frozenset({"now", "utcnow", "today"})


def modules(*packages: str) -> list[Path]:
    found = [path for package in packages for path in sorted((ROOT / package).rglob("*.py"))]
    return [path.relative_to(ROOT) for path in found]


def tree(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


def imported(module: ast.Module) -> set[str]:
    """The top-level names of all imports, those inside of functions too."""
    found = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: a relative import"
            found.add((node.module or "").partition(".")[0])
    return found


def tracked(pattern: str = "*") -> list[Path]:
    """The text files under version control."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: clone the project to run this")
    command = (program("git"), "-c", f"safe.directory={ROOT}", "ls-files", "-z", "--", pattern)
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True)
    paths = [Path(name) for name in listed.stdout.split("\0") if name]
    return [path for path in paths if (ROOT / path).is_file() and text(path) is not None]


def text(path: Path) -> str | None:
    try:
        return (ROOT / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


@pytest.mark.parametrize("path", modules(*PURE_ROOMS), ids=str)
def test_the_engine_is_pure(path: Path) -> None:
    module = tree(path)
    impure = IMPURE_CALLS - ({"exec"} if path in MAY_EXEC else set())
    assert imported(module) <= PURE
    for node in ast.walk(module):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name):
            assert node.func.id not in impure, f"line {node.lineno}"
        if isinstance(node.func, ast.Attribute):
            assert node.func.attr not in CLOCK_CALLS, f"line {node.lineno}"


def room(module: str) -> str:
    """The room that a module is in: a package of the top level, or one within risk/."""
    return ".".join(module.split(".")[: 2 if module.startswith("risk.") else 1])


def rooms(module: ast.Module) -> set[str]:
    """The rooms that a module imports."""
    found = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            found |= {room(alias.name) for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "risk":
            found |= {f"risk.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(room(node.module))
    return {name for name in found if name.partition(".")[0] in (*PACKAGES, "tests")}


@pytest.mark.parametrize("path", modules(*PACKAGES), ids=str)
def test_a_room_imports_only_those_below_it(path: Path) -> None:
    own = room(".".join(path.with_suffix("").parts))
    if own != "risk.__init__":
        assert rooms(tree(path)) <= {own, *MAY_IMPORT[own]}


def test_the_arrows_between_rooms_make_no_circle() -> None:
    left = dict(MAY_IMPORT)
    while floor := [name for name, below in left.items() if not below & set(left)]:
        for name in floor:
            del left[name]
    assert left == {}


@pytest.mark.parametrize("path", modules(*PACKAGES), ids=str)
def test_every_module_says_what_it_is(path: Path) -> None:
    if (ROOT / path).stat().st_size:
        assert ast.get_docstring(tree(path)), f"{path}: no docstring"


def test_the_engine_needs_nothing_but_msgspec_numpy_and_yaml(tmp_path: Path) -> None:
    for name in ("msgspec", "numpy", "yaml", "_yaml"):
        spec = find_spec(name)
        if spec and spec.origin:
            folder = Path(spec.origin).parent
            (tmp_path / name).symlink_to(folder)
            libraries = folder.with_name(f"{name}.libs")  # where a wheel keeps its own
            if libraries.exists():
                (tmp_path / libraries.name).symlink_to(libraries)
    names = [
        ".".join(path.with_suffix("").parts).removesuffix(".__init__")
        for path in modules(*PURE_ROOMS)
    ]
    code = f"import sys; sys.path += {[str(tmp_path), str(ROOT)]!r}\n"
    code += "\n".join(f"import {name}" for name in names)
    # -I -S: no environment and no site-packages, so no third party but those linked above.
    done = subprocess.run(
        (sys.executable, "-I", "-S", "-B", "-c", code), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_no_module_is_long() -> None:
    lines = {path: (text(path) or "").count("\n") for path in modules(*PACKAGES)}
    assert {path: count for path, count in lines.items() if count > MOST_LINES} == {}


def test_no_group_is_asked_about_by_an_admin_client() -> None:
    """It ends the process once a broker has restarted: see risk/kafka/group_offsets.py."""
    asked = ".list_consumer_group_" + "offsets("
    assert [path for path in modules(*PACKAGES, "tests") if asked in (text(path) or "")] == []


MARKUP = re.compile(r"</?(?:html|body|div|section|span|svg|g|table|tr|td|th|rect|circle)\b[ />]")


def test_markup_is_in_templates_which_only_commands_and_the_page_render() -> None:
    for path in modules(*PACKAGES):
        assert not MARKUP.search(text(path) or ""), path
        if path.parts[:2] not in (("risk", "cli"), ("risk", "console")):
            assert "jinja2" not in imported(tree(path)), path


# In pieces, so that this file doesn't name them either.
HOSTS = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("repo", "maven", "apache", "org"),
        ("repo1", "maven", "org"),
        ("npmjs", "org"),
        ("crates", "io"),
        ("proxy", "golang", "org"),
        ("deb", "debian", "org"),
    )
]


def test_no_file_names_a_package_registry() -> None:
    """Where packages come from is the machine's to say: a mirror, a cache, a registry."""
    for path in tracked():
        content = (text(path) or "").lower()
        assert [host for host in HOSTS if host in content] == [], path


_NAME = r"\w*(?:password|passwd|secret|api_?key|access_?key|private_?key)"
IN_QUOTES = re.compile(rf"(?i)\b{_NAME}[\"']?\s*[:=]\s*[\"'](?![${{<])[^\"'\s]{{4,}}[\"']")
BARE = re.compile(rf"(?im)^\s*-?\s*{_NAME}\s*[:=][ \t]*(?![${{<\"'#]|null\b|~)\S{{4,}}")
KEYS = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY|\bAKIA[0-9A-Z]{16}\b|\bgh[ps]_\w{36}")
CONFIGURATION = {".yaml", ".yml", ".env", ".properties", ".conf", ".ini", ".toml"}


def secrets(path: Path, content: str) -> list[str]:
    found = [*KEYS.findall(content)]
    if path.parts[0] != "tests":
        found += IN_QUOTES.findall(content)
        found += BARE.findall(content) if path.suffix in CONFIGURATION else []
    return found


def test_no_file_holds_a_secret() -> None:
    for path in tracked():
        assert secrets(path, text(path) or "") == [], path


@pytest.mark.parametrize(
    ("name", "line", "caught"),
    [
        ("a.py", 'password = "hunter2"', True),
        ("a.py", "{'db_password': 'hunter2'}", True),
        ("a.py", "password: str | None = None", False),
        ("a.py", 'password = environment["RISK_POSTGRES__PASSWORD"]', False),
        ("a.yaml", "  password: hunter2", True),
        ("a.yaml", "  POSTGRES_PASSWORD: ${POSTGRES_PASSWORD}", False),
        ("a.yaml", "  password:\n  user: risk", False),
        ("a.md", "-----BEGIN RSA " + "PRIVATE KEY-----", True),
    ],
)
def test_a_secret_is_found(name: str, line: str, caught: bool) -> None:
    assert bool(secrets(Path(name), line)) is caught
