"""A line of the error summary names its field as people find it on the page."""

import json

import pytest

from app.definitions import forms
from app.web.problems import place

form = forms.load_form(
    json.dumps(
        {
            "id": "frm",
            "type": "default",
            "schemaVersion": 19,
            "components": [
                {"type": "textfield", "key": "nome", "label": "Nome del progetto"},
                {
                    "type": "group",
                    "label": "Passo uno",
                    "properties": {"section": True},
                    "components": [
                        {
                            "type": "group",
                            "path": "referente",
                            "label": "Referente",
                            "components": [{"type": "textfield", "key": "nome", "label": "Nome"}],
                        },
                        {
                            "type": "dynamiclist",
                            "path": "partner",
                            "label": "Partner",
                            "components": [
                                {"type": "textfield", "key": "nome", "label": "Denominazione"},
                                {
                                    "type": "group",
                                    "label": "Sede",
                                    "components": [{"type": "textfield", "key": "via", "label": "Via"}],
                                },
                            ],
                        },
                    ],
                },
            ],
        }
    ).encode()
)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("nome", "Nome del progetto"),
        ("referente.nome", "Referente, Nome"),
        ("partner", "Partner"),
        ("partner.2", "Partner 3"),
        ("partner.2.nome", "Partner 3, Denominazione"),
        ("partner.0.via", "Partner 1, Sede, Via"),
        ("partner.0.altro", "Partner 1, altro"),
        ("altro", "altro"),
        ("", ""),
    ],
)
def test_a_path_is_told_with_the_names_of_what_it_stands_in(path: str, words: str) -> None:
    assert place(path, form.fields, "it") == words
