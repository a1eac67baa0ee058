"""Copies of a ledger's vault: made beside a backup of its data, never in it, and put back with it.

A copy has the layout of a keys folder: `<copy>/<ledger id>/...`.

Marks are read before the data is copied and all else after it: so the copy knows of no checkpoint that the data has
not, and lacks no key that the data was signed or wrapped by.
"""

from collections.abc import Mapping
from pathlib import Path

from ledger.errors import SettingError
from ledger.marks import FOLDER as MARKS
from ledger.vault import LOCKS, Vault
from ledger.whole_folder import whole_folder

Content = Mapping[str, bytes]
"""Files of a vault, by name."""


def read_marks(vault: Vault) -> Content:
    """Return the marks of a vault."""
    return _read(vault, MARKS)


def read_all_but_marks(vault: Vault) -> Content:
    """Return everything else in a vault: keys, the list of destroyed ones, marks that were given up."""
    folders = sorted(path.name for path in vault.folder.iterdir() if path.is_dir())
    content = dict(_read(vault, ""))
    for folder in folders:
        if folder not in {MARKS, LOCKS}:
            content |= _read(vault, folder)
    return content


def _read(vault: Vault, folder: str) -> Content:
    names = [f"{folder}/{name}" if folder else name for name in vault.names(folder)]
    return {name: content for name in names if (content := vault.read(name)) is not None}


def write_copy(folder: Path, content: Content) -> None:
    """Write files of a vault into a folder, each durable."""
    copy = Vault(folder)
    for name, file in content.items():
        copy.write(name, file)


def put_back(copy: Path | None, place: Path) -> Vault:
    """Return the vault at `place`, a ledger's in its keys folder; copied there if need be, whole or not at all.

    `copy` is a copied keys folder, or None. Raises SettingError where there are no keys of this ledger in either, or
    others at the place than in the copy.
    """
    if copy is None:
        if not place.is_dir():
            raise SettingError(
                f"the keys of this ledger are not in {place}: name a copy of them by --keys, or by JEJAK_KEYS_DIR "
                "where they are"
            )
        return Vault(place)
    source = copy / place.name
    if not source.is_dir():
        raise SettingError(f"{copy} holds no keys of ledger {place.name}, which the backup is of")
    content = {**read_marks(Vault(source)), **read_all_but_marks(Vault(source))}
    if place.is_dir():
        found = Vault(place)
        if {**read_marks(found), **read_all_but_marks(found)} != content:
            raise SettingError(f"{place} holds keys of this ledger already, and others than the copy: leave out --keys")
        return found
    with whole_folder(place) as unfinished:
        write_copy(unfinished.path, content)
    return Vault(place)
