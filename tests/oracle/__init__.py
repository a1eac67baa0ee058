"""What a log says, worked out from `domain.md` 2.3 and 4 to 7 alone: the judge of views and replay.

Nothing of the product is imported. It takes recorded events as JSON objects and folds everything anew for each
question; clarity goes before speed. Where `domain.md` leaves a choice open, the product's documented one is followed:
- what opens something (a notice; a filing; a publication; an order issued, received, acknowledged) never sets a later
  state back, since it may be certain only after what followed from it; nor does a beginning (an admission, an entry
  into force, a start) that lies at or before the end that is known already;
- of several verifications the newest that verifies counts, else the newest; "newest" by the order of the fold;
- a listing whose destinations are not stated is offered everywhere, a scope that is not stated reaches everywhere;
- a takedown item after a rejected counter-notice stays COUNTER_REJECTED, and suit stops only what is down;
- what is withdrawn, revoked or lapsed stays so, whatever else is told of it, until it is recorded anew;
- of two versions that take effect at one instant, the one that counts later in the fold supersedes the other;
- a stated date holds to its end in the zone of the event that states it; 9999-12-31 is "for ever".
"""

from tests.oracle.seen import KINDS_OF, Seen

__all__ = ["KINDS_OF", "Seen"]
