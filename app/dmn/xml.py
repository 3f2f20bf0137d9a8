"""Reading DMN's XML: hardened, and blind to which of the versions 1.2 to 1.5 wrote it."""

from collections.abc import Iterator

from lxml import etree

from app.dmn.errors import DmnError
from app.feel import FeelError, FeelSyntaxError

NAMESPACES = frozenset(
    {
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
    }
)
Element = etree._Element  # noqa: SLF001 - lxml has no public name for its element


def read(source: bytes | str) -> Element:
    """Give the definitions of a DMN file; raises DmnError for anything else."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    data = source.encode() if isinstance(source, str) else source
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as broken:
        raise DmnError(f"Expected an XML file, but {broken}", code="xml") from broken
    if root.getroottree().docinfo.doctype:
        raise DmnError("Expected DMN without a document type, but it has one", code="xml")
    name = etree.QName(root)
    if name.localname != "definitions" or name.namespace not in NAMESPACES:
        raise DmnError(f"Expected DMN 1.2 to 1.5, but the root is {name.text}", code="version")
    return root


def local(element: Element) -> str:
    """Give an element's name without its namespace; nothing for a comment."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def children(element: Element, *names: str) -> Iterator[Element]:
    """Give the child elements of DMN's own namespace that have one of these names, or all."""
    for child in element:
        if isinstance(child.tag, str) and etree.QName(child).namespace in NAMESPACES:
            name = local(child)
            if not names or name in names:
                yield child


def child(element: Element, *names: str) -> Element | None:
    """Give the first child of one of these names."""
    return next(children(element, *names), None)


def text(element: Element | None) -> str:
    """Give the text of an element's `text` child, without the space around it."""
    inner = None if element is None else child(element, "text")
    return "" if inner is None else "".join(inner.itertext()).strip()


def expression(element: Element | None) -> str:
    """Give the text of an expression; a leading `=`, as some editors write it, is dropped."""
    found = text(element)
    return found[1:].lstrip() if found.startswith("=") else found


def refuse_other_language(element: Element, where: str) -> None:
    """Refuse an expression in another language than FEEL, or one that lies in another file: it would run wrongly."""
    language = (
        element.get("expressionLanguage")
        or element.getroottree().getroot().get("expressionLanguage")
        or "feel"
    )
    if "feel" not in language.lower() or child(element, "importedValues") is not None:
        raise DmnError(
            f"{where}: Expected an expression in FEEL, but it is in {language} or imported",
            code="language",
            element=element.get("id") or "",
        )


def name_of(element: Element | None) -> str:
    """Give an element's name as FEEL has it: runs of space are one."""
    return " ".join((element.get("name") or "").split()) if element is not None else ""


def type_of(element: Element | None) -> str:
    """Give the type an element refers to, or nothing."""
    if element is None:
        return ""
    inner = child(element, "typeRef")
    return (element.get("typeRef") or ("" if inner is None else "".join(inner.itertext()))).strip()


def located(problem: FeelError, element: Element, where: str) -> DmnError:
    """Say of a broken expression in which element of the file it stands."""
    code = "syntax" if isinstance(problem, FeelSyntaxError) else "limit"
    identity = element.get("id") or ""
    place = f"line {element.sourceline}" + (f", {identity}" if identity else "")
    return DmnError(f"{where} ({place}): {problem}", code=code, element=identity)
