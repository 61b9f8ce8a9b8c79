"""The JSON Schema of a configuration file, for editors that complete and check while one writes."""

from __future__ import annotations

import inspect
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from penguintui.config.settings import Configuration

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _Generator(GenerateJsonSchema):
    """Leaves out the titles that pydantic makes from field names; they only repeat the key."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of the file.

    Titles are the first sentence of each settings class. A value tagged `!env` or `!file` counts as the text it
    stands for, as editors treat it.
    """
    schema = Configuration.model_json_schema(schema_generator=_Generator)
    definitions = schema.get("$defs", {})
    for model in _models():
        found = schema if model is Configuration else definitions.get(model.__name__)
        if found is not None:
            _title(found, model)
    schema["patternProperties"] = {"^x-": {"description": "Passed over: a place for anchors."}}
    return {"$schema": DIALECT, **schema}


def _title(schema: dict[str, Any], model: type[BaseModel]) -> None:
    text = inspect.cleandoc(model.__doc__) if model.__doc__ else ""
    schema.pop("title", None)
    if text:
        schema["title"] = text.split("\n\n")[0].split(". ")[0].replace("\n", " ").rstrip(".")
        schema["description"] = text


def _models() -> set[type[BaseModel]]:
    """Every settings class, found from the common base."""
    base = Configuration.__mro__[1]
    found: set[type[BaseModel]] = set()
    waiting = [base]
    while waiting:
        model = waiting.pop()
        found.add(model)
        waiting.extend(model.__subclasses__())
    return found
