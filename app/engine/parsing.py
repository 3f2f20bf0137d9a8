"""XML from outside, opened without trust: no entity, no network, bounded size."""

import re

from lxml import etree

from app.engine.reports import Finding

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
PRATICA = "{https://pratica.example/schema/bpmn/1.0}"
MAX_BYTES = 8 * 1024 * 1024
MAX_ELEMENTS = 2_000
MAX_FLOWS = 5_000
_TRUTHS = {"true": True, "1": True, "false": False, "0": False}
_FEEL = re.compile(r"(.*/)?feel(/\d*)?/?", re.IGNORECASE)


def parse(name: str, data: bytes) -> etree._Element | Finding:
    """Give the root of a BPMN file, or the one finding that says why it cannot be read."""
    if len(data) > MAX_BYTES:
        message = f"Expected a file of at most {MAX_BYTES} bytes, but {name} has {len(data)}"
        return Finding(name, None, "error", "too_large", message, "Split the process with call activities.")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as broken:
        message = f"Expected well-formed XML, but {name} breaks it: {broken.msg}"
        return Finding(name, None, "error", "xml", message, "Open and save the file in the studio.")
    if root.getroottree().docinfo.doctype:
        message = f"Expected a diagram without a document type or entities, but {name} declares them"
        return Finding(name, None, "error", "doctype", message, "Remove the <!DOCTYPE ...> at the top.")
    if root.tag != f"{BPMN}definitions":
        message = f"Expected <bpmn:definitions> as the root of {name}, but found <{local(root)}>"
        return Finding(name, None, "error", "not_bpmn", message, "Export the diagram as BPMN 2.0 XML.")
    return root


def local(node: etree._Element) -> str:
    """Give a tag's name without its namespace; comments and instructions have none."""
    return etree.QName(node).localname if isinstance(node.tag, str) else ""


def is_bpmn(node: etree._Element) -> bool:
    """Tell whether a node is an element of BPMN itself."""
    return isinstance(node.tag, str) and node.tag.startswith(BPMN)


def text_of(node: etree._Element | None) -> str | None:
    """Give the trimmed text of a node with its leading `=` dropped; None where there is none."""
    if node is None:
        return None
    return expression("".join(node.itertext()))


def expression(text: str | None) -> str | None:
    """Give a FEEL text without blanks around it and without the `=` that some editors write before it."""
    if text is None:
        return None
    text = text.strip()
    return (text[1:].strip() if text.startswith("=") else text) or None


def truth(node: etree._Element, name: str, *, default: bool) -> bool:
    """Give an attribute that XML Schema calls a boolean: true, 1, false or 0; the default where it is absent or no such text."""
    return _TRUTHS.get(node.get(name, "").strip(), default)


def is_truth(text: str) -> bool:
    """Tell whether a text is a boolean of XML Schema."""
    return text.strip() in _TRUTHS


def is_feel(language: str) -> bool:
    """Tell whether the name or address of an expression language means FEEL."""
    return _FEEL.fullmatch(language.strip()) is not None
