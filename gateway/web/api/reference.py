"""The API's description for people: one page made of openapi.json, without anything from elsewhere."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response

from gateway.web.house import House
from gateway.web.rendering import Rendering


@dataclass(frozen=True, slots=True)
class Row:
    """A parameter, a field or an answer."""

    name: str
    kind: str
    about: str
    is_needed: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """One endpoint."""

    id: str
    method: str
    path: str
    summary: str
    about: str
    scope: str
    parameters: tuple[Row, ...]
    body: str  # the schema's name
    answers: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Schema:
    """The shape of something sent or told."""

    name: str
    about: str
    fields: tuple[Row, ...]


def reference_page(api: FastAPI, house: House) -> APIRouter:
    """`/docs`."""
    routes = APIRouter()
    rendering = Rendering(house)

    @routes.get("/docs", include_in_schema=False)
    async def docs(request: Request) -> Response:
        told = api.openapi()
        groups: dict[str, list[Operation]] = {}
        for tag, operation in _operations(told):
            groups.setdefault(tag, []).append(operation)
        schemas = [_schema(name, one) for name, one in sorted(told["components"]["schemas"].items())]
        about = told["info"]["description"].replace("`", "").split("\n\n")
        return rendering.page(request, "api_reference.html", groups=groups, schemas=schemas, about=about)

    return routes


def _operations(told: dict[str, Any]) -> Iterator[tuple[str, Operation]]:
    for path, methods in told["paths"].items():
        for method, one in methods.items():
            scopes = [scope for security in one.get("security", ()) for scope in security.get("token", ())]
            yield (
                one["tags"][0],
                Operation(
                    id=one["operationId"],
                    method=method.upper(),
                    path=path,
                    summary=one["summary"],
                    about=one.get("description", "").replace("`", ""),
                    scope=scopes[0] if scopes else "",
                    parameters=tuple(_parameter(row) for row in one.get("parameters", ())),
                    body=_body(one.get("requestBody", {})),
                    answers=tuple(_answer(status, row) for status, row in one["responses"].items()),
                ),
            )


def _parameter(row: dict[str, Any]) -> Row:
    kind = f"{_kind(row['schema'])}, {row['in']}"
    about = row.get("description") or row["schema"].get("description", "")
    return Row(row["name"], kind, about, row.get("required", False))


def _body(body: dict[str, Any]) -> str:
    return next((_kind(one["schema"]) for one in body.get("content", {}).values()), "")


def _answer(status: str, row: dict[str, Any]) -> Row:
    kinds = [_kind(one.get("schema", {})) for one in row.get("content", {}).values()]
    return Row(status, ", ".join(kinds), row.get("description", ""))


def _schema(name: str, one: dict[str, Any]) -> Schema:
    needed = set(one.get("required", ()))
    fields = [
        Row(field, _kind(value), value.get("description", ""), field in needed)
        for field, value in one.get("properties", {}).items()
    ]
    if "enum" in one:
        fields = [Row(str(value), "", "") for value in one["enum"]]
    return Schema(name, one.get("description", "").split("\n")[0], tuple(fields))


def _kind(schema: dict[str, Any]) -> str:
    """A schema in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if alternatives := schema.get("anyOf") or schema.get("oneOf"):
        return " or ".join(_kind(one) for one in alternatives)
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    kind = str(schema.get("format") or schema.get("type") or "any")
    return f"one of {', '.join(map(str, schema['enum']))}" if "enum" in schema else kind
