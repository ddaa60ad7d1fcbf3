"""The OpenAPI document: made from the routes and the shapes; the same stands in docs/openapi.json."""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from duban import __version__
from duban.api import shapes
from duban.bulletins.rules import BulletinState
from duban.matters.rules import FORECAST_LABELS, LIGHT_LABELS, STATE_LABELS
from duban.objections.rules import OBJECTION_STATE_LABELS, OUTCOME_LABELS, TARGET_LABELS
from duban.visits.rules import RESULT_LABELS


@dataclass(frozen=True, slots=True)
class Route:
    """One address and method. name: of its URL.   asks: query words, by name (type, what it does)."""

    name: str
    path: str
    method: str
    summary: str
    answer: type
    body: type | None = None
    asks: tuple[tuple[str, str, str], ...] = ()


_PAGE = (("page", "integer", "第几页，从 1 起"), ("size", "integer", "每页几条，默认 50，最多 200"))

ROUTES = (
    Route("api_plans", "/api/v1/plans/", "get", "年度台账", shapes.PlansShape),
    Route(
        "api_matters",
        "/api/v1/matters/",
        "get",
        "一本台账的事项，可筛选、分页",
        shapes.MattersShape,
        asks=(
            ("plan", "integer", "台账编号，默认今年的"),
            ("q", "string", "查找：文字、序号、单位、人员、拼音"),
            ("state", "string", "状态，open 为办理中的"),
            ("light", "string", "显示的灯，none 为不亮灯"),
            ("unit", "integer", "责任单位编号"),
            *_PAGE,
        ),
    ),
    Route("api_matter", "/api/v1/matters/{pk}/", "get", "一项事项和为什么亮这种灯", shapes.OneMatterShape),
    Route(
        "api_progress",
        "/api/v1/matters/{pk}/progress/",
        "post",
        "填报进展，与网页同一个动作",
        shapes.ProgressShape,
        body=shapes.ProgressBody,
    ),
    Route("api_obligations", "/api/v1/obligations/", "get", "我（本单位）应办的", shapes.DuesShape),
    Route("api_bulletins", "/api/v1/bulletins/", "get", "《政务督查》", shapes.BulletinsShape, asks=_PAGE),
    Route(
        "api_objections",
        "/api/v1/objections/",
        "get",
        "复核申请",
        shapes.ObjectionsShape,
        asks=(("state", "string", "状态"), *_PAGE),
    ),
    Route("api_objection", "/api/v1/objections/{pk}/", "get", "一份复核申请", shapes.ObjectionShape),
    Route(
        "api_decision",
        "/api/v1/objections/{pk}/decision/",
        "post",
        "作出复核决定；参与过原结论的、申请单位的人员一样被拒绝",
        shapes.ObjectionShape,
        body=shapes.DecisionBody,
    ),
)

_ONE_OF: dict[tuple[type, str], Mapping[Any, str]] = {
    (shapes.MatterShape, "state"): STATE_LABELS,
    (shapes.MatterShape, "light"): LIGHT_LABELS,
    (shapes.MatterShape, "light_shown"): LIGHT_LABELS,
    (shapes.ReasonShape, "light"): LIGHT_LABELS,
    (shapes.ComingShape, "light"): LIGHT_LABELS,
    (shapes.ObjectionShape, "state"): OBJECTION_STATE_LABELS,
    (shapes.ObjectionShape, "target"): TARGET_LABELS,
    (shapes.ObjectionShape, "outcome"): OUTCOME_LABELS,
    (shapes.DecisionBody, "outcome"): OUTCOME_LABELS,
    (shapes.DecisionBody, "light"): LIGHT_LABELS,
    (shapes.DecisionBody, "result"): RESULT_LABELS,
    (shapes.ProgressBody, "forecast"): FORECAST_LABELS,
    (shapes.BulletinShape, "state"): {one: one.value for one in BulletinState},
}
"""Fields that hold one word of a closed list, with what each means; empty where there is none."""

_MAY_BE_EMPTY = {"light", "light_shown", "outcome", "result", "forecast"}

_REFUSALS = {
    "400": "填写有误",
    "401": "没有有效的令牌",
    "403": "没有权限（复核中应当回避的也在此列）",
    "404": "没有，或者无权查看",
    "409": "状态已变，或者他人先办",
    "429": "这个令牌一分钟内请求太多；响应头 Retry-After 写明几秒以后再来",
}


def openapi() -> dict[str, Any]:
    """Return the document."""
    found: dict[str, Any] = {}
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method] = _operation(route, found)
    _schema(shapes.RefusalShape, found)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "督办接口",
            "version": __version__,
            "description": "令牌登录后在右上角姓名菜单的“接口令牌”里新建，能看、能办的与本人在网页上的一样。",
        },
        "paths": paths,
        "components": {
            "schemas": dict(sorted(found.items())),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}],
    }


def _operation(route: Route, found: dict[str, Any]) -> dict[str, Any]:
    parameters: list[dict[str, Any]] = []
    if "{pk}" in route.path:
        parameters.append({"name": "pk", "in": "path", "required": True, "schema": {"type": "integer"}})
    for name, kind, words in route.asks:
        parameters.append({"name": name, "in": "query", "description": words, "schema": {"type": kind}})
    said: dict[str, Any] = {"operationId": route.name, "summary": route.summary}
    if parameters:
        said["parameters"] = parameters
    if route.body is not None:
        said["requestBody"] = {"required": True, "content": _content(route.body, found)}
    refused = {"content": _content(shapes.RefusalShape, found)}
    said["responses"] = {
        "200": {"description": "办成", "content": _content(route.answer, found)},
        **{code: {"description": words, **refused} for code, words in _REFUSALS.items()},
    }
    return said


def _content(kind: type, found: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": _schema(kind, found)}}


def _schema(kind: Any, found: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a type; dataclasses stand once, under their names."""
    if get_origin(kind) in (Union, UnionType):
        (inner,) = (one for one in get_args(kind) if one is not NoneType)
        return {"anyOf": [_schema(inner, found), {"type": "null"}]}
    if get_origin(kind) is tuple:
        return {"type": "array", "items": _schema(get_args(kind)[0], found)}
    if get_origin(kind) is dict:
        return {"type": "object", "additionalProperties": _schema(get_args(kind)[1], found)}
    if is_dataclass(kind) and isinstance(kind, type):
        name = kind.__name__
        if name not in found:
            found[name] = {}
            found[name].update(_object(kind, found))
        return {"$ref": f"#/components/schemas/{name}"}
    if kind is date:
        return {"type": "string", "format": "date"}
    return {"type": {int: "integer", float: "number", str: "string", bool: "boolean"}[kind]}


def _object(kind: type, found: dict[str, Any]) -> dict[str, Any]:
    hints = get_type_hints(kind)
    properties = {}
    for one in fields(kind):
        schema = _schema(hints[one.name], found)
        if (labels := _ONE_OF.get((kind, one.name))) is not None:
            words = [str(word) for word in labels]
            schema["enum"] = [*words, ""] if one.name in _MAY_BE_EMPTY else words
            schema["description"] = "；".join(f"{word} {label}" for word, label in labels.items() if word != label)
        properties[one.name] = schema
    required = [one.name for one in fields(kind) if one.default is MISSING]
    said = (kind.__doc__ or "").strip().rstrip(".")
    return {"type": "object", "description": said, "properties": properties, "required": required}


@require_safe
def document(request: HttpRequest) -> JsonResponse:
    """The document, open to everybody: it holds no business."""
    return JsonResponse(openapi(), json_dumps_params={"ensure_ascii": False})
