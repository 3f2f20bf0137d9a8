"""BPMN and DMN files as XML trees, read without entities, network or external definitions."""

from collections.abc import Iterator

from lxml import etree

from app.domain.errors import DefinitionInvalid

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
PRATICA = "https://pratica.example/schema/bpmn/1.0"


def parse(name: str, data: bytes) -> etree._Element:
    """Give the root of an XML file; raises DefinitionInvalid for broken XML and for a document type or entity."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as broken:
        raise DefinitionInvalid(f"Expected {name} to be well-formed XML, but: {broken}.") from broken
    if root.getroottree().docinfo.doctype:
        raise DefinitionInvalid(f"Expected {name} to have no DOCTYPE and no entities, but it declares one.")
    return root


def local(element: etree._Element) -> str:
    """Give an element's name without its namespace; empty for comments and instructions."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def namespace(element: etree._Element) -> str:
    """Give an element's namespace; empty where it has none."""
    return (etree.QName(element).namespace or "") if isinstance(element.tag, str) else ""


def pratica(element: etree._Element, name: str) -> str:
    """Give the value of one of our own attributes; empty where it is absent."""
    return str(element.get(f"{{{PRATICA}}}{name}", "")).strip()


def each(root: etree._Element, *names: str) -> Iterator[etree._Element]:
    """Give the BPMN elements of these names, in document order."""
    yield from root.iter(*(f"{{{BPMN}}}{name}" for name in names))
