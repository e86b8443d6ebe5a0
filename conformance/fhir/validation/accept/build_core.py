"""Builds the compiled core where a compiler is at hand; where none is, the package stays pure Python.

A hook of the build (hatchling). What kept the core from being built is told as a warning of the build, never as a
failure; `conformance.fhir.validation.accept.engine()` says which walk runs. `CONFORMANCE_PURE=1` builds none.
"""

import hashlib
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

HERE = Path(__file__).resolve().parent
SOURCES = (
    "plan.py",
    "lexical.py",
    "walk.py",
    "targets.py",
    "rules.py",
    "bundles.py",
    "closures.py",
    "comparing.py",
    "leaves.py",
    "_core.pyx",
    "layouts.pxi",
    "scanners.pxi",
)
SCALE = HERE.parents[2] / "analysis" / "scale"
SCALE_SOURCES = (
    "gathering.py",
    "kinds.py",
    "piece.py",
    "records.py",
    "scanning.py",
    "splitting.py",
    "_core.pyx",
    "_quick.pxi",
    "_scanner.h",
    "_tally.h",
)


class CoreBuild(BuildHookInterface[Any]):
    """Adds the compiled core to a wheel, or to the sources of an editable installation."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - the interface
        """Called before the wheel is put together."""
        if self.target_name != "wheel":
            return
        if os.environ.get("CONFORMANCE_PURE") == "1":
            self.app.display_info("the compiled core is not built: CONFORMANCE_PURE is 1")
            return
        try:
            built = [compile_core(), compile_scan()]
        except Exception as failure:  # noqa: BLE001 - whatever a compiler lacks, the pure walk does
            self.app.display_warning(f"the compiled core is not built, the pure one will run: {failure}")
            return
        build_data["artifacts"] += [made.relative_to(self.root).as_posix() for made in built]
        build_data["pure_python"] = False
        build_data["infer_tag"] = True


def digest(folder: Path, sources: tuple[str, ...]) -> str:
    """SHA-256 of the sources that a compiled module must agree with."""
    found = hashlib.sha256()
    for name in sources:
        found.update((folder / name).read_bytes())
    return found.hexdigest()


def compile_core() -> Path:
    """Compiles the core of the validator; raises whatever the compiler does where it cannot."""
    return _compiled("conformance.fhir.validation.accept._core", HERE, SOURCES)


def compile_scan() -> Path:
    """Compiles the core of the analysis; raises whatever the compiler does where it cannot."""
    return _compiled("conformance.analysis.scale._core", SCALE, SCALE_SOURCES)


def _compiled(module: str, folder: Path, sources: tuple[str, ...]) -> Path:
    """The module, compiled beside its source."""
    from Cython.Build import cythonize  # type: ignore[import-not-found, import-untyped, unused-ignore] # noqa: PLC0415
    from setuptools import Distribution, Extension  # type: ignore[import-untyped, unused-ignore] # noqa: PLC0415

    with tempfile.TemporaryDirectory() as work:
        extension = Extension(
            module,
            [str(folder / "_core.pyx")],
            include_dirs=[str(folder)],
            define_macros=[("CORE_DIGEST", f'"{digest(folder, sources)}"')],
            extra_compile_args=["/O2"] if sys.platform == "win32" else ["-O3", "-g0"],
        )
        (made,) = cythonize([extension], build_dir=work, quiet=True)  # type: ignore[no-untyped-call, unused-ignore]
        distribution = Distribution({"name": "conformance-core", "ext_modules": [made]})
        command = distribution.get_command_obj("build_ext")
        command.build_lib = command.build_temp = work
        command.ensure_finalized()
        command.run()
        built = Path(command.get_ext_fullpath(made.name))
        target = folder / built.name
        fresh = target.with_suffix(
            ".new"
        )  # beside it, then renamed: a process that runs the old one keeps it
        fresh.write_bytes(built.read_bytes())
        fresh.chmod(0o755)
        fresh.replace(target)
    return target


if __name__ == "__main__":
    print(compile_core(), compile_scan())  # noqa: T201 - building by hand
