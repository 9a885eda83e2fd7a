"""botocore's service models as a judge: is this answer what a client may expect of this call?"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StructureShape

if TYPE_CHECKING:
    from email.message import Message

UNMODELLED = {("sso", "ForbiddenException"): 403}
"""What the service is known to send although its model does not have it."""
_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "long": int,
    "boolean": bool,
    "double": (int, float),
    "timestamp": (int, float),
}


@cache
def operation(service: str, name: str) -> OperationModel:
    """Return the model of an operation, as the installed botocore has it."""
    return ServiceModel(Loader().load_service_model(service, "service-2"), service).operation_model(
        name
    )


def check_answer(service: str, name: str, status: int, headers: Message, text: str) -> None:
    """Fail unless an answer of a JSON service is right by the model: status, members, types."""
    model = operation(service, name)
    assert headers["x-amzn-RequestId"]
    kind = headers.get("x-amzn-ErrorType")
    if kind is None:
        assert status == model.http.get("responseCode", 200), text
        if not text:
            assert not (model.output_shape and model.output_shape.members)
            return
        body = json.loads(text)
        assert isinstance(model.output_shape, StructureShape)
        check(model.output_shape, body, name)
        if "nextToken" not in body:
            missing = {"accountList", "roleList", "roleCredentials"} & set(
                model.output_shape.members
            )
            assert missing <= set(body)
        return
    _check_error(model, kind.partition(":")[0], status, json.loads(text))


def check_xml(name: str, status: int, text: str, without: frozenset[str] = frozenset()) -> None:
    """Fail unless an answer of STS is right by the model, or an error in the query protocol.

    It may be `without` what the request did not ask for.
    """
    model = operation("sts", name)
    root = ET.fromstring(text)  # noqa: S314 - our own answer
    space = f"{{{model.service_model.metadata['xmlNamespace']}}}"
    assert root.tag.startswith(space)
    if status != 200:
        assert root.tag == f"{space}ErrorResponse"
        assert [child.tag for child in root] == [f"{space}Error", f"{space}RequestId"]
        assert [child.tag for child in root[0]] == [
            f"{space}{t}" for t in ("Type", "Code", "Message")
        ]
        return
    output = model.output_shape
    assert isinstance(output, StructureShape)
    assert root.tag == f"{space}{name}Response"
    result = root.find(f"{space}{output.serialization['resultWrapper']}")
    assert result is not None
    given = {child.tag.removeprefix(space) for child in result}
    assert given <= {*output.members}
    assert {*output.members} - given <= without


def check(shape: Shape, value: Any, where: str) -> None:
    """Fail unless `value` is one of `shape`: known members only, of their types, none null."""
    if isinstance(shape, StructureShape):
        assert isinstance(value, dict), where
        unknown = set(value) - set(shape.members)
        assert not unknown, f"{where}: {unknown} stand in no model"
        assert set(shape.required_members) <= set(value), where
        for member, inner in value.items():
            check(shape.members[member], inner, f"{where}.{member}")
    elif isinstance(shape, ListShape):
        assert isinstance(value, list), where
        for number, inner in enumerate(value):
            check(shape.member, inner, f"{where}[{number}]")
    elif isinstance(shape, MapShape):
        assert isinstance(value, dict), where
        for key, inner in value.items():
            check(shape.value, inner, f"{where}[{key}]")
    else:
        expected = _TYPES[shape.type_name]
        assert isinstance(value, expected), f"{where} is {value!r}"
        assert expected is bool or not isinstance(value, bool), where


def _check_error(model: OperationModel, kind: str, status: int, body: dict[str, Any]) -> None:
    service = model.service_model.service_name
    if service == "sso":
        assert body.pop("__type").endswith(f"#{kind}")
    if (service, kind) in UNMODELLED:
        assert (status, list(body)) == (UNMODELLED[service, kind], ["message"])
        return
    shape = next((shape for shape in model.error_shapes if shape.name == kind), None)
    assert isinstance(shape, StructureShape), f"{model.name} cannot fail with {kind}"
    assert status == shape.metadata["error"]["httpStatusCode"]
    check(shape, body, kind)
    assert body, f"{kind} says nothing"
