"""Fill an office's own form in Word, for so many people, in a process of its own: a template is code until shown not to
be. Started by `workers.sheets.form_documents` with an empty environment; imports nothing of the project.

Argument: seconds of processor time. In: JSON ``{template, known, photos, people: [{values, photo}], mm}`` (bytes in
base64; `known`: name → null, or the columns of a list of rows; `photos`: names that show the portrait). Out: READY,
then JSON ``{used, sometimes, unknown, documents}`` (`sometimes`: under a condition) or ``{refused}`` (a wording key).
"""

from __future__ import annotations

import base64
import io
import json
import re
import resource
import sys
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from docx.image.image import Image as Picture
from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage
from jinja2 import TemplateError, nodes
from jinja2.exceptions import SecurityError
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

MEMORY = 1 << 30  # bytes of address space
READY = b"ready\n"
MAIN = "word/document.xml"
FILLED = re.compile(r"word/(?:document|header\d*|footer\d*|footnotes)\.xml")  # all that docxtpl fills
_WITH_PHOTO = ("[Content_Types].xml", "word/_rels/document.xml.rels")
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the ZIP format's first moment: the same people give the same bytes
_LOOP = frozenset(("index", "first", "last", "length"))
_ALLOWED = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.Const, nodes.For, nodes.If),
    *(nodes.Not, nodes.And, nodes.Or, nodes.Compare, nodes.Operand),
)
Known = Mapping[str, Sequence[str] | None]


