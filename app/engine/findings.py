"""Every static finding of a bundle's diagrams, all at once."""

from app.domain.bundles import Bundle
from app.engine.examination import Examination
from app.engine.reports import Finding

__all__ = ["Finding", "examine"]


def examine(bundle: Bundle) -> list[Finding]:
    """Give all findings, errors and warnings, in the order of files and elements; an empty list is a sound bundle."""
    return Examination(bundle).findings
