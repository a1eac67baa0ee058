"""What is wrong with a listing's being live, or with how it came out of sight (domain.md 6.2, 7.4).

PUBLISHED_BY_BANNED_SELLER, POLICY_VIOLATION_AT_PUBLICATION, BLOCK_BEFORE_PUBLICATION, EVASION_SIGNAL.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from ledger.domain.fact import Fact
from ledger.domain.listing import ListingAttributesChanged, ListingBlocked, ListingPublished
from ledger.domain.policy_events import PolicyAnnounced, PolicyRuleDefined, PolicyVersionAdopted
from ledger.domain.predicate import NEGATION, Truth, any_true, fields_of, parse_predicate
from ledger.domain.seller import Seller, status
from projections.breaches import breaches_of
from projections.flags.history import History, Span, further_than, holds, later, span_of
from projections.flags.rule import Check, Finding, Needs, Surroundings, raised
from projections.inquiry import Known
from projections.members.clusters import Clusters
from projections.members.course import course_of
from projections.members.listing_member import ListingMember, platform_of, sellers_of
from projections.rule_spans import rule_spans

LISTING = frozenset({"listing"})
PUBLICATIONS = ("ListingPublished", "ListingRelisted")
EVASION_WINDOW = timedelta(days=7)
"""How near to a policy a change of what it asks for looks like evasion (domain.md 7.4), before it as well as after."""
EVASIVE = ("ship_from_country", "category_code")
POLICY_CHANGES = PolicyAnnounced | PolicyVersionAdopted | PolicyRuleDefined


def need_sellers(history: History) -> Needs:
    """Need the sellers of what is published."""
    return Needs(references=frozenset(sellers_of(history.known))) if history.named(PUBLICATIONS) else Needs()


def find_banned(history: History, around: Surroundings) -> Iterator[Finding]:
    """Find publications by a seller who was banned then."""
    seller_id: str | None = None
    for fact in history.facts:
        seller_id = getattr(fact.payload, "seller_id", None) or seller_id
        seller = around.resolved(seller_id)
        if fact.type in PUBLICATIONS and seller is not None:
            banned = holds(seller, Seller, history.span(fact), _is_banned)
            detail = "The listing was published while its seller was banned."
            yield from raised(banned, fact, detail, related=(seller_id,))


def _is_banned(seller: Seller | None, moment: datetime) -> bool:
    return seller is not None and status(seller, moment) == "BANNED"


def need_rules(history: History) -> Needs:
    """Need the rules that may bear on what is published, and what a listing's record draws on."""
    if not history.named(PUBLICATIONS):
        return Needs()
    drawn_on = {platform_of(history.known.subject), *sellers_of(history.known)}
    return Needs(references=frozenset(drawn_on), kinds=frozenset({"policy", "taxonomy"}))


def find_violations(history: History, around: Surroundings) -> Iterator[Finding]:
    """Find publications that broke a rule in force when they came to count."""
    spans = [
        span
        for policy in first_definitions(around.kinds.get("policy", ()))
        for span in rule_spans(policy)
        if span.rule.applies_to == "LISTING"
    ]
    if not spans:
        return
    known = history.known
    sellers = {name: course_of(around.resolved(name)) for name in sellers_of(known)}
    platform = course_of(around.resolved(platform_of(known.subject)))
    clusters = Clusters([course_of(one) for one in around.kinds.get("taxonomy", ())])
    member = ListingMember(known, sellers, platform, clusters)
    for span in spans:
        for breach in breaches_of(member, span):
            for fact in history.named(PUBLICATIONS):
                moment = known.when(fact)
                if breach.start <= moment and (breach.end is None or moment < breach.end):
                    truth: Truth = "TRUE" if breach.held.status == "VIOLATING" else "UNDETERMINED"
                    detail = f"The listing was published against rule {span.rule.rule_id}."
                    related = (span.policy.subject, span.rule.defined_by)
                    yield from raised(truth, fact, detail, related=related, about=span.rule.rule_id)


def first_definitions(policies: Sequence[Known]) -> list[Known]:
    """Return one stream for each id: of two definitions the first, which is the log's own."""
    found: dict[str, Known] = {}
    for policy in policies:
        found.setdefault(policy.subject, policy)
    return list(found.values())


def find_early_blocks(history: History, _around: Surroundings) -> Iterator[Finding]:
    """Find blocks of a listing before it was first published: drafts can be blocked, but seldom are."""
    published = [span_of(fact) for fact, _ in history.of(ListingPublished)]
    if not published:
        return
    for fact, _ in history.of(ListingBlocked):
        before: Truth = later(min(published), history.span(fact))
        yield from raised(before, fact, "The listing was blocked before it was first published.")


def need_policies(history: History) -> Needs:
    """Need every policy, where what a policy may ask for was changed."""
    return Needs(kinds=frozenset({"policy"})) if list(_evasive(history)) else Needs()


def _evasive(history: History) -> Iterator[tuple[Fact, tuple[str, ...]]]:
    for fact, changed in history.of(ListingAttributesChanged):
        names = tuple(name for name in EVASIVE if getattr(changed.changed, name) is not None)
        if names:
            yield fact, names


def find_evasions(history: History, around: Surroundings) -> Iterator[Finding]:
    """Find changes of category or ship-from country within seven days of a policy that may ask for it."""
    for fact, names in _evasive(history):
        for policy in first_definitions(around.kinds.get("policy", ())):
            near = [one for one in policy.facts if isinstance(one.payload, POLICY_CHANGES) and _asks(one, names)]
            truth = any_true(_near(history.span(fact), span_of(one)) for one in near)
            detail = f"{' and '.join(names)} changed within {EVASION_WINDOW.days} days of a policy."
            yield from raised(truth, fact, detail, related=(policy.subject,), about=policy.subject)


def _asks(change: Fact, names: Sequence[str]) -> bool:
    """Tell whether a policy's event may concern these attributes: a rule says what it asks for, others do not."""
    if not isinstance(change.payload, PolicyRuleDefined):
        return True
    asked = fields_of(parse_predicate(change.payload.when))
    return change.payload.applies_to == "LISTING" and not asked.isdisjoint((*names, "cluster"))


def _near(one: Span, other: Span) -> Truth:
    return NEGATION[any_true((further_than(one, EVASION_WINDOW, other), further_than(other, EVASION_WINDOW, one)))]


PUBLISHED_BY_BANNED_SELLER = Check(find=find_banned, kinds=LISTING, needs=need_sellers)
POLICY_VIOLATION_AT_PUBLICATION = Check(find=find_violations, kinds=LISTING, needs=need_rules)
BLOCK_BEFORE_PUBLICATION = Check(find=find_early_blocks, kinds=LISTING)
EVASION_BY_LISTING = Check(find=find_evasions, kinds=LISTING, needs=need_policies)
