"""What the pages say, in English and Indonesian: `texts/<language>/<page>.toml`, read once.

A text is named `page.name`, and may hold `{name}` for what is put in. A text that a language lacks is an error: the
tests hold the two languages beside each other.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

LANGUAGES: Mapping[str, str] = {"en": "English", "id": "Bahasa Indonesia"}
"""Each by its own name (BCP 47 tag first)."""
DEFAULT_LANGUAGE = "en"


@cache
def texts(language: str) -> Mapping[str, str]:
    """Return all texts of a language by name."""
    found: dict[str, str] = {}
    for file in resources.files("api.pages").joinpath("texts", language).iterdir():
        if file.name.endswith(".toml"):
            page = file.name.removesuffix(".toml")
            for name, text in tomllib.loads(file.read_text(encoding="utf-8")).items():
                found[f"{page}.{name}"] = text
    return found


class Wording:
    """The texts of one language."""

    def __init__(self, language: str) -> None:
        """Take the language, one of LANGUAGES."""
        self.language = language
        self._texts = texts(language)

    def __call__(self, name: str, /, **values: object) -> str:
        """Return a text, with the values put in. Raises KeyError for one that there is none of."""
        text = self._texts[name]
        return text.format_map(values) if values else text

    def either(self, name: str, otherwise: str) -> str:
        """Return a text that may be missing, as that of a code of the domain is: then as it is spelled itself."""
        return self._texts.get(name, otherwise)
