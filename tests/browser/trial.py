"""A small process for the pages: an applicant's form with sections, rows, files and conditions, then an officer's."""

import json
from typing import Any

from app.domain.actors import Actor, Capability
from app.domain.bundles import Bundle

ada = Actor("ada", "Ada Lamberti")
bruno = Actor("bruno", "Bruno Istrice", groups=frozenset({"istruttore"}))
carla = Actor("carla", "Carla Dossi", groups=frozenset({"istruttore"}))
erika = Actor("erika", "Erika Reeve", groups=frozenset({"istruttore"}), language="en")
zeno = Actor("zeno", "Zeno Fuori")
dora = Actor("dora", "Dora Disegni", capabilities=frozenset({Capability.designer}))
persons = [ada, bruno, carla, erika, zeno, dora]

BPMN = """<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t" id="d"
 xmlns:pratica="https://pratica.example/schema/bpmn/1.0">
 <bpmn:process id="contributo" isExecutable="true">
  <bpmn:laneSet id="ls"><bpmn:lane id="l1" name="richiedente"><bpmn:flowNodeRef>UT_chi</bpmn:flowNodeRef>
   <bpmn:flowNodeRef>UT_domanda</bpmn:flowNodeRef></bpmn:lane>
   <bpmn:lane id="l2" name="istruttore"><bpmn:flowNodeRef>UT_esame</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>
  <bpmn:startEvent id="SE"/><bpmn:endEvent id="EE"/>
  <bpmn:userTask id="UT_chi" name="Chi chiede" pratica:form="frm_chi" pratica:result="chi"/>
  <bpmn:userTask id="UT_domanda" name="La domanda" pratica:form="frm_domanda" pratica:result="domanda"
   pratica:due='date and time("2023-05-31T17:00:00@Europe/Rome")'/>
  <bpmn:userTask id="UT_esame" name="Esame della domanda" pratica:form="frm_esame" pratica:result="esame"
   pratica:due='now() + duration("P5D")'/>
  <bpmn:sequenceFlow id="f1" sourceRef="SE" targetRef="UT_chi"/>
  <bpmn:sequenceFlow id="f2" sourceRef="UT_chi" targetRef="UT_domanda"/>
  <bpmn:sequenceFlow id="f3" sourceRef="UT_domanda" targetRef="UT_esame"/>
  <bpmn:sequenceFlow id="f4" sourceRef="UT_esame" targetRef="EE"/>
 </bpmn:process></bpmn:definitions>"""

MANIFEST = """
[process]
id = "contributo"
kind = "application"
title = {it = "Domanda di contributo", en = "Application for a grant"}
[start]
who = "anyone"
role = "richiedente"
[lanes]
richiedente = {kind = "case_role", it = "Richiedente", en = "Applicant"}
istruttore = {kind = "office", it = "Istruttore", en = "Case officer"}
[case]
title = "chi.titolo"
prefix = "CON"
[record]
titolo = "chi.titolo"
[states.bozza]
office = {it = "Bozza", en = "Draft"}
applicant = {it = "Stai preparando la domanda", en = "You are preparing the application"}
[states.in_esame]
office = {it = "In esame", en = "Under review"}
applicant = {it = "Stiamo controllando la domanda", en = "We are checking the application"}
[states.chiusa]
office = {it = "Chiusa", en = "Closed"}
applicant = {it = "La domanda è chiusa", en = "The application is closed"}
[reached]
UT_chi = "bozza"
UT_esame = "in_esame"
EE = "chiusa"
"""


def _text(key: str, label: str, english: str, *, required: bool = True, **more: Any) -> dict[str, Any]:
    validate = {"required": required, **more.pop("validate", {})}
    properties = {"label_en": english, **more.pop("properties", {})}
    kind = more.pop("type", "textfield")
    return {"type": kind, "key": key, "label": label, "validate": validate, "properties": properties, **more}


def _form(name: str, *components: dict[str, Any], **more: Any) -> bytes:
    return json.dumps(
        {"schemaVersion": 19, "type": "default", "id": name, "components": components, **more}
    ).encode()


