"""Makes the signed example reports of the gallery anew: `python docs/example_reports.py [PROFILE ...]`.

Each is a demo of the profile against the embedded reference supplier, kept as its bundle in `reports/gallery/`, and
signed with the demo key of whoever makes it; `reports/gallery.trust.toml` trusts that key for these reports alone. Make
them all anew when the key is another one, or when a check has changed so that they are judged differently.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from conformance.outside.trust import demo_key

GALLERY = Path(__file__).resolve().parent.parent / "reports" / "gallery"
TRUST = GALLERY.with_suffix(".trust.toml")
KEPT = (
    "e-referral-directory",
    "gp-connect-like",
    "nhs-app-surfaceable",
    "nhs-vaccination-record",
    "open-api",
    "smart-backend-services",
    "supplier-declaration",
)
"""The profiles whose reports are small enough to be kept."""

TRUSTED = """# Trusts the key that signed the reports in gallery/, and that only for the embedded reference supplier.
[[key]]
id = "{id}"
name = "the gallery's signer"
roles = ["self"]
only_embedded = true
pem = \"\"\"
{pem}\"\"\"
"""


def main(names: list[str]) -> int:
    """Make these examples, or all; the exit code."""
    GALLERY.mkdir(exist_ok=True)
    for name in names or KEPT:
        with tempfile.TemporaryDirectory() as work:
            run = Path(work) / name
            command = [
                "conformance",
                "demo",
                "--profile",
                name,
                "--quiet",
                "--views",
                "html",
                "--out",
                str(run),
            ]
            if code := subprocess.run(command, check=False).returncode:  # noqa: S603 - our own command
                print(f"{name}: the demo ended with {code}, so no example was kept", file=sys.stderr)
                return code
            shutil.copyfile(run / f"{name}.conformance.zip", GALLERY / f"{name}.conformance.zip")
    key = demo_key()
    TRUST.write_text(TRUSTED.format(id=key.keyid, pem=key.public_pem), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
