"""SQL statements, one to a file, read by name."""

from importlib import resources


class Statements:
    """The statements of one package: `Statements("ledger")("append_events")` is `ledger/sql/append_events.sql`.

    Each file is read once. It works from an installed wheel as from a checkout.
    """

    def __init__(self, package: str) -> None:
        """Take the statements of this package, for example "ledger" or "projections"."""
        self._package = package
        self._folder = resources.files(package) / "sql"
        self._texts: dict[str, str] = {}

    def __call__(self, name: str) -> str:
        """Return the statement of this name. Raises KeyError, naming those that exist, when there is none."""
        text = self._texts.get(name)
        if text is None:
            text = self._texts[name] = self._read(name)
        return text

    def names(self) -> list[str]:
        """Return the names of all statements, sorted: for the test that prepares each."""
        if not self._folder.is_dir():
            return []
        files = (entry.name for entry in self._folder.iterdir())
        return sorted(name.removesuffix(".sql") for name in files if name.endswith(".sql"))

    def _read(self, name: str) -> str:
        known = self.names()
        if name not in known:
            raise KeyError(f"{self._package}/sql has no statement {name!r}; it has {', '.join(known) or 'none'}")
        return (self._folder / f"{name}.sql").read_text(encoding="utf-8")
