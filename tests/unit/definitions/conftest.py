"""Forms and bundles in hand for the tests of definitions."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from app.definitions.forms import Form, load_form

MakeForm = Callable[..., Form]


@pytest.fixture
def make_form() -> MakeForm:
    """Build a form of components, with the form's own properties."""

    def make(*components: dict[str, Any], **properties: Any) -> Form:
        form = {"type": "default", "id": "frm_x", "components": list(components), "properties": properties}
        return load_form(json.dumps(form).encode())

    return make
