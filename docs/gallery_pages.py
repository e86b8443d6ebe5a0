"""The pages of the gallery: who needs which profile, and a page for each."""

from pathlib import Path

from example_reports import KEPT

from conformance.catalog import Catalog
from conformance.session.authoring.describing import described
from conformance.session.gallery import gallery
from conformance.session.suites import profile_named
from conformance.views.gallery_page import gallery_index, gallery_page

DOCS = Path(__file__).resolve().parent
FOLDER = "profiles-gallery"
EXAMPLES = {name: f"../../reports/gallery/{name}.conformance.zip" for name in KEPT}
"""Where signed example reports lie, seen from the pages."""

HEAD = """# Gallery: which profile do I need?

Written by `python docs/generate.py` from the profiles.

`conformance profiles list` shows the same list. `conformance advise` asks what you buy, what it must connect to and
what the contract is worth, and answers with text to paste into a tender:

```sh
conformance advise
conformance advise --buy vaccination --connect nhs-app --value 1,250,000 --threshold 138760 --out tender.yaml
conformance profiles lint tender.yaml
conformance run ./tender.yaml --target target.yaml
```

With `--out` it also writes a profile that asks all of it, with one result. Nothing is written over. There are
several files, each named in the answer, where one run cannot ask everything: a product's FHIR R4, FHIR STU3 and
OpenAPI interfaces are asked apart; and where a contract is so small that `nhs-anti-lock-in` only advises on what
another of the profiles demands, it stands alone, so that the other is not softened. What a profile takes over as a
whole is not named a second time. Fix all of it before bids are opened: [tenders](tenders.md).

The threshold is the buyer's own: none is set by default. Without `--threshold`, and with a value left empty, all
provisions for leaving are required. The profiles test what a product offers to others, never what it does as a
client of a national service.
"""


def gallery_pages(catalog: Catalog) -> dict[Path, str]:
    """All pages of the gallery by their paths."""
    shown = gallery()
    profiles = {
        name: profile_named(name, catalog) for audience in shown.audiences for name in audience.profiles
    }
    names = frozenset(profiles)
    return {
        DOCS / "gallery.md": HEAD + "\n".join(gallery_index(shown, profiles, FOLDER)) + "\n",
        **{
            DOCS / FOLDER / f"{name}.md": gallery_page(
                described(profiles[name], catalog), audience, EXAMPLES, names
            )
            for audience in shown.audiences
            for name in audience.profiles
        },
    }