chi = _form(
    "frm_chi",
    _text("titolo", "Titolo del progetto", "Title of the project", validate={"minLength": 5, "maxLength": 80}),
    {
        "type": "radio",
        "key": "tipo",
        "label": "Chi presenta la domanda?",
        "validate": {"required": True},
        "properties": {"label_en": "Who applies?"},
        "values": [
            {"value": "impresa", "label": "Un'impresa", "label_en": "An enterprise"},
            {"value": "persona", "label": "Una persona", "label_en": "A person"},
        ],
    },
    _text(
        "piva",
        "Partita IVA",
        "VAT number",
        description="11 cifre, senza spazi.",
        properties={"validator": "piva", "description_en": "11 digits, without blanks."},
        conditional={"hide": '=tipo != "impresa"'},
    ),
    _text("email", "Posta elettronica", "E-mail", validate={"validationType": "email"}, properties={"autocomplete": "email"}),
    _text("importo", "Importo chiesto, euro", "Amount asked, euro", type="number", decimalDigits=2),
    _text("inizio", "Inizio dei lavori", "Start of the work", type="datetime", subtype="date", required=False),
    {"type": "checkbox", "key": "privacy", "label": "Ho letto l'informativa", "validate": {"required": True},
     "properties": {"label_en": "I have read the notice"}},
)  # fmt: skip

partner = {
    "type": "dynamiclist",
    "path": "partner",
    "label": "Partner",
    "properties": {"min_rows": 2, "unique": "cf", "label_en": "Partners"},
    "components": [
        _text("denominazione", "Denominazione", "Name"),
        _text("cf", "Codice fiscale", "Fiscal code", properties={"validator": "codice_fiscale_o_piva"}),
        _text("pec", "PEC", "Certified mail", properties={"validator": "pec"}),
        _text("ruolo", "Ruolo", "Part", type="textarea", validate={"minLength": 20, "maxLength": 500}),
        {
            "type": "checkbox",
            "key": "capofila",
            "label": "È il capofila",
            "properties": {"label_en": "Is the lead"},
        },
    ],
}

domanda = _form(
    "frm_domanda",
    {
        "type": "table",
        "id": "rilievi",
        "label": "Che cosa manca",
        "dataSource": '=if count(partner) < 2 then [{codice: "F01", testo: "Meno di 2 partner"}] else []',
        "columns": [{"key": "codice", "label": "Codice"}, {"key": "testo", "label": "Rilievo"}],
        "conditional": {"hide": "=count(partner) >= 2"},
        "properties": {"label_en": "What is missing"},
    },
    {
        "type": "group",
        "id": "g_progetto",
        "label": "Progetto",
        "properties": {"section": True, "label_en": "Project"},
        "components": [
            {"type": "text", "id": "t", "text": "### A che serve\n\nScrivi **in breve** che cosa vuoi fare."},
            _text("sintesi", "In sintesi", "In short", type="textarea", validate={"minLength": 20, "maxLength": 2000}),
            {"type": "checklist", "key": "ambiti", "label": "Ambiti", "validate": {"required": True},
             "values": [{"value": "A1", "label": "Sostenibilità"}, {"value": "A2", "label": "Innovazione"}],
             "properties": {"label_en": "Areas", "values_en": {"A1": "Sustainability", "A2": "Innovation"}}},
            {"type": "filepicker", "key": "relazione", "label": "Relazione (PDF)", "accept": ".pdf",
             "validate": {"required": True}, "properties": {"label_en": "Report (PDF)"}},
        ],
    },
    {
        "type": "group",
        "id": "g_partner",
        "label": "Partner",
        "properties": {"section": True, "label_en": "Partners"},
        "components": [
            {"type": "expression", "key": "quanti", "label": "Partner indicati", "expression": "=count(partner)",
             "properties": {"label_en": "Partners given"}},
            partner,
            {"type": "filepicker", "key": "lettere", "label": "Lettere dei partner", "accept": ".pdf", "multiple": True,
             "properties": {"label_en": "Letters of the partners", "max_files": 10, "max_bytes": 1048576}},
        ],
    },
    {"type": "button", "label": "Invia la domanda", "properties": {"label_en": "Send the application"}},
)  # fmt: skip

esame = _form(
    "frm_esame",
    {
        "type": "radio",
        "key": "esito",
        "label": "Esito",
        "validate": {"required": True},
        "properties": {"label_en": "Outcome"},
        "values": [
            {"value": "ammessa", "label": "Ammessa", "label_en": "Admitted"},
            {"value": "respinta", "label": "Respinta", "label_en": "Rejected"},
        ],
    },
    _text("motivo", "Motivo", "Reason", type="textarea", validate={"minLength": 10, "maxLength": 2000}),
)

bundle = Bundle(
    "contributo",
    {
        "contributo.bpmn": BPMN.encode(),
        "process.toml": MANIFEST.encode(),
        "forms/frm_chi.json": chi,
        "forms/frm_domanda.json": domanda,
        "forms/frm_esame.json": esame,
    },
)
