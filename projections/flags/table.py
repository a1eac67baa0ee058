"""Every soft rule (domain.md 9, and the remarks S of section 7): flag, severity, who has to act, norm, check.

SERIOUS is what may make an act void or unlawful, or a proof worthless; WARNING what has to be explained; INFO what a
reader should know. A flag may have several rules, each for another kind of stream; of two that find the same, the
first one counts.
"""

from projections.flags import (
    bases,
    identifiers,
    memberships,
    publications,
    reasons,
    remarks,
    reviews,
    sanctions,
    sellers,
    sources,
    stages,
    submissions,
    times,
    warnings,
)
from projections.flags.incomplete import INCOMPLETE
from projections.flags.links import UNLINKED_BLOCK, UNLINKED_EFFECT, UNLINKED_TAKEDOWN
from projections.flags.rule import Check, Owner, Rule, Severity


def _rule(flag: str, severity: Severity, owner: Owner, rule: str, check: Check) -> Rule:
    return Rule(flag=flag, severity=severity, owner=owner, rule=rule, check=check)


# fmt: off
RULES: tuple[Rule, ...] = (
    # of every stream
    _rule("INCOMPLETE", "INFO", "APPENDER", "members-expected", INCOMPLETE),
    _rule("NO_BEGINNING", "INFO", "APPENDER", "history-begins", stages.NO_BEGINNING),
    _rule("STAGE_SKIPPED", "INFO", "APPENDER", "stages-in-order", stages.STAGE_SKIPPED),
    _rule("LATE_APPEND", "WARNING", "APPENDER", "promise-PT24H", times.LATE_APPEND),
    _rule("BASIS_NOT_IN_FORCE", "SERIOUS", "APPENDER", "basis-in-force", bases.BASIS_NOT_IN_FORCE),
    _rule("POSSIBLE_PII_IN_FREE_TEXT", "SERIOUS", "APPENDER", "EU-DSA-24(5)", sources.POSSIBLE_PII_IN_FREE_TEXT),
    _rule("INSUFFICIENT_SOURCE", "INFO", "APPENDER", "source-sufficient", sources.INSUFFICIENT_SOURCE),
    _rule("AMBIGUOUS_REFERENCE", "WARNING", "REGISTRAR", "one-definition", identifiers.AMBIGUOUS_REFERENCE),
    _rule("VOID_INSTEAD_OF_REVERSAL", "SERIOUS", "APPENDER", "reversal-in-the-open", reviews.VOID_INSTEAD_OF_REVERSAL),
    # remarks without a flag of their own
    _rule("INCOMPLETE", "INFO", "APPENDER", "claim-has-predicate", remarks.CLAIM_WITHOUT_PREDICATE),
    _rule("INCOMPLETE", "WARNING", "PLATFORM", "EU-DSA-32", remarks.SHORT_LOOKBACK),
    _rule("INCOMPLETE", "WARNING", "FORUM", "neutral-independent", remarks.DEPENDENT_NEUTRAL),
    _rule("NO_BEGINNING", "INFO", "PLATFORM", "programme-started", remarks.PREMATURE_ONBOARDING),
    _rule("COUNTER_LATE", "INFO", "PLATFORM", "EU-DSA-20(1)", remarks.LATE_APPEAL),
    # restrictions of listings and sellers
    _rule("NO_REASONS", "SERIOUS", "PLATFORM", "EU-DSA-17", reasons.NO_REASONS),
    _rule("LATE_REASONS", "WARNING", "PLATFORM", "EU-DSA-17", reasons.LATE_REASONS),
    _rule("NO_PRIOR_WARNING", "WARNING", "PLATFORM", "EU-DSA-23(1)", warnings.UNWARNED_SELLER),
    _rule("NO_PRIOR_WARNING", "WARNING", "PLATFORM", "EU-DSA-23(2)", warnings.UNWARNED_NOTIFIER),
    _rule("SAME_REVIEWER", "SERIOUS", "PLATFORM", "separation-of-duties", reviews.SAME_REVIEWER),
    _rule("SAME_REVIEWER", "SERIOUS", "PLATFORM", "separation-of-duties", reviews.SAME_REVIEWER_OF_APPEAL),
    _rule("AUTOMATED_APPEAL", "SERIOUS", "PLATFORM", "EU-DSA-20(6)", reviews.AUTOMATED_APPEAL),
    # listings
    _rule("PUBLISHED_BY_BANNED_SELLER", "SERIOUS", "PLATFORM", "seller-not-banned",
          publications.PUBLISHED_BY_BANNED_SELLER),
    _rule("POLICY_VIOLATION_AT_PUBLICATION", "SERIOUS", "PLATFORM", "policy-kept",
          publications.POLICY_VIOLATION_AT_PUBLICATION),
    _rule("BLOCK_BEFORE_PUBLICATION", "INFO", "PLATFORM", "published-before-blocked",
          publications.BLOCK_BEFORE_PUBLICATION),
    _rule("EVASION_SIGNAL", "WARNING", "PLATFORM", "attributes-stable", publications.EVASION_BY_LISTING),
    _rule("EVASION_SIGNAL", "WARNING", "PLATFORM", "account-answers", sellers.EVASION_BY_CLOSING),
    # sellers
    _rule("UNVERIFIED_VERIFICATION", "SERIOUS", "PLATFORM", "EU-DSA-30", sellers.UNVERIFIED_VERIFICATION),
    _rule("SANCTION_NOT_APPLIED", "WARNING", "PLATFORM", "sanction-P3D", sanctions.SANCTION_NOT_APPLIED),
    _rule("LADDER_SKIPPED", "WARNING", "PLATFORM", "serious-strikes-only", sanctions.GENERAL_STRIKES_COUNTED),
    # takedown cases
    _rule("UNLINKED_ACTION", "WARNING", "PLATFORM", "act-and-restriction", UNLINKED_BLOCK),
    _rule("UNLINKED_ACTION", "WARNING", "PLATFORM", "act-and-restriction", UNLINKED_TAKEDOWN),
    _rule("UNLINKED_ACTION", "WARNING", "PLATFORM", "order-and-restriction", UNLINKED_EFFECT),
    _rule("UNACKNOWLEDGED_NOTICE", "SERIOUS", "PLATFORM", "receipt-PT24H", submissions.UNACKNOWLEDGED_NOTICE),
    _rule("COUNTER_LATE", "INFO", "PLATFORM", "counter-notice-in-time", times.COUNTER_LATE),
    _rule("LATE_SUIT_NOTICE", "WARNING", "HOLDER", "suit-within-wait", times.LATE_SUIT_NOTICE),
    _rule("BASIS_NOT_IN_FORCE", "SERIOUS", "HOLDER", "right-in-force", bases.RIGHT_NOT_IN_FORCE),
    # disputes
    _rule("REFERRAL_WITHOUT_AGREEMENT", "SERIOUS", "FORUM", "agreement-in-force", bases.REFERRAL_WITHOUT_AGREEMENT),
    _rule("UNREVIEWED_AI_OUTCOME", "SERIOUS", "FORUM", "human-review", reviews.UNREVIEWED_AI_OUTCOME),
    # orders, policies, memberships, parties, submissions
    _rule("LADDER_SKIPPED", "WARNING", "AUTHORITY", "ladder-step-by-step", sanctions.LADDER_SKIPPED),
    _rule("RETROACTIVE_RULE", "WARNING", "REGISTRAR", "no-retroaction", bases.RETROACTIVE_RULE),
    _rule("TIER_RULE_MISMATCH", "WARNING", "SECRETARIAT", "tier-thresholds", memberships.TIER_RULE_MISMATCH),
    _rule("INELIGIBLE_PERIOD", "WARNING", "SECRETARIAT", "eligible-when-admitted", memberships.INELIGIBLE_PERIOD),
    _rule("IDENTIFIER_COLLISION", "WARNING", "REGISTRAR", "one-party-one-number", identifiers.SHARED_NUMBER),
    _rule("IDENTIFIER_COLLISION", "INFO", "SECRETARIAT", "one-brand-one-member", identifiers.SHARED_BRAND),
    _rule("CONTROL_TOTAL_MISMATCH", "SERIOUS", "PLATFORM", "control-totals", submissions.CONTROL_TOTAL_MISMATCH),
    _rule("NATIVE_SEQ_GAP", "SERIOUS", "PLATFORM", "native-sequence", submissions.NATIVE_SEQ_GAP),
)
# fmt: on
