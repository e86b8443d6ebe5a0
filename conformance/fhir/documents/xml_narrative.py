"""The narrative of an XML document as the text that JSON holds: one `div` that stands for itself."""

__all__ = ["NarrativeWriter", "split_name"]

_XML = "http://www.w3.org/XML/1998/namespace"
_IN_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_IN_VALUE = {**_IN_TEXT, **str.maketrans({'"': "&quot;", "\n": "&#10;", "\t": "&#9;"})}


def split_name(name: str) -> tuple[str, str, str]:
    """Namespace, local name and prefix of a name as expat gives it (`uri local prefix`, `uri local` or `local`)."""
    parts = name.split(" ")
    if len(parts) == 1:
        return "", parts[0], ""
    return parts[0], parts[1], parts[2] if len(parts) > len(("uri", "local")) else ""


class NarrativeWriter:
    """Writes what a parser meets between `<div>` and `</div>` as text that is whole without its document."""

    def __init__(self) -> None:
        self._out: list[str] = []
        self._open: list[tuple[str, str]] = []
        self._tag_open = False

    @property
    def depth(self) -> int:
        """How many elements are open."""
        return len(self._open)

    @property
    def text(self) -> str:
        """What was written."""
        return "".join(self._out)

    def start(self, name: str, attributes: list[str]) -> None:
        """An element begins; `attributes` are names and values in turn."""
        self._end_tag()
        uri, local, _ = split_name(name)
        pieces = [f"<{local}"]
        if uri != (self._open[-1][0] if self._open else ""):
            pieces.append(f" xmlns={_quoted(uri)}")
        for at in range(0, len(attributes), 2):
            space, attribute, prefix = split_name(attributes[at])
            if space == _XML:
                attribute = f"xml:{attribute}"
            elif space:
                attribute = f"{prefix or 'a'}:{attribute}"
                pieces.append(f" xmlns:{prefix or 'a'}={_quoted(space)}")
            pieces.append(f" {attribute}={_quoted(attributes[at + 1])}")
        self._out.append("".join(pieces))
        self._open.append((uri, local))
        self._tag_open = True

    def end(self) -> None:
        """The innermost element ends."""
        _, local = self._open.pop()
        self._out.append("/>" if self._tag_open else f"</{local}>")
        self._tag_open = False

    def characters(self, text: str) -> None:
        """Text within an element."""
        self._end_tag()
        self._out.append(text.translate(_IN_TEXT))

    def comment(self, text: str) -> None:
        """A comment."""
        self._end_tag()
        self._out.append(f"<!--{text}-->")

    def instruction(self, target: str, text: str) -> None:
        """A processing instruction."""
        self._end_tag()
        self._out.append(f"<?{target} {text}?>")

    def _end_tag(self) -> None:
        if self._tag_open:
            self._out.append(">")
            self._tag_open = False


def _quoted(value: str) -> str:
    return f'"{value.translate(_IN_VALUE)}"'
