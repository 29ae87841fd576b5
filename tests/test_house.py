"""What the house promises about itself."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("config", "gateway", "outbound", "parsers")
FOLDERS = {*PACKAGES, ".ci", "bench", "docs", "scripts", "systemd", "tests"}
LONGEST = 400
_DEFINED = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def tracked() -> list[Path]:
    """Files under version control, or where there is none (a source archive) all that lie here."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        return [path for line in listed.stdout.splitlines() if (path := ROOT / line).is_file()]
    hidden = {".venv", "__pycache__", "node_modules"}
    return [path for path in ROOT.rglob("*") if path.is_file() and not hidden & set(path.relative_to(ROOT).parts)]


def python_files() -> list[Path]:
    return [path for path in tracked() if path.suffix == ".py"]


def our_modules() -> list[Path]:
    """The shipped packages' modules; migrations are written by a tool and run once."""
    ours = [path for path in python_files() if path.relative_to(ROOT).parts[0] in PACKAGES]
    return [path for path in ours if "migrations" not in path.parts]


def public_definitions(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, _DEFINED]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, _DEFINED) and not node.name.startswith("_"):
            yield prefix + node.name, node
            if isinstance(node, ast.ClassDef):
                yield from public_definitions(node, f"{prefix}{node.name}.")


def without_docstring(path: Path) -> list[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    missing = [] if ast.get_docstring(tree) else [f"{path.relative_to(ROOT)}: the module"]
    undocumented = [name for name, node in public_definitions(tree) if not ast.get_docstring(node)]
    return missing + [f"{path.relative_to(ROOT)}: {name}" for name in undocumented]


def imported(path: Path) -> set[str]:
    """Dotted names of what a module imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names


def test_every_public_name_says_what_it_is_for() -> None:
    assert [line for path in our_modules() for line in without_docstring(path)] == []


def test_a_module_can_be_read_in_a_sitting() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in our_modules()
    }
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST} == {}


def test_no_name_says_nothing() -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "misc", "base", "manager"}
    assert [str(path.relative_to(ROOT)) for path in python_files() if {path.stem, *path.parent.parts} & vague] == []


def test_the_card_shows_every_folder() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in tracked() if path.parent != ROOT} <= FOLDERS


def test_the_pure_core_imports_the_standard_library_and_itself() -> None:
    allowed = sys.stdlib_module_names | {"gateway", "config"}
    core = [path for path in our_modules() if path.is_relative_to(ROOT / "gateway" / "domain")]
    strangers = {name for path in core for name in imported(path) if name.partition(".")[0] not in allowed}
    assert strangers == set()
    assert core


@pytest.mark.parametrize("package", PACKAGES)
def test_each_top_level_package_has_one_owner(package: str) -> None:
    owners = set(packages_distributions().get(package, ()))
    assert owners <= {"referloop"}, f"{owners} install a package called {package}: this application needs its own .venv"


def test_the_environment_is_read_in_one_place() -> None:
    """Besides the settings, one file writes to it: pytesseract hands this process's own to the program it starts."""
    readers = {
        str(path.relative_to(ROOT)) for path in our_modules() if re.search(r"os\.(environ|getenv)\b", path.read_text())
    }
    assert readers <= {"config/load.py", "parsers/ocr/tesseract.py"}


def test_nothing_here_knows_the_machine_it_was_written_on() -> None:
    paths = re.compile(rb"(?<![\w./-])/(?:work|tmp|root|home|Users)/[\w.-]")
    named = re.compile(rb"\b(?:TODO|FIXME|XXX)\b")
    text = [
        path for path in tracked() if path.suffix in {".py", ".md", ".toml", ".sh", ".html", ".css", ".service", ""}
    ]
    checked = [path for path in text if path != Path(__file__)]
    assert [str(path.relative_to(ROOT)) for path in checked if paths.search(path.read_bytes())] == []
    assert [str(path.relative_to(ROOT)) for path in checked if named.search(path.read_bytes())] == []


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_every_locked_package_has_its_hashes_and_no_index_of_its_own(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    wanted = [block for block in re.split(r"\n(?=\S)", text) if block and not block.startswith("#")]
    assert wanted
    assert [block.partition(" ")[0] for block in wanted if "--hash=sha256:" not in block] == []


def test_the_locks_hold_everything_that_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    declared = project["project"]["dependencies"] + project["project"]["optional-dependencies"]["demo"]
    groups = project["dependency-groups"]
    for lock, wanted in (
        ("requirements.lock", declared + groups["build"]),
        ("requirements-dev.lock", declared + groups["build"] + groups["dev"]),
    ):
        locked = set(re.findall(r"^([\w.-]+)(?:\[.*\])?==", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE))
        names = {re.split(r"[\[<>=!~; ]", line)[0].lower() for line in wanted}
        assert names <= locked, f"run scripts/lock: {sorted(names - locked)}"


@pytest.mark.parametrize("script", ["run", "test", ".ci/run", "scripts/lock"])
def test_the_commands_can_be_started(script: str) -> None:
    assert (ROOT / script).stat().st_mode & 0o111
    done = subprocess.run(["bash", "-n", str(ROOT / script)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
