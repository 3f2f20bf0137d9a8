"""A small process for pages that reach outside their form: a decision shown live, a register, codes of a value table."""

import json
from typing import Any

from app.domain.bundles import Bundle

BPMN = """<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t" id="d"
 xmlns:pratica="https://pratica.example/schema/bpmn/1.0">
 <bpmn:process id="filiera" isExecutable="true">
  <bpmn:laneSet id="ls"><bpmn:lane id="l1" name="richiedente"><bpmn:flowNodeRef>UT</bpmn:flowNodeRef></bpmn:lane>
   <bpmn:lane id="l2" name="istruttore"><bpmn:flowNodeRef>UT_esame</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>
  <bpmn:startEvent id="SE"/><bpmn:endEvent id="EE"/>
  <bpmn:serviceTask id="ST_visura" pratica:handler="registro_imprese.precompila" pratica:result="visura">
   <bpmn:extensionElements><pratica:input name="codice" value='"99000020158"'/></bpmn:extensionElements></bpmn:serviceTask>
  <bpmn:userTask id="UT" name="La filiera" pratica:form="frm_filiera" pratica:result="filiera"/>
  <bpmn:businessRuleTask id="BR" name="Controllo" pratica:decision="quante" pratica:result="rilievi">
   <bpmn:extensionElements><pratica:input name="n" value="count(filiera.partner[denominazione != null])"/></bpmn:extensionElements>
  </bpmn:businessRuleTask>
  <bpmn:userTask id="UT_esame" name="Esame" pratica:form="frm_esame" pratica:result="esame"/>
  <bpmn:sequenceFlow id="f0" sourceRef="SE" targetRef="ST_visura"/>
  <bpmn:sequenceFlow id="f1" sourceRef="ST_visura" targetRef="UT"/><bpmn:sequenceFlow id="f2" sourceRef="UT" targetRef="BR"/>
  <bpmn:sequenceFlow id="f3" sourceRef="BR" targetRef="UT_esame"/>
  <bpmn:sequenceFlow id="f4" sourceRef="UT_esame" targetRef="EE"/>
 </bpmn:process></bpmn:definitions>"""

DMN = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="m" name="m" namespace="n">
 <inputData id="i" name="n"><variable name="n" typeRef="number"/></inputData>
 <decision id="quante" name="Quante"><variable name="Quante"/>
  <informationRequirement id="r"><requiredInput href="#i"/></informationRequirement>
  <decisionTable id="t" hitPolicy="COLLECT">
   <input id="in" label="n"><inputExpression id="ie" typeRef="number"><text>n</text></inputExpression></input>
   <output id="o1" name="codice" label="codice"/><output id="o2" name="testo" label="testo"/>
   <rule id="r1"><inputEntry id="a"><text>&lt; 3</text></inputEntry>
    <outputEntry id="b"><text>"F01"</text></outputEntry><outputEntry id="c"><text>"Meno di 3 imprese"</text></outputEntry></rule>
   <rule id="r2"><inputEntry id="d"><text>&lt; 2</text></inputEntry>
    <outputEntry id="e"><text>"F02"</text></outputEntry><outputEntry id="f"><text>"Una sola impresa"</text></outputEntry></rule>
  </decisionTable></decision></definitions>"""

MANIFEST = """
[process]
id = "filiera"
kind = "application"
title = {it = "Filiera", en = "Chain"}
[start]
who = "anyone"
role = "richiedente"
[lanes]
richiedente = {kind = "case_role", it = "Richiedente", en = "Applicant"}
istruttore = {kind = "office", it = "Istruttore", en = "Case officer"}
[case]
title = "filiera.titolo"
prefix = "FIL"
"""


def text(key: str, label: str, **properties: Any) -> dict[str, Any]:
    return {"type": "textfield", "key": key, "label": label, "properties": {"label_en": label, **properties}}


_so_far = '{{ {n: count((if partner = null then [] else partner)[denominazione != null]), t: string(n) + " imprese su 3"}.t }}'
filiera = {
    "id": "frm_filiera",
    "components": [
        {
            "type": "table",
            "id": "rilievi",
            "label": "Che cosa manca",
            "description": _so_far,
            "columns": [
                {"key": "codice", "label": "Codice", "label_en": "Code"},
                {"key": "testo", "label": "Rilievo", "label_en": "Finding"},
            ],
            "properties": {
                "label_en": "What is missing",
                "description_en": _so_far.replace("imprese su", "enterprises of"),
                "decision": "BR",
            },
        },
        text(
            "prima",
            "Prima impresa",
            registered="{valore: visura.denominazione, fonte: visura.fonte, data: visura.data, modalita: visura.modalita}",
        ),
        {
            "type": "dynamiclist",
            "path": "partner",
            "label": "Imprese",
            "components": [
                text("piva", "Partita IVA", validator="piva"),
                text("denominazione", "Denominazione"),
                text("rea", "REA", validator="rea"),
                text("indirizzo", "Indirizzo"),
            ],
            "properties": {
                "label_en": "Enterprises",
                "lookup": {
                    "handler": "registro_imprese.precompila",
                    "from": "piva",
                    "label": "Compila dal registro imprese",
                    "label_en": "Fill in from the business register",
                    "fills": {"denominazione": "denominazione", "rea": "rea", "indirizzo": "indirizzo"},
                },
            },
        },
        {
            "type": "group",
            "path": "settore",
            "label": "Settore",
            "properties": {"label_en": "Sector"},
            "components": [
                {
                    "type": "select",
                    "key": "versione",
                    "label": "Classificazione",
                    "values": [
                        {"value": v, "label": f"ATECO {v}", "label_en": f"ATECO {v}"}
                        for v in ("2007", "2025")
                    ],
                    "properties": {"label_en": "Classification"},
                },
                text(
                    "codice",
                    "Codice",
                    validator="ateco",
                    table={"by": "versione", "of": {"2007": "ateco_2007", "2025": "ateco_2025"}},
                ),
            ],
        },
    ],
}
esame = {
    "id": "frm_esame",
    "components": [text("nota", "Nota")],
    "properties": {"recalls": ["frm_filiera"]},
}


def bundle(tables: dict[str, bytes]) -> Bundle:
    """Give the process with the value tables of the content."""
    files = {
        "filiera.bpmn": BPMN.encode(),
        "quante.dmn": DMN.encode(),
        "process.toml": MANIFEST.encode(),
        "forms/frm_filiera.json": json.dumps(filiera).encode(),
        "forms/frm_esame.json": json.dumps(esame).encode(),
    }
    return Bundle("filiera", {**files, **tables})
