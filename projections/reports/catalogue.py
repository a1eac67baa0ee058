"""The table of the reports, in the order of domain.md 13.1."""

from projections.reports.alliance import REPORT as ALLIANCE
from projections.reports.claim_dossier import REPORT as CLAIM_DOSSIER
from projections.reports.integrity import REPORT as INTEGRITY
from projections.reports.odr import REPORT as ODR
from projections.reports.policy_compliance import REPORT as POLICY_COMPLIANCE
from projections.reports.replay_pack import REPORT as REPLAY_PACK
from projections.reports.report import Report
from projections.reports.statements_of_reasons import REPORT as STATEMENTS_OF_REASONS
from projections.reports.transparency import REPORT as TRANSPARENCY

REPORTS: tuple[Report, ...] = (
    TRANSPARENCY,
    STATEMENTS_OF_REASONS,
    POLICY_COMPLIANCE,
    ODR,
    CLAIM_DOSSIER,
    ALLIANCE,
    INTEGRITY,
    REPLAY_PACK,
)
BY_NAME = {report.name: report for report in REPORTS}
