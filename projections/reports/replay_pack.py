"""R11, the replay pack: the state of every stream at a moment, and the manifest that reproduces it (Q50).

It is the plain fold of `replay`, and its manifest is a replay's: the same sizes give the same lines, whose hash it
states. Whoever verifies the logs' tiles up to these sizes and folds them (`jejak replay --from`) comes to the same.
"""

import msgspec

from ledger.errors import Fault, Refused
from projections.inquiry import FOLD_MAX_EVENTS
from projections.replay import Manifest, replay
from projections.reports.report import ROWS_MAX, Asked, Part, Report, Row, Sections

FILTERS = {"subject_prefix": "streams whose subject begins with this alone"}


async def pack(asked: Asked) -> Sections:
    """Return the logs up to which it was folded, the states, and the manifest.

    Raises Refused (`use-a-replay`) where it is too much for an answer: a replay's result has no such bound.
    """
    inquiry, prefix = asked.inquiry, asked.one("subject_prefix")
    if sum(at.size for at in inquiry.asked) > FOLD_MAX_EVENTS:
        raise _too_much(f"reads more than {FOLD_MAX_EVENTS} events")
    moment = msgspec.structs.replace(inquiry.moment, logs=inquiry.asked)
    manifest = Manifest(moment, prefix)
    states: list[Row] = []
    async for item in replay(asked.reader, moment, manifest, prefix or ""):
        states.append(item)
        if len(states) > ROWS_MAX:
            raise _too_much(f"comes to more than {ROWS_MAX} states")
    return {
        "manifest": [manifest.describe()],
        "checkpoints": [
            {
                "log": at.log.slug,
                "size": at.size,
                "root": at.root.hex(),
                "checkpoint": f"/logs/{at.log.slug}/checkpoint",
                "tiles": f"/logs/{at.log.slug}/tile/",
            }
            for at in inquiry.asked
        ],
        "states": states,
    }


def _too_much(detail: str) -> Refused:
    return Refused((Fault("use-a-replay", "", f"{detail}: narrow it by log or subject_prefix, or ask for a replay"),))


REPORT = Report(
    name="replay-pack",
    id="R11",
    title="Replay pack",
    answers=(
        "What the state of every stream was at a date, as known at another, with the sizes and roots from which it was"
        " folded and the hash of the result, so that anybody can come to the same"
    ),
    parts=(Part(sections=("manifest", "checkpoints", "states"), work_out=pack),),
    metrics=(),
    parameters=FILTERS,
)
