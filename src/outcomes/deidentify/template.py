"""A mapping to start from, with the columns of an export that go by a usual name."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from unicodedata import combining, normalize

from outcomes.definitions.columns import COLUMN
from outcomes.deidentify.mapping import MAPPED, SCORED_ON, SESSION

# In order of preference: English, German, French, Spanish, Portuguese, Italian; without accents and punctuation.
_NAMES = {
    "patient_id": "patient id|patientid|pat id|chart no|chart number|chart|mrn|medical record number|record id|patient no|patient number|"
    "client id|patienten id|patientennummer|patientennr|patienten nr|patnr|pat nr|akte nr|aktennummer|akte|no patient|numero patient|"
    "numero de dossier|dossier|id paciente|paciente id|no historia|numero de historia|historia clinica|n historia|prontuario|id paziente|cartella|"
    "numero cartella|subject id|study id",
    "day": "visit date|date of visit|treatment date|session date|appointment date|date of service|service date|date|datum|behandlungsdatum|"
    "besuchsdatum|termin|date de visite|date de la visite|date de seance|fecha|fecha de visita|fecha de sesion|data|data da visita|"
    "data da sessao|data visita|data seduta",
    "age": "date of birth|dob|birth date|birthdate|geburtsdatum|geb datum|geboren|date de naissance|naissance|fecha de nacimiento|"
    "data de nascimento|nascimento|data di nascita|nascita|age|age years|alter|edad|idade|eta",
    "session": "session|session no|session number|session nr|treatment no|treatment number|tx no|sitzung|sitzung nr|sitzungsnummer|"
    "behandlung nr|seance|numero de seance|no seance|sesion|numero de sesion|n sesion|sessao|numero da sessao|seduta|numero seduta",
    "sessions_completed": "sessions completed|completed sessions|previous sessions|prior sessions|bisherige sitzungen|seances effectuees|"
    "sesiones previas|sessoes anteriores|sedute precedenti",
    "area": "area|treated area|treatment area|region|areal|bereich|zone|zone traitee|zona|zona tratada|zona trattata",
    "course_id": "course|course id|course no|treatment plan id|behandlungsserie|serie",
    "clinic_id": "clinic|clinic id|site|location|branch|praxis|standort|klinik|clinique|clinica|sede",
    "provider_id": "provider|provider id|clinician|practitioner|therapist|doctor|physician|treated by|operator|behandler|arzt|therapeut|"
    "praticien|medecin|medico|profesional|profissional|terapeuta|operatore",
    "fitzpatrick": "fitzpatrick|fitzpatrick type|fitzpatrick skin type|skin type|skintype|fst|phototype|hauttyp|hauttyp fitzpatrick|"
    "phototype fitzpatrick|type de peau|fototipo|fototipo fitzpatrick|tipo de piel|tipo de pele|tipo di pelle",
    "sex": "sex|gender|geschlecht|sexe|genre|sexo|genero|sesso|genere",
    "planned_sessions": "planned sessions|planned|sessions planned|geplante sitzungen|seances prevues|sesiones previstas|"
    "sessoes previstas|sessoes planejadas|sedute previste",
    "status": "status|course status|treatment status|statut|estado|stato",
    SCORED_ON: "assessment date|date of assessment|scored on|score date|photo date|bewertungsdatum|beurteilungsdatum|date d evaluation|"
    "fecha de evaluacion|data da avaliacao|data valutazione",
    "scar_score": "gb grade|gb|gb grad|gb score|goodman baron|goodman baron grade|goodman and baron|ecca|ecca score|asas|scar score|scar grade|"
    "acne scar grade|narben|narbengrad|narben score|grade de cicatrices|cicatrices|cicatrizes|cicatrici",
    "pih_score": "pahpi|mmasi|melanin index|pih score|pih severity|pih|hyperpigmentierung|hyperpigmentation|hiperpigmentacion|"
    "hiperpigmentacao|iperpigmentazione",
    "line_score": "lemperle|wrinkle grade|wrinkles|fine lines|falten|faltengrad|rides|arrugas|rugas|rughe",
    "gais": "gais|gais score|global aesthetic improvement",
    "satisfaction": "satisfaction|patient satisfaction|satisfaction 0 10|zufriedenheit|zufriedenheit 0 10|satisfaccion|satisfacao|"
    "soddisfazione",
    "assessor_id": "assessor|rater|assessed by|scored by|evaluator|beurteiler|bewerter|evaluateur|evaluador|avaliador|valutatore",
    "blinded": "blinded|masked|verblindet|aveugle|cegado|in cieco",
    "treated": "treated|session given|treatment given|behandelt|traite|tratado|trattato",
    "device": "device|device model|machine|gerat|geraet|appareil|dispositivo|aparato|aparelho|apparecchio",
    "depth_mm": "depth mm|depth|needle depth|needle depth mm|max depth|tiefe mm|tiefe|nadeltiefe|eindringtiefe|profondeur|profondeur mm|"
    "profundidad|profundidad mm|profundidade|profundidade mm|profondita|profondita mm",
    "passes": "passes|no of passes|number of passes|durchgange|passages|pasadas|passadas|passaggi",
    "adjunct": "adjunct|combined with|combination|add on|kombination|zusatz|associe|combinado|combinato",
    "tip_code": "tip code|tip|tip id|tip serial|needle tip|cartridge|cartridge id|lot serial|nadelkopf|kartusche|cartouche|cartucho|cartuccia",
    "pregnant": "pregnant|pregnancy|schwanger|schwangerschaft|enceinte|embarazo|embarazada|gravida|gravidez|gravidanza",
    "breastfeeding": "breastfeeding|lactating|stillzeit|stillend|allaitement|lactancia|amamentacao|allattamento",
    "active_skin_cancer": "skin cancer|active skin cancer|hautkrebs|cancer de la peau|cancer de piel|cancer de pele|tumore della pelle",
    "blood_disorder": "blood disorder|bleeding disorder|gerinnungsstorung|trouble de la coagulation|trastorno de coagulacion|"
    "disturbio de coagulacao|disturbo della coagulazione",
    "isotretinoin_months": "isotretinoin months|months since isotretinoin",
    "new_pih": "new pih|pih new|neue pih",
    "prolonged_erythema": "prolonged erythema|erythema|erythem|rotung|erytheme|eritema",
    "infection": "infection|infektion|infeccion|infeccao|infezione",
    "herpes_flare": "herpes|herpes flare|cold sore",
    "tram_tracks": "tram tracks|tramtracks|tram tracking",
    "scar_worsening": "scar worsening|worse scarring",
    "other_event": "other event|other adverse event|andere nebenwirkung",
    "event_days": "event days|days of event",
}
_SYNONYMS = {column: tuple(names.split("|")) for column, names in _NAMES.items()}

# By which scale a score goes, where the name of its column says so.
_SCALES = {
    "scar_scale": {"ecca": "ecca", "asas": "asas", "gb grad": "goodman_baron_grade", "baron grad": "goodman_baron_grade"},
    "pih_scale": {"pahpi": "pahpi", "mmasi": "mmasi", "melanin": "melanin_index"},
    "line_scale": {"lemperle": "lemperle"},
}
_NEEDED = ("patient_id", "day", "age", SESSION, "sex", "fitzpatrick", "scar_score", "pih_score")

_SEX = {
    "female": ("f", "w", "female", "woman", "weiblich", "femme", "feminin", "femenino", "mujer", "feminino", "femminile"),
    "male": ("m", "h", "male", "man", "mannlich", "männlich", "homme", "masculin", "masculino", "hombre", "maschile"),
    "other": ("d", "x", "divers", "diverse"),
}
_YES_NO = {"yes": ("ja", "j", "oui", "o", "si", "sí", "s", "sim", "sì", "x"), "no": ("nein", "non", "não", "nao")}

# A word in the header of the dates -> how dates and decimals are usually written where it is used.
_COUNTRIES = {
    **dict.fromkeys(("datum", "behandlungsdatum", "besuchsdatum", "termin"), ("dd.mm.yyyy", ",")),
    **dict.fromkeys(("fecha", "data", "de"), ("dd/mm/yyyy", ",")),
}

_AGES = {"age", "age years", "alter", "edad", "idade", "eta"}

_TIP = ("lot|charge", "serial|seriennummer")
"""Words of two columns that together tell a tip: its lot and its serial number."""

_PERSON = [
    "patient name",
    "patient",
    "full name",
    "last name",
    "surname",
    "first name",
    "nachname",
    "vorname",
    "nom",
    "prenom",
    "apellidos",
    "apellido",
    "nombre",
    "sobrenome",
    "cognome",
    "nome",
    "name",
]
"""Headers that together with the date of birth tell a patient, where there is no number."""

_HEAD = """\
# Which column of the export is which column of a session record. What is not named here is dropped.
# Check every line, then: outcomes deidentify EXPORT --mapping THIS_FILE --out passed_on/sessions.csv

