"""The members of a population: read from the facts, a batch of streams at a time, with what their records draw on."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence

from projections.derived import Narrowing
from projections.inquiry import LOOK_UP_MAX, Inquiry, Known
from projections.members.clusters import Clusters
from projections.members.course import Course, course_of
from projections.members.listing_member import ListingMember, platform_of, sellers_of
from projections.members.member import Member, PlatformMember, SellerMember
from projections.moment import LogAt

LISTING, SELLER, PLATFORM = "listing", "seller", "platform"
KINDS = {"LISTING": LISTING, "SELLER": SELLER, "PLATFORM": PLATFORM}
"""The kind of stream of what a rule or a claim may be about, as far as it is a member of a population."""

YIELD_EVERY_MEMBERS = 50
"""Members asked before other requests get their turn: some tens of milliseconds of rules."""


async def members(
    inquiry: Inquiry, at: LogAt, kinds: Iterable[str], narrowing: Narrowing | None = None
) -> AsyncIterator[Member]:
    """Yield every stream of these kinds of one log as a member, in order of subject.

    Sellers and platforms of listings are those of the listing's own log; taxonomies are its own, then the registers'.
    """
    narrowed = narrowing or Narrowing()
    clusters = Clusters([course_of(one) for one in await inquiry.all_of("taxonomy", at.log.log_id)])
    streams = inquiry.streams(
        kinds, logs=[at], subjects=narrowed.subjects, prefixes=narrowed.prefixes, start=narrowed.start
    )
    async for batch in _batches(streams):
        courses = await _surroundings(inquiry, at.log.log_id, batch)
        for number, known in enumerate(batch, 1):
            yield _member(known, courses, clusters)
            if number % YIELD_EVERY_MEMBERS == 0:
                await asyncio.sleep(0)


def _member(known: Known, courses: dict[str, Course], clusters: Clusters) -> Member:
    match known.subject.partition(":")[0]:
        case "seller":
            return SellerMember(known)
        case "platform":
            return PlatformMember(known)
        case _:
            return ListingMember(known, courses, courses[platform_of(known.subject)], clusters)


async def _surroundings(inquiry: Inquiry, log_id: int, batch: Sequence[Known]) -> dict[str, Course]:
    """Return the courses of all sellers and platforms that a batch of listings refers to."""
    listings = [known for known in batch if known.subject.startswith(f"{LISTING}:")]
    wanted = {platform_of(known.subject) for known in listings}.union(*map(sellers_of, listings))
    await inquiry.load((log_id, subject) for subject in wanted)
    return {subject: course_of(inquiry.find(log_id, subject)) for subject in wanted}


async def _batches(streams: AsyncIterator[Known]) -> AsyncIterator[list[Known]]:
    """Yield streams in lists of LOOK_UP_MAX at most, so that what they refer to is looked up at once."""
    batch: list[Known] = []
    async for known in streams:
        batch.append(known)
        if len(batch) == LOOK_UP_MAX:
            yield batch
            batch = []
    if batch:
        yield batch
