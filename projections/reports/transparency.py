"""R1, the transparency report (DSA 15, 24, 42): notices, measures, complaints, orders; and what was published (Q43)."""

from projections.metrics.decisions import OVERTURNING
from projections.reports.complaints import PART as COMPLAINTS
from projections.reports.deadline_tallies import deadlines
from projections.reports.measures import PART as MEASURES
from projections.reports.notices import FILTERS
from projections.reports.notices import PART as NOTICES
from projections.reports.orders import ORDER
from projections.reports.orders import PART as ORDERS
from projections.reports.publications import compared
from projections.reports.repeat_infringers import PART as RECIDIVISM
from projections.reports.report import Asked, Part, Report, Sections

ALL = 0
"""The first line of a section is over its whole cohort."""


async def order_deadlines(asked: Asked) -> Sections:
    """Return the deadlines of orders, by rule and authority."""
    return await deadlines(asked, ORDER)


async def figures(asked: Asked) -> Sections:
    """Return the headline figures of the period, and beside them what platforms published for it."""
    notices = (await asked.sections_of(NOTICES))["notices"][ALL]
    measures = (await asked.sections_of(MEASURES))["measures"][ALL]
    complaints = (await asked.sections_of(COMPLAINTS))["complaints"][ALL]
    orders = (await asked.sections_of(ORDERS))["orders"][ALL]
    found: dict[str, int | str | None] = {
        "items_noticed": notices["items"],
        "items_actioned": notices["actioned"],
        "items_open": notices["n_open"],
        "median_hours_to_action": notices["time_to_action"]["median"],
        "decisions": measures["decisions"],
        "decisions_reversed": measures["reversal_rate"]["numerator"],
        "complaints_filed": complaints["filed"],
        "complaints_decided": complaints["decided"],
        "complaints_overturned": sum(complaints["results"].get(name, 0) for name in OVERTURNING),
        "orders_received": orders["orders"],
        "orders_given_effect": orders["given_effect"],
    }
    return {
        "figures": [{"figure": name, "value": value} for name, value in found.items()],
        "published": await compared(asked, found),
    }


REPORT = Report(
    name="transparency",
    id="R1",
    title="Transparency report",
    answers=(
        "How many notices, measures, complaints and orders there were in a period, how long they took, how many"
        " decisions were reversed; and where what a platform published for the period differs from the ledger"
    ),
    parts=(
        Part(sections=("figures", "published"), work_out=figures),
        NOTICES,
        MEASURES,
        COMPLAINTS,
        ORDERS,
        Part(sections=("deadlines",), work_out=order_deadlines),
        RECIDIVISM,
    ),
    metrics=(
        "appeal_overturn_rate",
        "error_rate",
        "lag_of_reasons",
        "re_entry_rate",
        "recidivism",
        "reversal_rate",
        "share_within_24_hours",
        "takedown_success_rate",
        "time_to_action",
        "time_to_decision",
        "time_to_effect",
        "upheld_counter_rate",
        "zero_sale_rate",
    ),
    parameters=FILTERS,
    consults="EVERY_LOG",
)
