"""Who reads what a task was answered with: the office everything, a party what parties answered."""

import json

from app.services import cases, submitted, tasks
from tests.small import anna, bruno, carla, flows

FORM = {
    "id": "frm_nota",
    "type": "default",
    "properties": {"title_en": "Note"},
    "components": [
        {
            "id": "nota",
            "type": "textfield",
            "key": "nota",
            "label": "Nota",
            "properties": {"label_en": "Note"},
        }
    ],
}


def lanes(**elements: str) -> str:
    drawn = "".join(
        f'<bpmn:lane id="l_{name}" name="{name}"><bpmn:flowNodeRef>{element}</bpmn:flowNodeRef></bpmn:lane>'
        for name, element in elements.items()
    )
    return f'<bpmn:laneSet id="ls">{drawn}</bpmn:laneSet>'


BODY = (
    '<bpmn:startEvent id="s"/><bpmn:userTask id="u" pratica:form="frm_nota" pratica:result="domanda"/>'
    '<bpmn:userTask id="v" pratica:form="frm_nota" pratica:result="verifica"/><bpmn:endEvent id="e"/>'
    + flows("s>u", "u>v", "v>e")
    + lanes(richiedente="u", ufficio="v")
)


def test_the_notes_of_the_office_are_not_read_by_the_party_they_are_about(house, deploy):
    deploy("prova", BODY, files={"forms/frm_nota.json": json.dumps(FORM).encode()})
    case = cases.start(house, "prova", carla)
    tasks.complete(house, f"{case.id}/1", {"nota": "della parte"}, carla)
    tasks.complete(house, f"{case.id}/2", {"nota": "interna"}, anna)
    read = {
        person.id: [
            found.values["nota"]
            if (found := submitted.of_task(house, f"{case.id}/{number}", person))
            else None
            for number in (1, 2)
        ]
        for person in (carla, anna, bruno)
    }
    office = ["della parte", "interna"]
    assert read == {"carla": ["della parte", None], "anna": office, "bruno": office}
    assert [found.values["nota"] for found in submitted.last(house, case.id, ["frm_nota"], carla)] == [
        "della parte"
    ]
