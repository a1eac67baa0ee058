"""The table of the lists that are worked out at query time."""

from projections.breaches import DERIVATION as BREACHES
from projections.completeness.listing import DERIVATION as COMPLETENESS
from projections.correction_list import DERIVATION as CORRECTIONS
from projections.deadlines.listing import DERIVATION as DEADLINES
from projections.derived import Derivation
from projections.flag_list import DERIVATION as FLAGS
from projections.notifiers.listing import DERIVATION as NOTIFIERS
from projections.recidivism import DERIVATION as RECIDIVISM
from projections.referral_list import DERIVATION as REFERRALS

DERIVATIONS: tuple[Derivation, ...] = (
    BREACHES,
    COMPLETENESS,
    CORRECTIONS,
    DEADLINES,
    FLAGS,
    NOTIFIERS,
    RECIDIVISM,
    REFERRALS,
)
