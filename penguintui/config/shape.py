"""Which settings class stands at each place of a configuration, found by walking its values beside the classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from penguintui.config.problems import Trail

Models = tuple[type[BaseModel], ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """The class that a mapping is checked by; `tag` when `type:` chose it among several, which go by `tags`.

    The class is None when `type:` is missing or chose nothing.
    """

    model: type[BaseModel] | None
    tag: str | None = None
    tags: tuple[str, ...] = ()

    @property
    def fields(self) -> dict[str, FieldInfo]:
        """The keys that may stand in the mapping, as they are written."""
        known = self.model.model_fields if self.model else {}
        return {field.alias or name: field for name, field in known.items()}


def shapes(root: type[BaseModel], data: Any) -> dict[Trail, Shape]:
    """The shape of every mapping in `data` that a settings class checks."""
    found: dict[Trail, Shape] = {}
    _walk(root, data, (), found)
    return found


def _walk(annotation: Any, value: Any, trail: Trail, found: dict[Trail, Shape]) -> None:
    annotation = _bare(annotation)
    models = _models(annotation)
    if models and isinstance(value, dict):
        shape = _chosen(models, value)
        found[trail] = shape
        fields = shape.fields
        for key, entry in value.items():
            if key in fields:
                _walk(fields[key].annotation, entry, (*trail, key), found)
    elif isinstance(value, list) and get_origin(annotation) in (list, tuple):
        for index, entry in enumerate(value):
            _walk(get_args(annotation)[0], entry, (*trail, index), found)
    elif isinstance(value, dict) and get_origin(annotation) is dict:
        for key, entry in value.items():
            _walk(get_args(annotation)[1], entry, (*trail, key), found)


def _bare(annotation: Any) -> Any:
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    return annotation


def _models(annotation: Any) -> Models:
    """The settings classes that an annotation allows."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return (annotation,)
    if get_origin(annotation) in (list, tuple, dict, Literal):
        return ()
    return tuple(model for part in get_args(annotation) for model in _models(_bare(part)))


def _chosen(models: Models, value: dict[str, Any]) -> Shape:
    if len(models) == 1:
        return Shape(models[0])
    by_tag = {tag: model for model in models for tag in get_args(model.model_fields["type"].annotation)}
    tag = value.get("type")
    chosen = by_tag.get(tag) if isinstance(tag, str) else None
    return Shape(chosen, tag if chosen else None, tuple(by_tag))