[export]
{sheet:<31}# which sheet of a workbook
dates = {dates:<23}# how dates are written: dd.mm.yyyy, dd/mm/yyyy (day first), mm/dd/yyyy (month first), dd mmm yyyy, ...
decimal = {decimal:<21}# "," where 3,5 is three and a half
scores = "before"              # the scores of a row were taken before its session, or "after" it
# scores_days_after = 30       # "after" only, where no column (scored_on) has the date of the scores
# blank = ["-", "n/a"]         # written for "not recorded"

[columns]
# patient_id and tip_code may be lists: columns that together tell one. age: a date of birth, or ages. session: the number
# of the session given at the visit, blank or 0 if none; or sessions_completed, those given before; without either,
# sessions are counted from the visits that are treated, or from all visits.
"""


def example(headers: Sequence[str] = (), sheet: str | None = None) -> str:
    """A commented mapping as TOML, with the columns among `headers` that go by a usual name in one of six languages.

    What could not be guessed stands there as a comment. Nothing but the headers is looked at. `sheet` is theirs in a workbook.
    """
    guessed = guesses(headers)
    lines = [f"{column} = {_toml(guessed[column])}" for column in MAPPED if column in guessed]
    # Columns that a session record hardly does without come with an example in their place.
    missing = [
        column
        for column in (*_NEEDED, *MAPPED)
        if column not in guessed and column not in _SCALES and column != "sessions_completed"
    ]
    lines += [f'# {column} = "..."{_meaning(column)}' for column in dict.fromkeys(missing) if column not in ("gais_by",)]
    left = [name for name in headers if name not in {part for parts in guessed.values() for part in parts}]
    if left:
        lines += ["# not mapped, and so dropped:", *(f"#   {_shown(name)}" for name in left)]
    own_sheet = '# sheet = "Visits"' if sheet is None else f"sheet = {_quoted(sheet)}"
    day = _plain(" ".join(guessed.get("day", ())))
    dates, decimal = next((known for begin, known in _COUNTRIES.items() if begin in day.split()), ("yyyy-mm-dd", "."))
    return "\n".join(
        [
            _HEAD.format(sheet=own_sheet, dates=_quoted(dates), decimal=_quoted(decimal)) + "\n".join(lines),
            "",
            "[constants]                    # the same on all rows",
            *_scale_lines(guessed),
            "",
            '# What the export writes, in any case = what it means; "" = not recorded.',
            '[values."yes/no"]              # for every yes/no column',
            *(f'{_quoted(text)} = "{meaning}"' for meaning, texts in _YES_NO.items() for text in texts),
            "",
            "[values.sex]",
            *(f'{_quoted(text)} = "{meaning}"' for meaning, texts in _SEX.items() for text in texts),
            "",
            "# [values.area]",
            '# "left cheek" = "cheeks"',
            "",
            "# [long]                       # only where every row is one measurement",
            '# measure = "Test"             # the column that names it',
            '# value = "Result"             # the column of its value',
            "# [long.measures]",
            '# "GB grade" = "scar_score"',
            "",
        ]
    )


def guesses(headers: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Contract column -> the one of `headers` that goes by a usual name for it; no header is taken twice."""
    by_plain: dict[str, str] = {}
    for name in headers:
        by_plain.setdefault(_plain(name), name)
    found: dict[str, tuple[str, ...]] = {}
    taken: set[str] = set()
    for column, synonyms in _SYNONYMS.items():
        known = (_plain(column), *synonyms)
        header = next((by_plain[name] for name in known if name in by_plain and by_plain[name] not in taken), None)
        if header is not None:
            found[column] = (header,)
            taken.add(header)
    for scale in _SCALES:
        if scale in by_plain:
            found[scale] = (by_plain[scale],)
    if SESSION in found:
        found.pop("sessions_completed", None)
    lot, serial = (next((name for name in headers if re.search(rf"\b({word})\b", _plain(name))), None) for word in _TIP)
    if lot and serial and lot != serial and not {lot, serial} & (taken - set(found.get("tip_code", ()))):
        found["tip_code"] = (lot, serial)
    people = tuple(by_plain[name] for name in _PERSON if name in by_plain and by_plain[name] not in taken)
    if "patient_id" not in found and people:
        found["patient_id"] = (*people, *(name for name in found.get("age", ()) if _plain(name) not in _AGES))
    return {column: found[column] for column in MAPPED if column in found}


