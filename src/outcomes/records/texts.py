"""What a free text names: a person, an address, a telephone, a number of a record. For unknown columns, devices and headers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import pairwise

from outcomes.records import births, codes, numbers
from outcomes.records.codes import Doubt
from outcomes.records.names import TITLES, is_name, is_only_a_name, runs, whole_names
from outcomes.tabular.words import plain

NAMED = "names of persons"
PLACED = "addresses"
CALLED = "telephone numbers"
REACHED = "e-mail addresses"
NUMBERED = "numbers of records, identity cards or insurances"
BORN = "dates of birth"
DATED = "calendar dates"
USERS = "user names"

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*\.?")
# Before a word these always tell a person; "Dr." may stand in the name of a device.
_TITLES_OF_PERSONS = (
    "mr mrs ms miss sig herr frau mme mlle monsieur madame sra srta senhor senhora signora dott mevr dhr pani shri smt"
)
_SURE_TITLES = frozenset(_TITLES_OF_PERSONS.split())
_FEMALE = re.compile(r"(?<=[Ss]ig)\.?ra\b|(?<=[Dd]ott)\.?ssa\b|(?<=[Pp]rof)\.?ssa\b")
_PARTICLES = frozenset(
    [
        "de",
        "da",
        "di",
        "do",
        "dos",
        "del",
        "della",
        "van",
        "von",
        "der",
        "den",
        "zu",
        "la",
        "le",
        "el",
        "al",
        "bin",
        "ibn",
        "ben",
        "y",
        "e",
        "und",
        "and",
    ]
)
_OTHER_LETTERS = "[Ͱ-ϿЀ-ԯ԰-֏֐-׿؀-ۿऀ-෿฀-๿Ⴀ-ჿ가-힯぀-ヿ一-鿿]"
# A given and a family name in letters that are not Latin: two words, or two to four signs of Chinese, Japanese or Korean.
_OTHER_NAME = re.compile(
    rf"{_OTHER_LETTERS}{{2,}}[ ·・,、]{{1,2}}{_OTHER_LETTERS}{{1,}}( {_OTHER_LETTERS}+)?|[一-鿿가-힯぀-ヿ]{{2,5}}"
)
_EMAIL = re.compile(
    r"\S(?: ?[(\[{<] ?at ?[)\]}>] ?|_at_|-at-| at )\S+?(?: ?[(\[{<] ?dot ?[)\]}>] ?| dot |[._-])[a-z]{2,}\b|\S@\S+\.[a-z]",
    re.IGNORECASE,
)
_STREET = (
    r"street|st\.?|road|rd\.?|avenue|ave\.?|lane|ln\.?|drive|close|crescent|boulevard|blvd\.?|court|square|terrace|place|way|parkway|pkwy|highway|hwy|grove|gardens|mews|walk|row|park|circle|cir|trail|loop|pike|crossing|hill|"
    r"rue|chemin|bd\.?|av\.?|route|impasse|allée|quai|calle|avenida|avda\.?|plaza|carrera|paseo|rua|travessa|praça|alameda|estrada|ул\.|улица|проспект|вул\.|οδός|شارع|רחוב|largo|markt|via|viale|piazza|corso|vicolo|"
    r"ulica|ul\.|aleja|ulice|utca|gatan|vägen|vej|gade|gate|vei|katu|tie|straat|laan|weg|plein|gracht|sokak|cadde(?:si)?|jalan|jl\.?|marg|nagar|chome"
)
_ENDS_IN_STREET = r"[^\W\d_]{3,}(?:straße|strasse|str\.?|weg|gasse|platz|allee|ring|damm|ufer|straat|laan|gracht|kade|gatan|vägen|gata|vej|gade|katu|tie|utca)"
_ADDRESS = re.compile(
    rf"\b\d{{1,5}}[a-z]?[ ,]+(?:[^\W\d_.'-]+[ -]){{0,4}}(?:{_STREET})(?:\b|$)"
    rf"|\b(?:{_STREET})[ ]+(?:[^\W\d_.'-]+[ -]?){{1,5}}[ ,]*(?:n[.°º]? ?|no\.? ?)?\d{{1,5}}\b"
    rf"|\b{_ENDS_IN_STREET}[ ,]+\d{{1,4}}\s?[a-z]?\b"
    r"|\b(?:am|an der|im|zum|zur|auf dem|in der) [A-ZÄÖÜ][^\W\d_]{2,} \d{1,4}\b|[都道府県市区町村路街号洞로길동][ 一-鿿]{0,6}\d|\d(?:丁目|番地|号|번지)"
    r"|\b(?:apt|flat|unit|suite|postfach|p\.? ?o\.? box|apartado|caixa postal|bp|casella postale)\.? ?#?\d{1,5}\b"
    r"|\b[A-Z]{1,2}\d[A-Z\d]? \d[ABD-HJLNP-UW-Z]{2}\b|\b[ABCEGHJ-NPRSTVXY]\d[A-Z] \d[A-Z]\d\b|\b[1-9]\d{3} [A-Z]{2}\b"
    r"|\b[A-Z]{2} \d{5}(?:-\d{4})?\b|^(?:[A-Z]{1,2}-)?\d{4,5} (?-i:[A-ZÄÖÜ](?:[^\W\d_A-Z]{2,}|[A-ZÄÖÜ]{3,}))(?:[ -][^\W\d_]+)*$|^\d{5}-\d{3,4}$|〒 ?\d{3}-\d{4}",
    re.IGNORECASE,
)
_ZIP = re.compile(r"[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}|[A-Z]\d[A-Z] \d[A-Z]\d")
_GROUPS = re.compile(
    r"(?:(?:tel|phone|mobile|cell|fax|telefon|handy|móvil|ph|t|m)[.: ]+)?\(?\+?\d{1,5}\)?(?:[ \u00a0./-]{1,2}\(?\d{2,5}\)?){1,6}",
    re.IGNORECASE,
)
_WITHIN = re.compile(
    r"(?:tel|phone|mobile?|mob|cell|fax|handy|ph|whatsapp)\W{1,3}\+?\d{8,}|(?<![\d.,])\(?\+?0?\d{2,5}\)?(?:[ \u00a0./-]\d{2,5}){2,5}(?![\d.,])"
)
_RECORD_WORDS = re.compile(
    r"\b(?:mrn|chart|record|file|patient|pat|case|acct|account|akten?|fall|dossier|historia|expediente|prontuario|cartella|hosp(?:ital)?|nhs|ssn|sin|dni|nif|"
    r"cpf|curp|pesel|bsn|svnr|ahv|insee|medicare|medicaid|passport|pass|policy|insurance|member|hn|urn)\b[ .#:_-]*(?:no|nr|num(?:ber)?|id|n°|nº)?[ .#:_-]*[a-z]{0,3}\d[\d -]{3,}",
    re.IGNORECASE,
)
_BORN_WORDS = re.compile(
    r"\b(?:d\.?o\.?b|born|birth|geb(?:oren)?|née?|nacid[oa]|nat[oa]|nascid[oa]|ur|født|f)\b[. :]*(?:am |on |le |el )?\d{1,4}",
    re.IGNORECASE,
)
_USER = re.compile(
    r"(?:^|[\s(:])@[A-Za-z_][\w.]{2,}|\b(?:insta(?:gram)?|facebook|tiktok|snapchat|twitter)\b ?[:/] ?@?[a-z][\w.]{2,}",
    re.IGNORECASE,
)
_ACCOUNT = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
_DIGITS = re.compile("[0-9]+")
_WITH_YEAR = re.compile(r"([A-Z][^\W\d_]{2,}),? \(?(?:19|20)\d\d\)?")
_INITIALLED = re.compile(
    r"(?:[A-Z]\.? ?){1,2}[A-Z][^\W\d_]{2,}(?:[ ,]+\d{2,4})?|[A-Z][^\W\d_]{2,},? [A-Z]\.?(?: ?[A-Z]\.?)?(?:[ ,]+\d{2,4})?"
)


def what_it_names(text: str) -> set[str]:
    """What a text names for sure, by itself.

    >>> what_it_names("Mrs Smith 1980"), what_it_names("12 High Street"), what_it_names("SkinPen 0.25 to 2.5")
    ({'names of persons'}, {'addresses'}, set())
    """
    found = set()
    text = plain(text)
    if _names_a_person(text):
        found.add(NAMED)
    if _EMAIL.search(text):
        found.add(REACHED)
    if _ADDRESS.search(text) and not _ZIP.fullmatch(text.lower()):
        found.add(PLACED)
    digits = "".join(_DIGITS.findall(text))
    if 9 <= len(digits) <= 15 and (_GROUPS.fullmatch(text) or _WITHIN.search(text)):
        found.add(CALLED)
    if _RECORD_WORDS.search(text) or any(numbers.RECORD.fullmatch(word) for word in text.split()):
        found.add(NUMBERED)
    if _BORN_WORDS.search(text):
        found.add(BORN)
    if births.is_written_in(text):
        found.add(DATED)
    if _USER.search(text):
        found.add(USERS)
    if any(_is_account(numbers.bare(account)) for account in _ACCOUNT.findall(text)):
        found.add(NUMBERED)
    return found


def _is_account(number: str) -> bool:
    """Whether the check digits of an international bank account number are right."""
    return int("".join(str(int(sign, 36)) for sign in number[4:] + number[:4])) % 97 == 1


def _names_a_person(text: str) -> bool:
    if _OTHER_NAME.fullmatch(text.strip()):
        return True
    apart = re.sub("(?<=[a-z])(?=[A-Z])|[_-]", " ", _FEMALE.sub("", text))
    words = [word.rstrip(".") for word in _WORD.findall(apart)]
    titled = [after for word, after in pairwise(words) if word.lower() in _SURE_TITLES and len(word) > 1]
    if any(len(word) > 1 and word[0].isupper() for word in titled):
        return True
    doctors = [after for word, after in pairwise(words) if word.lower() in TITLES]
    if any(is_only_a_name(word) for word in doctors):
        return True
    if _INITIALLED.fullmatch(text.strip()) and any(
        is_only_a_name(word) or re.search(r"\.|\d{4}", text) for word in words if is_name(word)
    ):
        return True
    if (dated := _WITH_YEAR.fullmatch(text.strip())) and is_only_a_name(dated[1]):
        return True
    said = _said(words)
    # What a number stands between is no name of two words: peel 20 % 10 min.
    pairs = [pair for part in re.split(r"\d", apart) for pair in pairwise(_said(_WORD.findall(part)))]
    return 2 <= len(said) <= 8 and any(
        is_name(one)
        and is_name(other)
        and (is_only_a_name(one) or is_only_a_name(other))
        and one[0].isupper() == other[0].isupper()
        for one, other in pairs
    )


def _said(words: Iterable[str]) -> list[str]:
    """The words that can be names."""
    bare = (word.rstrip(".") for word in words)
    return [word for word in bare if len(word) > 1 and word.lower() not in _PARTICLES and word.lower() not in TITLES]


def doubts(texts: Mapping[str, int] | Iterable[str], others: int = 0, *, is_device: bool = False) -> list[Doubt]:
    """What the different texts of a column name, each kind once: those that say so themselves, and names, births and numbers by how many there are.

    `texts`: text -> its cells; `others` are cells with nothing to look at.
    """
    counts = dict(texts) if isinstance(texts, Mapping) else dict.fromkeys(texts, 1)
    known = sorted(counts)
    by_kind: dict[str, list[str]] = {}
    for text in known:
        for kind in what_it_names(text):
            by_kind.setdefault(kind, []).append(text)
    found = [Doubt(kind, tuple(named), True) for kind, named in by_kind.items()]
    alone = [text for text in known if is_only_a_name(plain(text).strip(" .,"))]
    if alone and NAMED not in by_kind and 3 * len(alone) >= len(known):
        found.append(Doubt(NAMED, tuple(alone), len(alone) > 1 and not (is_device and len(alone) < 3)))
    if not is_device:
        as_codes = {plain(text): text for text in known}
        as_codes = {
            code: text for code, text in as_codes.items() if len("".join(_DIGITS.findall(code))) > (5 if " " in code else 0)
        }
        said = codes.doubts({code: counts[text] for code, text in as_codes.items()}, others, with_digits=False)
        found += [doubt._replace(codes=tuple(as_codes[code] for code in doubt.codes)) for doubt in said]
    return found


def is_named_header(name: str) -> bool:
    """Whether a header is no header: it names a person, an address, a telephone, a date or a number.

    >>> is_named_header("Mrs Smith 1980"), is_named_header("020180"), is_named_header("lesion count")
    (True, True, False)
    """
    text = plain(name).strip()
    if what_it_names(text) or is_only_a_name(text) or re.fullmatch(r"\+?(?:[ ()./-]*\d){5,}\)?", text):
        return True
    if births.digits_of(text) and births.dates_among([births.digits_of(text) or ""], len(births.digits_of(text) or "")):
        return True
    is_coded = (
        " " not in text
        and re.search("[0-9]", text)
        and (
            any(is_only_a_name(run) for run in [*runs(text), *re.findall("[A-Za-z]?([a-z]{4,})", text)])
            or whole_names(text).is_plain
        )
    )
    return bool(is_coded) and any(each.is_refused for each in codes.doubts([text], with_digits=False))
