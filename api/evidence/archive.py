"""A zip file that is the same for the same files, whoever makes it, and whenever."""

import io
import zipfile
from collections.abc import Mapping

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The first instant that a zip file can say."""
READABLE = 0o644 << 16
UNIX = 3


def write_archive(files: Mapping[str, bytes]) -> bytes:
    """Return a zip file of these files by path: sorted, of one time, and stored, as compressors differ in bytes."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as written:
        for path in sorted(files):
            member = zipfile.ZipInfo(path, EPOCH)
            member.create_system, member.external_attr = UNIX, READABLE
            written.writestr(member, files[path])
    return archive.getvalue()
