"""The API asked at a page's times, in the reader's zone where the logs have several and none is said."""

from typing import Any
from urllib.parse import parse_qsl

from litestar import Request

from api.pages.asking import Answer, Parameters, try_asking
from api.pages.preferences import preferences_of
from api.pages.times import Times

ZONE_NEEDED = "/problems/zone-needed"


async def ask_at(
    request: Request[Any, Any, Any],
    path: str,
    times: Times,
    parameters: Parameters = (),
    *,
    known_at: str | None = None,
) -> Answer:
    """Return what the API answers at these times, be it a problem; with another date of knowledge where one is given.

    A date is meant in the zone of the logs. Where they do not share one, it is meant in that of the reader.
    """
    asked = times.parameters(known_at=known_at)
    answer = await try_asking(request, path, [*asked, *parameters])
    if answer.good or answer.document["type"] != ZONE_NEEDED:
        return answer
    return await try_asking(request, path, [*asked, ("tz", preferences_of(request).zone), *parameters])


def asked_with(answer: Answer) -> list[tuple[str, str]]:
    """Return the parameters that an answer was asked with, the zone among them that it was found to need."""
    return parse_qsl(answer.link.partition("?")[2])
