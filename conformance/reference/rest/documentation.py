"""/docs: the supplier's documentation and exit plan, open to anyone."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response

from conformance.reference.forms.outcomes import not_found
from conformance.reference.supplier import Supplier

_MEDIA_TYPES = {
    ".md": "text/markdown; charset=utf-8",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
}


async def document(supplier: Supplier, request: Request) -> Response:
    """Answer GET /docs/...: one file of the documentation folder."""
    if not supplier.behaviour.security.documentation_open:
        return RedirectResponse(f"{supplier.settings.origin}/login", status_code=302)
    root = supplier.settings.docs_dir
    path = _inside(root, request.path_params["path"]) if root else None
    if path is None:
        raise not_found("There is no such document")
    return FileResponse(path, media_type=_MEDIA_TYPES.get(path.suffix))


async def login(supplier: Supplier, _: Request) -> Response:
    """Answer GET /login, where the documentation sends readers if it is not open."""
    if supplier.behaviour.security.documentation_open:
        raise not_found("There is nothing here")
    page = (
        "<!DOCTYPE html><html><head><title>Log in</title></head><body><h1>Customer log-in</h1></body></html>"
    )
    return Response(page, media_type="text/html")


def _inside(root: Path, name: str) -> Path | None:
    path = (root / name).resolve()
    if path.is_dir():
        path /= "index.html"
    return path if path.is_relative_to(root.resolve()) and path.is_file() else None
