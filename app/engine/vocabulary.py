"""What may stand where in a diagram (BPMN 2.0.2, XML schemas of chapters 7 to 10), and what becomes of it here."""

from app.engine.diagram import ACTIVITIES, EVENTS, GATEWAYS


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FLOW_NODES = ACTIVITIES | EVENTS | GATEWAYS
BASE = _words("documentation extensionElements")
DRAWN_ONLY = BASE | _words(
    """laneSet textAnnotation association group sequenceFlow auditing monitoring dataObject dataObjectReference
    dataStoreReference ioSpecification property performer humanPerformer potentialOwner resourceRole supportedInterfaceRef"""
)
"""What may stand in a process beside what runs."""

_ROLES = _words("resourceRole performer humanPerformer potentialOwner")
_NODE = BASE | _words("incoming outgoing auditing monitoring categoryValueRef")
_ACTIVITY = (
    _NODE
    | _ROLES
    | _words(
        """ioSpecification property dataInputAssociation dataOutputAssociation standardLoopCharacteristics
        multiInstanceLoopCharacteristics"""
    )
)
EVENT_DEFINITIONS = frozenset(["message", "signal", "timer", "error", "escalation", "terminate", "link"])
_EVENT = (
    _NODE
    | {f"{kind}EventDefinition" for kind in EVENT_DEFINITIONS}
    | _words("property dataInput dataOutput dataInputAssociation dataOutputAssociation inputSet outputSet")
)
CHILDREN = {
    "process": DRAWN_ONLY | FLOW_NODES,
    "subProcess": DRAWN_ONLY | _ACTIVITY | FLOW_NODES,
    **dict.fromkeys(ACTIVITIES - {"subProcess", "scriptTask", "userTask"}, _ACTIVITY),
    "scriptTask": _ACTIVITY | {"script"},
    "userTask": _ACTIVITY | {"rendering"},
    **dict.fromkeys(EVENTS, _EVENT),
    **dict.fromkeys(GATEWAYS, _NODE),
    "sequenceFlow": BASE | _words("auditing monitoring categoryValueRef conditionExpression"),
    **dict.fromkeys([f"{kind}EventDefinition" for kind in EVENT_DEFINITIONS - {"timer", "link"}], BASE),
    "timerEventDefinition": BASE | _words("timeDate timeDuration timeCycle"),
    "linkEventDefinition": BASE | _words("source target"),
    "standardLoopCharacteristics": BASE | {"loopCondition"},
    "multiInstanceLoopCharacteristics": BASE
    | _words(
        """loopCardinality completionCondition loopDataInputRef loopDataOutputRef inputDataItem outputDataItem
        complexBehaviorDefinition"""
    ),
    "laneSet": BASE | {"lane"},
    "lane": BASE | _words("partitionElement flowNodeRef childLaneSet"),
    "childLaneSet": BASE | {"lane"},
    "extensionElements": frozenset(),
}
"""The elements of BPMN that may stand in another; one that is not a key here may hold anything."""

ONCE = (
    _words("extensionElements"),
    _words("standardLoopCharacteristics multiInstanceLoopCharacteristics"),
    _words("timeDate timeDuration timeCycle"),
    *(
        frozenset([name])
        for name in (
            "conditionExpression",
            "script",
            "loopCondition",
            "loopCardinality",
            "completionCondition",
        )
    ),
)
"""Of each of these groups an element holds one at most."""

_NAMED = _words("id name")
_ACTS = _NAMED | _words("default isForCompensation startQuantity completionQuantity")
_TEXT = _words("id language evaluatesToTypeRef")
ATTRIBUTES = {
    "process": _NAMED | _words("isExecutable isClosed processType definitionalCollaborationRef"),
    **dict.fromkeys(ACTIVITIES, _ACTS),
    "userTask": _ACTS | {"implementation"},
    "businessRuleTask": _ACTS | {"implementation"},
    "scriptTask": _ACTS | {"scriptFormat"},
    "serviceTask": _ACTS | _words("implementation operationRef"),
    "sendTask": _ACTS | _words("implementation operationRef messageRef"),
    "receiveTask": _ACTS | _words("implementation operationRef messageRef instantiate"),
    "subProcess": _ACTS | {"triggeredByEvent"},
    "callActivity": _ACTS | {"calledElement"},
    **dict.fromkeys(EVENTS, _NAMED),
    "startEvent": _NAMED | _words("isInterrupting parallelMultiple"),
    "intermediateCatchEvent": _NAMED | {"parallelMultiple"},
    "boundaryEvent": _NAMED | _words("attachedToRef cancelActivity parallelMultiple"),
    **dict.fromkeys(GATEWAYS, _NAMED | {"gatewayDirection"}),
    "exclusiveGateway": _NAMED | _words("gatewayDirection default"),
    "inclusiveGateway": _NAMED | _words("gatewayDirection default"),
    "eventBasedGateway": _NAMED | _words("gatewayDirection instantiate eventGatewayType"),
    "sequenceFlow": _NAMED | _words("sourceRef targetRef isImmediate"),
    **{
        f"{kind}EventDefinition": _words(f"id {kind}Ref")
        for kind in ("message", "signal", "error", "escalation")
    },
    "timerEventDefinition": _words("id"),
    "terminateEventDefinition": _words("id"),
    "linkEventDefinition": _NAMED,
    **dict.fromkeys(
        _words(
            "conditionExpression timeDate timeDuration timeCycle loopCondition loopCardinality completionCondition"
        ),
        _TEXT,
    ),
    "standardLoopCharacteristics": _words("id testBefore loopMaximum"),
    "multiInstanceLoopCharacteristics": _words(
        "id isSequential behavior oneBehaviorEventRef noneBehaviorEventRef"
    ),
    "laneSet": _NAMED,
    "childLaneSet": _NAMED,
    "lane": _NAMED | {"partitionElementRef"},
}
"""The attributes without a namespace that an element may have; one that is not a key here may have any."""

