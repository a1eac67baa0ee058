"""Importing files: rows in, events to the log, batch by batch, and what came of every line."""

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

from api.files import BATCH_EVENTS, FileAppended, Refusal, append_lines, refuse
from api.importing.compiling import compile_mapping
from api.importing.mapping import Mapping, MappingError, parse_mapping
from api.importing.references import RowFault
from api.importing.rows import check_encoding, read_rows
from api.service import Service
from ledger.errors import InputError
from ledger.intake import LogInfo
from ledger.store import read_heads

SUFFIX = ".toml"
ANY_ZONE = "UTC"
"""For what is wrong with a mapping it is all one in which zone the days of its log are meant."""


class Imported(FileAppended, kw_only=True):
    """What came of files: how many rows they had, and of the events that these made."""

    rows: int = 0


def load_mapping(name: str) -> Mapping:
    """Return the mapping of this path, or the one that comes with the ledger under this name (`udrp`).

    Raises InputError: there is none, or it cannot be used; everything that is wrong with it is told.
    """
    shipped = files("api.importing")
    try:
        path = Path(name)
        if path.is_file() or path.suffix or path.name != name:
            text = path.read_text("utf-8")
        else:
            text = shipped.joinpath(name + SUFFIX).read_text("utf-8")
        mapping = parse_mapping(text)
        compile_mapping(mapping, ANY_ZONE)
    except FileNotFoundError as error:
        ours = sorted(one.name.removesuffix(SUFFIX) for one in shipped.iterdir() if one.name.endswith(SUFFIX))
        raise InputError(f"there is no mapping {name}: give a path, or one of ours: {', '.join(ours)}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{name} cannot be read: {error}") from error
    except MappingError as error:
        raise InputError(f"{name}: {error}") from error
    check_encoding(mapping.encoding)
    return mapping


async def import_files(
    service: Service,
    slug: str,
    names: list[str],
    mapping: Mapping,
    *,
    dry_run: bool = False,
    progress: Callable[[int], None] = lambda _: None,
) -> Imported:
    """Append what a mapping makes of files to a log. `progress` is told of rows.

    Events stand each on their own, in the order of the rows: one that is refused leaves the others. Their ids are made
    of the rows, so that what was stored before, by a run that was killed too, is found repeated. A dry run stores
    nothing: a row that comes twice, more than a batch apart, is then counted as new twice.

    Raises InputError: there is no such log, or a file cannot be read or lacks a column.
    """
    log = await service.find_log(slug)
    importer = Importer(service, log, mapping, dry_run=dry_run, progress=progress)
    for name in names:
        await importer.take(name, name if len(names) > 1 else None)
    importer.result.size = (await read_heads(service.database.pool("reader"), [slug]))[0].size
    return importer.result


class Importer:
    """Imports files into one log by one mapping. `result` is what has come of them so far."""

    def __init__(
        self, service: Service, log: LogInfo, mapping: Mapping, *, dry_run: bool, progress: Callable[[int], None]
    ) -> None:
        """Take what `import_files` does. Raises MappingError."""
        self.result = Imported(refusals=[])
        self._service = service
        self._log = log
        self._mapping = mapping
        self._mapper = compile_mapping(mapping, log.timezone)
        self._dry_run = dry_run
        self._progress = progress

    async def take(self, name: str, source: str | None) -> None:
        """Import one file, which refusals call `source`. A batch holds whole rows: a dry run judges it by itself."""
        batch: list[tuple[int, bytes]] = []
        told, before = len(self.result.refusals), self.result.rows
        for line, row in read_rows(name, self._mapping, self._mapper.columns):
            self.result.rows += 1
            for made in (row,) if isinstance(row, RowFault) else self._mapper.events_of(row):
                if isinstance(made, RowFault):
                    refuse(self.result, [Refusal(line, made.code, made.detail, source)])
                else:
                    batch.append((line, made))
            if len(batch) >= BATCH_EVENTS:  # at most EVENTS_MAX more, of the last row
                await self._append(batch, source)
                self._progress(self.result.rows - before)
                batch, before = [], self.result.rows
        await self._append(batch, source)
        self._progress(self.result.rows - before)
        self.result.refusals[told:] = sorted(self.result.refusals[told:], key=lambda refusal: refusal.line)

    async def _append(self, batch: list[tuple[int, bytes]], source: str | None) -> None:
        if batch:
            await append_lines(self._service, self._log, batch, self.result, source=source, dry_run=self._dry_run)
