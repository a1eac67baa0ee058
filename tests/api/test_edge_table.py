"""Where each edge case of `domain.md` section 16 is tested: by number in test_edge_cases and test_edge_rules, or below.

Of row 30 the flag is tested; that the report R2 leaves such rows out waits for that report.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
DEADLINES = "unit/projections/test_deadlines.py"
ROWS = range(1, 41)
ELSEWHERE: Mapping[int, Sequence[str]] = {
    3: ("api/test_visibility.py: test_of_two_restrictions_lifting_one_leaves_it_hidden",),
    4: ("api/test_visibility.py: test_a_ban_hides_all_that_a_seller_has_and_its_end_restores_what_has_no_restriction",),
    8: ("api/test_hard_rules.py: test_what_has_no_meaning_is_refused_by_its_code_and_nothing_of_it_is_stored",),
    9: (
        "api/test_append.py: test_a_repeat_is_answered_with_the_first_receipt",
        "api/test_append.py: test_an_id_reused_with_other_content_is_refused",
    ),
    10: ("api/test_bad_input.py: test_nothing_of_a_batch_with_one_bad_event_is_stored",),
    13: (f"{DEADLINES}: test_an_amended_calendar_moves_the_due_day_only_for_who_knows_it",),
    14: (f"{DEADLINES}: test_a_suit_within_the_wait_ends_the_duty_to_reverse_and_one_a_minute_later_does_not",),
    15: (f"{DEADLINES}: test_the_seven_days_to_comply_run_out_before_the_fourteen_to_object_and_both_are_told",),
    18: ("api/test_breaches.py: test_a_price_floor_is_in_dollars_at_the_listings_own_rate",),
    19: ("api/test_breaches.py: test_goods_on_the_positive_list_of_the_version_then_in_force_are_free",),
    20: ("api/test_breaches.py: test_a_cluster_is_that_of_the_taxonomy_in_force_where_none_is_declared",),
    22: ("api/test_visibility.py: test_a_restriction_in_one_country_hides_it_there_only",),
    23: ("api/test_recidivism.py: test_a_link_found_later_changes_who_came_back_for_those_who_know_of_it",),
    25: ("api/test_claim_evaluations.py: test_a_verdict_follows_from_counterexamples_gaps_and_coverage",),
    26: ("api/test_referrals.py: test_a_referral_has_the_basis_that_its_agreement_was_at_that_time",),
    28: ("api/test_bad_input.py: test_a_second_outcome_is_refused_until_the_first_is_set_aside",),
    33: ("api/test_completeness.py: test_a_closed_period_is_compared_with_what_the_log_holds_of_it",),
    34: ("api/test_completeness.py: test_a_notice_is_complete_once_the_platform_recorded_that_it_received_it",),
    35: ("unit/domain/test_report.py: test_a_corrected_report_keeps_both_versions",),
}


def functions(path: str) -> set[str]:
    """Return the names of the tests in a file."""
    return set(re.findall(r"^(?:async )?def (test_\w+)\(", (TESTS / path).read_text(), re.MULTILINE))


def test_every_row_of_the_section_is_tested() -> None:
    named = functions("api/test_edge_cases.py") | functions("api/test_edge_rules.py")
    here = {int(name.split("_")[1]) for name in named}
    assert sorted(here | ELSEWHERE.keys()) == list(ROWS)


def test_what_is_tested_elsewhere_is_there() -> None:
    for row, tests in ELSEWHERE.items():
        for test in tests:
            path, name = test.split(": ")
            assert name in functions(path), row