EXPRESSIONS = _words(
    "conditionExpression timeDate timeDuration timeCycle loopCondition loopCardinality completionCondition"
)
TRUTHS = _words(
    """isExecutable isClosed isForCompensation triggeredByEvent isInterrupting cancelActivity parallelMultiple instantiate
    isSequential testBefore isImmediate"""
)
PLAIN_VALUES = {
    "isForCompensation": "false",
    "startQuantity": "1",
    "completionQuantity": "1",
    "instantiate": "false",
    "eventGatewayType": "Exclusive",
    "parallelMultiple": "false",
    "behavior": "All",
}
TECHNOLOGIES = frozenset(["", "##unspecified", "##WebService"])
"""Values of `implementation` that say nothing of how."""

OWN = {
    "form": _words("userTask manualTask"),
    "due": _words("userTask manualTask"),
    "assignee": _words("userTask manualTask"),
    "handler": _words("serviceTask sendTask"),
    "decision": _words("businessRuleTask"),
    "key": _words("sendTask receiveTask") | EVENTS,
    "result": (ACTIVITIES - {"task"}) | _words("startEvent intermediateCatchEvent boundaryEvent"),
    **dict.fromkeys(
        ("collection", "element", "outputCollection", "outputElement", "blind"),
        _words("multiInstanceLoopCharacteristics"),
    ),
}
"""Our own attributes, with the elements at which they are read."""

OWN_ENTRIES = {
    "input": _words("serviceTask sendTask businessRuleTask callActivity intermediateThrowEvent endEvent"),
    "output": _words("callActivity"),
}
"""Our own extension elements, with the elements at which they are read."""

ROOT = _words(
    """process collaboration message signal error escalation itemDefinition dataStore category resource import extension
    relationship interface endPoint partnerEntity partnerRole"""
)
"""What may stand at the top of a file: it runs, or it is only drawn or named."""

REFUSED = {
    "complexGateway": "Draw the rule with exclusive, inclusive and parallel gateways",
    "transaction": "Draw a sub-process with an error boundary event, and undo in the path behind it",
    "adHocSubProcess": "Draw the order, or parallel branches, in an ordinary sub-process",
    "compensateEventDefinition": "Draw the undoing as a path behind an error or message event",
    "cancelEventDefinition": "Use an error end event and an error boundary event",
    "conditionalEventDefinition": "Use a message or signal, or decide at an exclusive gateway",
    "eventDefinitionRef": "Write the event definition into the event itself",
    "operationRef": "Name the handler in pratica:handler, and the message in messageRef",
    "correlationKey": "Name the awaited value in pratica:key of the element that waits",
    "correlationProperty": "Name the awaited value in pratica:key of the element that waits",
    "correlationSubscription": "Name the awaited value in pratica:key of the element that waits",
}
SCOPES = _words("transaction adHocSubProcess")
"""Sub-processes that are refused, yet read with all within them."""

NOT_EXECUTED = {
    "ioSpecification": "Name inputs with <pratica:input> and the result with pratica:result",
    "dataInputAssociation": "Variables are shared by the whole process: name inputs with <pratica:input>",
    "dataOutputAssociation": "Variables are shared by the whole process: name the result with pratica:result",
    "property": "Set the variable in a script task",
    "rendering": "Name the form in pratica:form",
    **dict.fromkeys(_ROLES, "Put the task into the lane of its candidate group"),
    **dict.fromkeys(
        _words("choreography globalChoreographyTask"),
        "Draw each side as a process, with message events between them",
    ),
    **dict.fromkeys(
        _words("globalTask globalUserTask globalManualTask globalScriptTask globalBusinessRuleTask"),
        "Draw a process with that task, and call it",
    ),
}
LOOP_REFUSED = _words(
    "loopDataInputRef loopDataOutputRef inputDataItem outputDataItem complexBehaviorDefinition"
)
