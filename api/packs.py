"""Evidence packs: one zip with all that is recorded of a case, and what proves it to whoever does not trust us."""

import asyncio
import base64
import hashlib
from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency

from api.auth import credential_of, readable
from api.cases import asked_cases
from api.derived import inquire
from api.evidence.archive import write_archive
from api.evidence.gathering import gather
from api.evidence.pack import pack_files
from api.problems import Forbidden
from api.queries import TIME_NAMES, read_query, read_time
from api.service import Service
from api.subjects import asked_subject, unknown_subject
from ledger.domain.audit_events import ExportProduced

ZIP = "application/zip"


@get("/v1/packs", name="packs", summary="The evidence pack of a case")
async def make_pack(request: Request[Any, Any, Any], service: NamedDependency[Service]) -> Response[bytes]:
    """Answer the evidence pack of a subject at a moment: the same question with the same sizes gives the same bytes.

    What its states name is in it too, as far as who asks may read it. That it was given out is recorded. Who sees only
    certain members of a case gets none: what is proved is whole entries.
    """
    given = read_query(request, ("subject", "log", *TIME_NAMES))
    subject, credential = asked_subject(given), credential_of(request)
    cases = await asked_cases(request, service, given.get("log"), subject)
    asked = [case.log for case in cases if case.whole]
    if cases and not asked:
        raise Forbidden("a pack holds whole entries, and this token sees only certain members of these")
    inquiry = await inquire(request, service, read_time(given), asked, every_log=True)
    gathered = await gather(inquiry, subject, readable(credential, asked, windowed=True))
    if not gathered.streams:
        raise unknown_subject(subject)
    files = await pack_files(service, inquiry, subject, gathered)
    content = await asyncio.to_thread(write_archive, files)
    digest = hashlib.sha256(content)
    sizes = {at.log.slug: at.size for at in inquiry.asked}
    manifest = {"kind": "EVIDENCE_PACK", "subject": subject, "sizes": sizes, "sha256": digest.hexdigest()}
    await service.audit.record(credential.token_id, f"audit:{credential.token_id}", ExportProduced(manifest=manifest))
    headers = {
        "Repr-Digest": f"sha-256=:{base64.b64encode(digest.digest()).decode()}:",  # RFC 9530
        "Content-Disposition": f'attachment; filename="{digest.hexdigest()[:16]}.zip"',
    }
    return Response(content, media_type=ZIP, headers=headers)


ROUTES = (make_pack,)