def _scale_lines(guessed: dict[str, tuple[str, ...]]) -> list[str]:
    lines = []
    for scale, words in _SCALES.items():
        if scale in guessed:
            continue
        header = _plain(" ".join(guessed.get(scale.replace("scale", "score"), ())))
        name = next((name for word, name in words.items() if word in header), None)
        allowed = ", ".join(COLUMN[scale].categories)
        lines.append(f'{scale} = "{name}"' if name else f'# {scale} = "..."    # {allowed}')
    return lines


def _meaning(column: str) -> str:
    own = {
        SCORED_ON: "the date of the row's scores, where it is not that of the visit",
        SESSION: "number of the session given at the visit",
        "day": "date of the visit; becomes days since the course's first visit",
        "age": "date of birth, or age in years",
    }
    if column in own:
        return f"    # {own[column]}"
    return f"    # {'becomes a random code' if COLUMN[column].kind == 'id' else COLUMN[column].meaning}"


def _plain(name: str) -> str:
    """A header for comparing: lower case, no accents, single spaces for whatever is no letter or digit."""
    plain = "".join(letter for letter in normalize("NFKD", name.replace("№", "no").casefold()) if not combining(letter))
    return " ".join(re.findall(r"[a-z0-9]+", plain))


def _shown(name: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())


def _quoted(text: str) -> str:
    # A basic string of TOML is a string of JSON, save for one control character.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _toml(parts: tuple[str, ...]) -> str:
    return _quoted(parts[0]) if len(parts) == 1 else f"[{', '.join(map(_quoted, parts))}]"
