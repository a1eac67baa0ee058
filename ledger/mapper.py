"""Domain events of applications that are msgspec Structs, to and from the library's stored events."""

from functools import cache
from typing import Any, cast

import msgspec
from eventsourcing.domain import DomainEventProtocol, TAggregateID
from eventsourcing.persistence import Mapper, MapperDeserialisationError, ProgrammingError, StoredEvent
from eventsourcing.utils import get_topic, resolve_topic
from msgspec import Struct

CLASS_VERSION = "class_version"


class StructMapper(Mapper[TAggregateID]):
    """The library's mapper, which also takes frozen Structs: these have no `__dict__` to read or to fill.

    A Struct's members are stored as msgspec writes them, and read with its checks; transcoder, compressor and cipher,
    topics, `class_version` and the static methods `upcast_v1_v2` ... count as for the library's own classes. Give
    a Struct a stored name by `TOPIC: ClassVar[str]` and the library's `register_topic(name, cls)`: without one its
    Python path is stored, which breaks on the first move.
    """

    def to_stored_event(self, domain_event: DomainEventProtocol[TAggregateID]) -> StoredEvent:
        """Return the stored event. Raises ProgrammingError for a Struct that is written as an array."""
        if not isinstance(domain_event, Struct):
            return super().to_stored_event(domain_event)
        shape = type(domain_event)
        built: object = msgspec.to_builtins(domain_event, order="sorted")
        if not isinstance(built, dict):
            raise ProgrammingError(
                f"{shape.__qualname__} is array_like: only a Struct with named members can be upcast"
            )
        state = cast("dict[str, Any]", built)
        for name in _places(shape):
            state.pop(name, None)
        version = _class_version(shape)
        if version > 1:
            state[CLASS_VERSION] = version
        return StoredEvent(
            originator_id=domain_event.originator_id,
            originator_version=domain_event.originator_version,
            topic=get_topic(shape),
            state=self._encode(state),
        )

    def to_domain_event(self, stored_event: StoredEvent) -> DomainEventProtocol[TAggregateID]:
        """Return the domain event, upcast where it was stored in an older shape.

        Raises MapperDeserialisationError when the state is not what its topic says.
        """
        shape = resolve_topic(stored_event.topic)
        if not (isinstance(shape, type) and issubclass(shape, Struct)):
            return super().to_domain_event(stored_event)
        try:
            state = self._decode(stored_event.state)
            for version in range(state.pop(CLASS_VERSION, 1), _class_version(shape)):
                getattr(shape, f"upcast_v{version}_v{version + 1}")(state)
            originator_id, originator_version = _places(shape)
            state[originator_id] = str(stored_event.originator_id)
            state[originator_version] = stored_event.originator_version
            event: Any = msgspec.convert(state, shape)
        except Exception as error:
            raise MapperDeserialisationError(
                f"version {stored_event.originator_version} of {stored_event.originator_id} is no "
                f"{stored_event.topic}: {error}"
            ) from error
        return event  # type: ignore[no-any-return] # the class was named by the stored event

    def _encode(self, state: dict[str, Any]) -> bytes:
        data = self.transcoder.encode(state)
        if self.compressor:
            data = self.compressor.compress(data)
        return self.cipher.encrypt(data) if self.cipher else data

    def _decode(self, data: bytes) -> dict[str, Any]:
        if self.cipher:
            data = self.cipher.decrypt(data)
        if self.compressor:
            data = self.compressor.decompress(data)
        state: dict[str, Any] = self.transcoder.decode(data)
        return state


@cache
def _places(shape: type[Struct]) -> tuple[str, str]:
    """Return the members, as written, that say which event it is: a stored event has them beside its state."""
    names = {field.name: field.encode_name for field in msgspec.structs.fields(shape)}
    return names["originator_id"], names["originator_version"]


def _class_version(shape: type[Struct]) -> int:
    version: int = getattr(shape, CLASS_VERSION, 1)
    return version
