"""The gallery that comes with the harness, read and held against the profiles that there are."""

from functools import lru_cache

from pydantic import ValidationError

from conformance.errors import Unreadable
from conformance.model.gallery import Gallery
from conformance.model.marked_yaml import read_yaml
from conformance.outside.places import ProfileLibrary, shipped

FILE = "gallery/gallery.yaml"


@lru_cache(maxsize=1)
def gallery() -> Gallery:
    """Who needs which of the shipped profiles. Raises Unreadable where the file is damaged or names others."""
    path = shipped("profiles") / FILE
    try:
        marked = read_yaml(path.read_text("utf-8"), str(path))
        found = None if marked.problems else Gallery.model_validate(marked.value)
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        raise Unreadable(f"the gallery {path} cannot be read: {error}") from error
    if found is None:
        raise Unreadable(f"the gallery {path}, line {marked.problems[0].line}: {marked.problems[0].message}")
    if unknown := sorted(set(found.named()) - set(ProfileLibrary().names())):
        raise Unreadable(f"the gallery {path} names profiles that do not come with it: {', '.join(unknown)}")
    return found
