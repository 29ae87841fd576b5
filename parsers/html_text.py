"""HTML to plain text, as a person would see it: no scripts, no styles, nothing hidden; quotes marked with `>`."""

import re
from html.parser import HTMLParser

_MAX_HTML = 600_000
_SILENT = frozenset({"script", "style", "head", "title", "template", "noscript", "svg", "object", "iframe", "select"})
_BLOCKS = frozenset(
    {"p", "div", "tr", "table", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "section", "article", "pre", "hr"}
    | {"header", "footer", "blockquote", "address", "dl", "dt", "dd", "center", "form", "main"}
)
_VOID = frozenset(
    {"br", "img", "hr", "meta", "link", "input", "area", "base", "col", "wbr", "source", "embed", "param"}
)
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|mso-hide\s*:\s*all",
    re.IGNORECASE,
)
_QUOTING = re.compile(r"gmail_quote|yahoo_quoted|protonmail_quote|zmail", re.IGNORECASE)
_INDENT = re.compile(r"border(?:-left)?\s*:\s*(?:none|0)\b", re.IGNORECASE)
"""A blockquote without its line at the left is a writer's indented paragraph."""
_OLDER_MAIL = frozenset(
    {"divrplyfwdmsg", "appendonsend", "outlookmessageheader", "mail-editor-reference-message-container"}
)
_MOST_OPEN = 2000


def _is_quotation(tag: str, told: dict[str, str]) -> bool:
    """Whether an element holds an older mail; a Gmail `div` also holds forwards and says so in words."""
    kind = told.get("class", "")
    if tag == "blockquote":
        return told.get("type") == "cite" or bool(_QUOTING.search(kind)) or not _INDENT.search(told.get("style", ""))
    return tag == "div" and "yahoo_quoted" in kind


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.silent: list[str] = []  # open tags inside a silent one, the silent one first
        self.open: list[tuple[str, bool]] = []  # blockquotes and divs, and whether they quote
        self.quotes = 0

    def _newline(self) -> None:
        self.pieces.append("\n")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br" and not self.silent:
            self._newline()
        if tag == "hr" and not self.silent:
            self.pieces.append("\n")
        if tag in _VOID:
            return
        told = {name: content or "" for name, content in attrs}
        if self.silent or tag in _SILENT or _HIDDEN.search(told.get("style", "")):
            if len(self.silent) < 2000:
                self.silent.append(tag)
            return
        if tag in {"blockquote", "div"}:
            self._enter(tag, _is_quotation(tag, told))
        if tag in _BLOCKS:
            self._newline()
        elif tag in {"td", "th"}:
            self.pieces.append("\t")
        if told.get("id", "").lower() in _OLDER_MAIL:
            self.pieces.append("\n________________________________\n")

    def handle_endtag(self, tag: str) -> None:
        if self.silent:
            if tag in self.silent:
                while self.silent and self.silent.pop() != tag:
                    pass
            return
        if tag in _BLOCKS:
            self._newline()
        if tag in {"blockquote", "div"}:
            self._leave(tag)

    def _enter(self, tag: str, is_quotation: bool) -> None:
        if len(self.open) < _MOST_OPEN:
            self.open.append((tag, is_quotation))
            self.quotes += is_quotation

    def _leave(self, tag: str) -> None:
        if not any(open_tag == tag for open_tag, _ in self.open[-50:]):
            return
        while self.open:
            open_tag, is_quotation = self.open.pop()
            self.quotes -= is_quotation
            if open_tag == tag:
                return

    def handle_data(self, data: str) -> None:
        if self.silent:
            return
        text = re.sub(r"[ \t\r\n\f\xa0]+", " ", data)
        if self.quotes and text.strip():
            self.pieces.append("\x00")
        self.pieces.append(text)


def html_text(html: str) -> str:
    """The visible text. What is too long is cut; broken markup gives what can be had."""
    reader = _Reader()
    reader.feed(html[:_MAX_HTML])
    reader.close()
    lines = "".join(reader.pieces).split("\n")
    shown = [_line(line) for line in lines]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(shown)).strip()


def _line(line: str) -> str:
    quoted = "\x00" in line
    text = re.sub(r" *\t *", "   ", line.replace("\x00", "").strip(" \t")).strip()
    return f"> {text}" if quoted and text else text
