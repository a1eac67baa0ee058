"""All pages of the workbench."""

from litestar.handlers import HTTPRouteHandler

from api.pages import (
    claims,
    durations,
    event,
    jobs,
    lists,
    overview,
    policies,
    reports,
    search,
    sign_in,
    static_files,
    subject,
    time_machine,
    tokens,
)

ROUTES: tuple[HTTPRouteHandler, ...] = (
    *overview.ROUTES,
    *time_machine.ROUTES,
    *lists.ROUTES,
    *subject.ROUTES,
    *search.ROUTES,
    *event.ROUTES,
    *jobs.ROUTES,
    *policies.ROUTES,
    *claims.ROUTES,
    *durations.ROUTES,
    *reports.ROUTES,
    *tokens.ROUTES,
    *sign_in.ROUTES,
    *static_files.ROUTES,
)