class Forms(ImmutableSandboxedEnvironment):
    """Values, rows and conditions, and nothing else of the language: what is not on the list does not compile, so there
    is nothing to call, to import or to count with, and a loop is as long as the person's own rows."""

    def __init__(self, known: Known) -> None:
        super().__init__(autoescape=True)
        self.filters, self.tests, self.globals = {}, {}, {}
        self.known, self.unknown = known, set[str]()
        self.used, self.sometimes = set[str](), set[str]()
        self._conditions = 0  # around the present node

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        self._look(tree, {})
        return tree

    def _look(self, node: nodes.Node, scope: Mapping[str, Sequence[str]]) -> None:
        if not isinstance(node, _ALLOWED):
            raise SecurityError(type(node).__name__)
        if isinstance(node, nodes.For):
            self._look_at_loop(node, scope)
        elif isinstance(node, nodes.Getattr):
            self._look_at_part(node, scope)
        elif isinstance(node, nodes.If):
            self._look(node.test, scope)
            self._look_under_condition((*node.body, *node.elif_, *node.else_), scope)
        else:
            if isinstance(node, nodes.Name):
                self._note(node.name, node.name in self.known or node.name in scope)
            for child in node.iter_child_nodes():
                self._look(child, scope)
                if isinstance(node, nodes.Output) and isinstance(child, nodes.Name):
                    self._look_at_shown(child.name)

    def _look_under_condition(self, body: Sequence[nodes.Node], scope: Mapping[str, Sequence[str]]) -> None:
        self._conditions += 1
        for child in body:
            self._look(child, scope)
        self._conditions -= 1

    def _look_at_shown(self, name: str) -> None:
        """Rows are shown column by column: as a whole they have no text."""
        if self.known.get(name, ()) is not None:
            self.unknown.add(name)

    def _look_at_loop(self, node: nodes.For, scope: Mapping[str, Sequence[str]]) -> None:
        if not isinstance(node.iter, nodes.Name) or not isinstance(node.target, nodes.Name):
            raise SecurityError("For")
        if node.recursive or node.test is not None:
            raise SecurityError("For")
        columns = self.known.get(node.iter.name)
        self._note(node.iter.name, columns is not None)
        inner = {**scope, node.target.name: tuple(columns or ()), "loop": tuple(_LOOP)}
        for child in node.body:
            self._look(child, inner)
        self._look_under_condition(node.else_, scope)

    def _look_at_part(self, node: nodes.Getattr, scope: Mapping[str, Sequence[str]]) -> None:
        if not isinstance(node.node, nodes.Name):
            raise SecurityError("Getattr")
        owner = node.node.name
        self._note(f"{owner}.{node.attr}", node.attr in scope.get(owner, ()))

    def _note(self, name: str, known: bool) -> None:
        (self.unknown if not known else self.sometimes if self._conditions else self.used).add(name)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """A column of a row, or where a loop stands; nothing of any other object."""
        if isinstance(obj, dict):
            return obj.get(attribute, "")
        if isinstance(obj, LoopContext) and attribute in _LOOP:
            return getattr(obj, attribute)
        return ""

    def call(__self, __context: Any, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805 - as in jinja2
        """Nothing may be called."""
        raise SecurityError("Call")


def limit(seconds: int) -> None:
    """Cap memory, processor time and files of this very process."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def work(order: Mapping[str, Any]) -> dict[str, Any]:
    """What was found in the template, and the filled documents unless a name is unknown."""
    data = base64.b64decode(order["template"])
    template, env = DocxTemplate(io.BytesIO(data)), Forms(order["known"])
    template.init_docx()
    env.parse(template.patch_xml(template.get_xml()))
    pictured = (env.used | env.sometimes) & set(order["photos"])
    env.known = {name: columns for name, columns in env.known.items() if name not in order["photos"]}
    for xml in _beside(template):  # a picture belongs to the page it stands on: none in headers and footers
        env.parse(template.patch_xml(xml))
    found = {"used": sorted(env.used), "sometimes": sorted(env.sometimes), "unknown": sorted(env.unknown)}
    if env.unknown:
        return {**found, "documents": []}
    env.known = order["known"]
    made = [_filled(data, template, env, person, pictured, order["mm"]) for person in order["people"]]
    return {**found, "documents": [base64.b64encode(one).decode() for one in made]}


def _beside(template: DocxTemplate) -> Iterator[str]:
    for uri in (template.HEADER_URI, template.FOOTER_URI):
        for _, part in template.get_headers_footers(uri):
            yield template.get_part_xml(part)


def _filled(
    data: bytes,
    template: DocxTemplate,
    env: Forms,
    person: Mapping[str, Any],
    pictured: set[str],
    mm: tuple[int, int],
) -> bytes:
    template.template_file.seek(0)
    template.render_init()
    values = dict(person["values"])
    photo = base64.b64decode(person["photo"])
    if photo and pictured:
        values |= dict.fromkeys(pictured, _picture(template, photo, mm))
    template.render(values, env, autoescape=True)
    out = io.BytesIO()
    template.save(out)
    return _rejoined(data, out.getvalue(), bool(photo and pictured))


def _picture(template: DocxTemplate, photo: bytes, mm: tuple[int, int]) -> Markup:
    """The picture as plain markup: the object itself would lead a template to the library and the file system."""
    size = Picture.from_blob(photo)
    wide = size.px_width * mm[1] > size.px_height * mm[0]
    template.current_rendering_part = template.docx.part
    room = {"width": Mm(mm[0])} if wide else {"height": Mm(mm[1])}
    return Markup(str(InlineImage(template, io.BytesIO(photo), **room)))  # noqa: S704 - made by the library


def _rejoined(template: bytes, filled: bytes, photo: bool) -> bytes:
    """The template's own parts, byte for byte, but for the words that were filled and the picture that came."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(template)) as old, zipfile.ZipFile(io.BytesIO(filled)) as new:
        parts = {name: old.read(name) for name in old.namelist() if not name.endswith("/")}
        for name in new.namelist():
            words = name in parts and FILLED.fullmatch(name) and (name == MAIN or b"{" in parts[name])
            came = photo and (name in _WITH_PHOTO or (name not in parts and name.startswith("word/media/")))
            if words or came:
                parts[name] = new.read(name)
    with zipfile.ZipFile(out, "w") as target:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, content)
    return out.getvalue()


def answer(order: bytes) -> bytes:
    """What the parent reads, whatever the template does."""
    try:
        found = work(json.loads(order))
    except SecurityError:
        found = {"refused": "template.form_code"}
    except TemplateError:
        found = {"refused": "template.form_syntax"}
    except MemoryError:
        found = {"refused": "template.form_too_heavy"}
    except Exception as error:
        # Readers fail in every way on hostile bytes; the type (never the message) goes to the log.
        found = {"refused": "document.refused.damaged", "error": type(error).__name__}
    return json.dumps(found).encode()


def main() -> None:
    """Limit, say so, read all, answer once."""
    limit(int(sys.argv[1]))
    sys.stdout.buffer.write(READY)
    sys.stdout.buffer.flush()
    sys.stdout.buffer.write(answer(sys.stdin.buffer.read()))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
