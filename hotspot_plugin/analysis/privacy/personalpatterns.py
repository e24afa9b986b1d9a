"""The one table of what points to a person: shapes of e-mail, phone, plate, number, address, name.

The same regular expressions are read by Python's ``re`` and by PCRE (``regexp_match`` of QGIS
and QField), so that a form refuses what the import would remove. A form cannot compute check
digits; it refuses the shape, the import asks for the digits too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from . import checkdigits as check

EMAIL, PHONE, PLATE, IDENTITY, BANK = "email", "phone", "plate", "identity", "bank"
ADDRESS, NAME, BIRTH, DEVICE, ACCOUNT = "address", "name", "birth", "device", "account"
#: kind -> plain word, in the order in which kinds are told
KINDS = {
    EMAIL: "e-mail address", PHONE: "phone number", PLATE: "number plate", IDENTITY: "identity number",
    BANK: "bank or card number", ADDRESS: "home address", NAME: "name of a person", BIRTH: "date of birth",
    DEVICE: "device or network address", ACCOUNT: "user name or profile",
}

# --- pieces --------------------------------------------------------------------------------
_UP = "A-ZÀ-ÖØ-Þ"
_NO = r"(?i: ?(?:numbers?|no\.?|nr\.?|num\.?|n[°º]|#|code|is|was|es|ist|est|:|=|-)){0,3}[: ]{0,2}"
#: a word with a digit in it, as plates and document numbers have
_CODE = r"((?=[A-Za-z]{0,3}[ -]?[A-Za-z-]{0,4}\d)[A-Za-z0-9](?:[ -]?[A-Za-z0-9]){%s})(?![A-Za-z0-9])"
_CAP = rf"[{_UP}][\w'’-]+"
_STREET = (r"(?:st|street|rd|road|ave|avenue|ln|lane|dr|drive|blvd|boulevard|ct|court|pl|place|way|terrace|close|"
           r"crescent|cres|gardens|grove|row|square|sq|mews|walk|hill|park|view|parkway|pkwy|circle|cir|calle|avenida|"
           r"rue|via|rua|straat|laan|strasse|straße|weg|allee|platz)\b\.?")
#: what follows a number that counts instead of naming a house
_COUNTED = (r"(?! ?(?:st|nd|rd|th|am|pm|h)\b)(?! ?(?:minutes?|mins?|hours?|days?|nights?|weeks?|months?|years?|times?|"
            r"blocks?|houses?|doors?|streets?|stops?|km|m|miles?|met(?:re|er)s?|feet|ft|yards?|kids?|children|people|"
            r"persons?|rooms?|bedrooms?|floors?|flats?|cars?|percent|pm|am|años|ans|jahre|minutos?|cuadras?)\b)")
#: "rue Victor Hugo", "calle de la Paz": a street whose kind comes first
_NAMED = (rf"(?i:rue|boulevard|bd|chemin|avenue|place|calle|carrer|avenida|avda\.?|plaza|paseo|via|viale|piazza|corso|"
          rf"rua|travessa|praça)(?: (?i:de|du|la|le|des|del|los|las|di|da|do|dos|dei))*(?: {_CAP}){{1,3}}")
#: a house number with what belongs to it
_HOUSE = (rf"(?i:(?:(?:flat|apartment|apt\.?|unit|number|no\.?|nr\.?|#) ?)?\d{{1,5}}(?: ?[a-z])?\b{_COUNTED})"
          rf"(?:,? {_NAMED}|(?i:,?(?: [\w'’.-]+){{0,3}}? {_STREET})|(?:,? {_CAP}){{1,3}})?"
          r"(?i:,? (?:flat|apartment|apt\.?) ?\w{1,4}\b)?")
#: a street whose number comes last, or that has none: "Hauptstraße 12", "Calle Mayor 5", "Oak Street"
_STREET_NO = (rf"(?:{_NAMED}(?:,? ?(?:n[°º.]? ?)?\d{{1,4}}[a-z]?\b)?"
              r"|(?i:[\w'’.-]*(?:straße|strasse|str\.|gasse|weg|allee|platz|ufer|laan|straat|plein|gracht|kade)"
              r" \d{1,4} ?[a-z]?\b)"
              rf"|(?:{_CAP} ){{1,3}}(?i:{_STREET})"
              rf"|(?!(?i:the|a|an|this|that|our|my|your"
              rf"|one|same|busy|main|every|each|no|any) )[\w'’-]+ (?i:{_STREET}))")


@dataclass(frozen=True)
class Pattern:
    """One shape of personal data.

    Attributes
    ----------
    kind : str
        Key of :data:`KINDS`.
    name : str
        What it is, in a plain word.
    regex : str
        Regular expression; group 1, where there is one, is the personal part.
    example : str
        A text that it finds.
    check : callable or None
        Whether the part found can be one (check digits); the import asks it, a form cannot.
    firm : bool
        Sure enough to be looked for in codes and titles too, not in running text alone.
    form : bool
        Whether the shape alone is sure enough for a form to refuse it.
    """

    kind: str
    name: str
    regex: str
    example: str
    check: Callable | None = None
    firm: bool = True
    form: bool = True


def _p(kind: str, name: str, regex: str, example: str, digits: Callable | None = None, firm: bool = True,
       form: bool = True) -> Pattern:
    return Pattern(kind, name, regex, example, digits, firm, form)


#: not within a longer word or number
_L, _R = r"(?<![\w.+-])", r"(?![\w-])"

PATTERNS = (
    # --- e-mail
    _p(EMAIL, "e-mail address", r"(?<![\w.%+'-])[\w.%+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,4}\.[^\W\d_]{2,24}",
       "ann.lee@example.org"),
    _p(EMAIL, "e-mail address, disguised",
       r"(?<![\w.%+-])(?i:[\w.%+-]{1,64} ?[\[({] ?(?:at|arroba) ?[\])}] ?[\w-]{1,63}"
       r"(?: ?[\[({] ?(?:dot|punto|point|punkt) ?[\])}] ?|\.)[a-z.]{2,24})", "ann.lee [at] example (dot) org"),
    # --- bank, before phones and identity numbers: the longer ones first
    _p(BANK, "IBAN", r"(?<![A-Z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Z0-9])",
       "GB82 WEST 1234 5698 7654 32", check.iban),
    _p(BANK, "payment card",
       r"(?<![\w.+-])(?:4\d{3}|5[1-5]\d{2}|2[2-7]\d{2}|6(?:011|5\d{2}))(?:[ -]?\d{4}){3}(?![\w-])",
       "4111 1111 1111 1111", check.luhn),
    _p(BANK, "payment card", r"(?<![\w.+-])3[47]\d{2}[ -]?\d{6}[ -]?\d{5}(?![\w-])", "3782 822463 10005", check.luhn),
    # --- identity numbers
    _p(IDENTITY, "US social security number",
       _L + r"(?!000|666|9)\d{3}([- ])(?!00)\d{2}\1(?!0000)\d{4}" + _R, "078-05-1120"),
    _p(IDENTITY, "UK national insurance number",
       r"(?<![A-Za-z0-9])(?!(?i:BG|GB|NK|KN|TN|NT|ZZ))(?i:[A-Z]{2}) ?\d{2} ?\d{2} ?\d{2} ?"
       r"[A-Da-d](?![A-Za-z0-9])", "AB 12 34 56 C"),
    _p(IDENTITY, "Spanish DNI",
       r"(?<![A-Za-z0-9])(?:\d{8}|\d{2}\.\d{3}\.\d{3})[ -]?[A-HJ-NP-TV-Za-hj-np-tv-z](?![A-Za-z0-9])", "12345678Z",
       check.dni),
    _p(IDENTITY, "Spanish NIE", r"(?<![A-Za-z0-9])[XYZxyz][ -]?\d{7}[ -]?[A-HJ-NP-TV-Za-hj-np-tv-z](?![A-Za-z0-9])",
       "X1234567L", check.dni),
    _p(IDENTITY, "Italian codice fiscale",
       r"(?<![A-Za-z0-9])(?i:[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z])(?![A-Za-z0-9])", "RSSMRA85T10A562S",
       check.codice_fiscale),
    _p(IDENTITY, "Mexican CURP",
       r"(?<![A-Za-z0-9])(?i:[A-Z][AEIOUX][A-Z]{2}\d{6}[HMX][A-Z]{5}[A-Z0-9]\d)(?![A-Za-z0-9])",
       "HEGG560427MVZRRL04", check.curp),
    _p(IDENTITY, "Brazilian CPF", _L + r"\d{3}\.\d{3}\.\d{3}-\d{2}" + _R, "529.982.247-25", check.cpf),
    _p(IDENTITY, "French social security number (NIR)",
       _L + r"[12] ?\d{2} ?(?:0[1-9]|1[0-2]|[2-9]\d) ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}" + _R,
       "2 55 08 14 168 025 38", check.nir),
    _p(IDENTITY, "Belgian national number", _L + r"\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}" + _R, "85.07.30-033.28",
       check.belgian),
    _p(IDENTITY, "Chinese resident number",
       r"(?<![A-Za-z0-9])[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])[0-3]\d\d{3}[\dXx]"
       r"(?![A-Za-z0-9])", "11010519491231002X", check.chinese),
    _p(IDENTITY, "Indian Aadhaar", r"(?<![\d.+-])[2-9]\d{3}([ -])\d{4}\1\d{4}(?![ -]?\d)", "2341 2341 2346",
       check.verhoeff),
    _p(IDENTITY, "Canadian social insurance number", r"(?<![\d.+-])(?<!\d[ ])[1-79]\d{2}([ -])\d{3}\1\d{3}(?![ -]?\d)",
       "130 692 544", check.luhn, form=False),
    _p(IDENTITY, "Swedish personnummer",
       r"(?<![\d.+-])(?:19|20)?\d{6}[-+]\d{4}" + _R, "811228-9874", check.personnummer,
       form=False),
    _p(IDENTITY, "Polish PESEL", r"(?<![\d.+#-])\d{11}(?!\d)", "44051401458", check.pesel, firm=False, form=False),
    _p(IDENTITY, "South African identity number", r"(?<![\d.+#-])\d{13}(?!\d)", "8001015009087", check.south_african,
       firm=False, form=False),
    _p(IDENTITY, "number called an identity, tax or insurance number",
       r"\b(?:SIN|(?i:ssn|social security|social insurance|bsn|aadhaar|pesel|nino|national insurance|cpf|cnp|dni|nie|"
       r"curp|nif|"
       r"steuer-?id|tax id|itin|tfn|medicare|nhs|id card|identity card|national id|personal id|c[ée]dula|"
       r"carnet))\b" + _NO +
       _CODE % "5,17", "SSN: 078051120"),
    _p(IDENTITY, "passport or driving licence number",
       r"\b(?i:passports?|pasaporte|passeport|reisepass|driv(?:er'?s?|ing) licen[cs]e|licencia de conducir|permis de "
       r"conduire|führerschein)\b" + _NO + _CODE % "4,17", "passport no. C01X00T47"),
    # --- phones
    _p(PHONE, "phone number, international",
       r"(?<![\w.+-])(?:\+(?!\d{1,3}\.\d{3,}(?![ .-]?\d))|00(?=[1-9]\d{0,2}[ .()/-]|[1-9]\d{9,12}(?!\d)))[1-9]"
       r"(?:[ ().\-/]{0,3}\d){7,13}(?!\d)", "+44 20 7946 0958"),
    _p(PHONE, "phone number, North America",
       r"(?<![\w.+-])(?:1[ .-])?(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[ .-])\d{3}[ .-]\d{4}" + _R, "(202) 555-0143"),
    _p(PHONE, "phone number, national with leading 0",
       r"(?<![\w.,+/-])(?!\d{1,2}[/-]\d{1,2}[/-]\d{2,4}(?![/-]?\d))\(?0[1-9]\d{0,4}\)?(?:(?:[ /]|\) ?|-(?!(?:19|"
       r"20)\d{2}-))"
       r"\d{2,8}){1,5}(?![\w:-])",
       "020 7946 0958", lambda t: 9 <= len(check.digits(t)) <= 12),
    _p(PHONE, "phone number, dotted", r"(?<![\w.,+-])0\d(?:\.\d{2}){4}(?![\w.-])", "06.12.34.56.78"),
    _p(PHONE, "mobile number, one block",
       r"(?<![\w.,+#-])(?:07\d{9}|0[67]\d{8}|04\d{8}|01[5-7]\d{8,9}|09\d{8,9})(?![\w-])",
       "07700900123", firm=False),
    _p(PHONE, "phone number, Spain and Portugal",
       r"(?<![\w.,+-])(?:[6789]\d{2} \d{2} \d{2} \d{2}|[6789]\d{2} \d{3} \d{3})(?! ?\d)(?![\w-])", "612 34 56 78"),
    _p(PHONE, "mobile number, India", r"(?<![\w.,+-])(?:91[ -])?[6-9]\d{4}[ -]\d{5}(?![\w-])", "98765 43210"),
    _p(PHONE, "phone number, Latin America",
       r"(?<![\w.,+-])(?:\(\d{2}\) ?\d{4,5}-\d{4}|\d{2} \d{4} \d{4}|9\d{4}-\d{4})" + _R, "(11) 91234-5678"),
    _p(PHONE, "ten digits of a North American number",
       r"(?<![\w.,+#-])(?!19\d{2}|20\d{2})[2-9]\d{2}[2-9]\d{6}(?![\w.-])", "4155550143", firm=False, form=False),
    _p(PHONE, "number beside a word such as call, phone, WhatsApp",
       r"\b(?i:call|phone|ph|tel|telephone|tél|téléphone|tel[ée]fono|telefone|telefon|mobile|m[óo]vil|celular|cel|"
       r"handy|"
       r"cell|text|whats ?app|contact|ring|llamar|llame|appelez|anrufen|sms|fax|reach)(?i: ?(?:me|us|at|on|to|al|au|"
       r"unter|"
       r"number|no\.?|nr\.?|is|:|\.|#)){0,4}[: ]{0,2}(\(?\+?\d(?:[ ().\-/]{0,2}\d){6,14})(?![\w])",
       "call me on 5550143"),
    # --- plates
    _p(PLATE, "UK plate", r"(?<![A-Za-z0-9])[A-Z]{2}\d{2} ?[A-Z]{3}(?![A-Za-z0-9])", "AB12 CDE"),
    _p(PLATE, "French or Italian plate",
       r"(?<![A-Za-z0-9-])(?:[A-HJ-NP-TV-Z]{2}-\d{3}-[A-HJ-NP-TV-Z]{2}|[A-HJ-NP-TV-Z]{2} ?\d{3} ?[A-HJ-NP-TV-Z]{2})"
       r"(?![A-Za-z0-9-])", "AB-123-CD"),
    _p(PLATE, "Spanish plate",
       r"(?<![A-Za-z0-9.,-])(?!(?:19|20)\d{2} )\d{4}[ -]?(?!PST|GMT|PDT|CST|CDT|MST|MDT|BST|HRS|MPH|FPS|LBS|RPM|HKD|"
       r"CZK|"
       r"SQM|PLN|BMW|GMC|KWH|KMH|MTR|FT|CRS)[BCDFGHJKLMNPRSTVWXYZ]{3}(?![A-Za-z0-9])", "1234 BCD"),
    _p(PLATE, "German plate", r"(?<![\w-])[A-ZÄÖÜ]{1,3}-[A-Z]{1,2} \d{2,4}[HE]?(?![\w-])", "B-MW 1234"),
    _p(PLATE, "Dutch plate", r"(?<![\w-])(?:\d{2}-[A-Z]{2}-\d{2}|[A-Z]{2}-\d{2}-[A-Z]{2}|[A-Z]{2}-[A-Z]{2}-\d{2}|"
       r"\d{2}-[A-Z]{2}-[A-Z]{2})(?![\w-])", "12-AB-34"),
    _p(PLATE, "Indian plate", r"(?<![A-Za-z0-9-])[A-Z]{2}[ -]?\d{1,2}[ -]?[A-Z]{1,3}[ -]?\d{4}(?![A-Za-z0-9-])",
       "MH 12 AB 1234"),
    _p(PLATE, "Brazilian or Argentine plate",
       r"(?<![A-Za-z0-9-])(?:[A-Z]{3}\d[A-Z]\d{2}|[A-Z]{2} \d{3} [A-Z]{2})(?![A-Za-z0-9-])",
       "ABC1D23"),
    _p(PLATE, "number called a plate or registration",
       r"\b(?i:licen[cs]e (?:plates?|tag)|number ?plates?|plates?|vehicle reg(?:istration)?|registration|reg(?=[:.])|"
       r"vrm|vin|"
       r"matr[ií]cula|placas?|patente|kennzeichen|immatriculation|plaque|targa|kenteken)\b" + _NO + _CODE % "3,16",
       "plate 7ABC123"),
    # --- addresses of persons: where somebody lives, never where a lamp stands
    _p(ADDRESS, "where somebody lives",
       r"\b(?:(?i:i|we|he|she|they|who|neighbou?r|family)|" + _CAP + r") (?i:live|lives|lived|living|reside|resides|"
       r"rent|rents) "
       r"(?i:right )?(?i:at|in|on|near|opposite|by) ((?i:the )?(?:" + rf"(?:{_CAP}(?: {_CAP}){{0,2}}, )?" +
       _HOUSE + "|" + _STREET_NO + "))",
       "I live at 12 Oak St"),
    _p(ADDRESS, "where somebody lives",
       r"\b(?i:vivo|vivimos|resido|j'habite|nous habitons|j’habite|moro|moramos|abito|abitiamo|ich wohne|wir wohnen|"
       r"ik woon)"
       r" (?i:en |au |à |a |in |na |no |nella |em |aan |op ){0,2}(?i:la |el |le |der |de |du |dem ){0,2}"
       r"(" + _HOUSE + "|" + _STREET_NO + ")", "vivo en la calle Mayor 5"),
    _p(ADDRESS, "home named with its number",
       r"\b(?i:my|our|his|her|their|mi|mon|ma|meine?r?) (?i:own )?(?i:home|house|flat|apartment|apt|unit|place|"
       r"address|door|"
       r"casa|piso|maison|appartement|wohnung|haus)(?i: address| number)?(?i: is| at| in| on|:){0,2} (" + _HOUSE + "|" +
       _STREET_NO + ")", "my flat 3b"),
    _p(ADDRESS, "a dwelling with its number",
       r"\b(?i:flat|apartment|apt\.?|piso|appartement|wohnung|appt\.?)(?i: ?(?:number|no\.?|nr\.?|"
       r"#))? ?(?=[a-z]?\d)\w{1,5}\b"
       + _COUNTED, "Flat 3b"),
    _p(ADDRESS, "text called a home address",
       r"\b(?i:home address|my address|our address|domicilio|adresse personnelle|wohnadresse|wohnhaft in)(?i: is|:)? "
       r"([^.;\n]{3,60})", "home address: Oak Lodge, Mill Lane"),
    # --- names, only where something announces one
    _p(NAME, "a name given",
       rf"\b(?i:my (?:full )?name is|my name's|i am called|they call me|me llamo|mi nombre es|je m['’]appelle|"
       rf"mon nom est|"
       rf"ich hei(?:ß|ss)e|mein name ist|mi chiamo|meu nome [ée]|mijn naam is)[: ]{{1,2}}([^\W\d_][\w'’.-]+"
       rf"(?: [{_UP}][\w'’.-]*){{0,3}})", "my name is Ann Lee"),
    _p(NAME, "a name with a title",
       rf"(?<!\w)(?:Mr|Mrs|Ms|Miss|Mx|Herr|Frau|Monsieur|Madame|Mme|Señora?|Sra?|Signora?|Sig|Dña)\b\.? "
       rf"((?:[{_UP}]\.? )?{_CAP}(?: {_CAP}){{0,2}})(?! {_STREET})", "Mrs Jones"),
    _p(NAME, "a name with where somebody lives", rf"(?<!\w)({_CAP}(?: {_CAP}){{1,2}}) lives? (?:at|in|on)\b",
       "John Smith lives at 12 Elm Road"),
    _p(NAME, "a name after who it is",
       rf"\b(?i:neighbou?rs?|landlord|son|daughter|husband|wife|brother|sister|friend|boyfriend|girlfriend|tenant|"
       rf"vecin[oa]|"
       rf"voisine?|nachbarn?)(?i:,| is| called| named| is called){{0,2}} (?!(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)"
       rf"({_CAP}(?: {_CAP}){{0,2}})(?! {_STREET})", "my neighbour John Smith"),
    _p(NAME, "a name at the end", rf"\b(?i:signed|regards|sincerely|saludos|cordialement|grüße|grüßen)[,:]?\s{{1,2}}"
       rf"({_CAP}(?: {_CAP}){{0,2}})", "Kind regards, Ann"),
    _p(NAME, "a name after a label",
       rf"(?:\b(?i:yours|full name|name|nombre|nom|contact person|reported by|submitted by|asked? for),?"
       rf"[: ]\s?)({_CAP}(?: {_CAP}){{1,2}})", "reported by: Ann Lee"),
    # --- birth
    _p(BIRTH, "date of birth",
       r"\b(?i:born(?: on)?|date of birth|dob|d\.o\.b\.?|birthday|née? le|nacid[oa] el|fecha de nacimiento|geboren am|"
       r"nascid[oa] em|nat[oa] il)[: ]{1,3}((?:\d{1,4}[-/. ]\d{1,2}[-/. ]\d{1,4}|\d{1,2}(?:st|nd|rd|th|\.)? ?"
       r"(?:of |de )?[^\W\d_]{3,10},? (?:de )?\d{2,4}|[^\W\d_]{3,10} \d{1,2}(?:st|nd|rd|th)?,? \d{4}))",
       "DOB: 12/03/1980"),
    # --- devices and networks
    _p(DEVICE, "IP address", r"(?<![\w.-])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\w.-])",
       "203.0.113.7"),
    _p(DEVICE, "IP address, version 6", r"(?<![\w:])(?i:[0-9a-f]{1,4}(?::[0-9a-f]{0,4}){4,7})(?![\w:])",
       "2001:db8::8a2e:370:7334"),
    _p(DEVICE, "MAC address", r"(?<![\w:-])(?i:[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5})(?![\w:-])", "00:1A:2B:3C:4D:5E"),
    _p(DEVICE, "device of an ODK or KoBo form",
       r"(?<!\w)(?i:collect|ee\.[\w.-]+|enketo\.[\w.-]+|imei|android_id|uid):[\w-]{8,}",
       "collect:AbCdEf123456"),
    _p(DEVICE, "IMEI", r"\b(?i:imei)[: #]{1,3}(\d{15})(?!\d)", "IMEI 490154203237518", check.luhn),
    # --- accounts
    _p(ACCOUNT, "profile on a social network",
       r"(?i:(?:https?://)?(?:www\.|m\.)?(?:facebook|fb|instagram|twitter|x|tiktok|linkedin|threads|t|wa|nextdoor|vk)\."
       r"(?:com|me|net)/(?:in/|u/|profile/|profile\.php\?id=)?[\w.@-]{2,60})", "instagram.com/ann.lee"),
    _p(ACCOUNT, "name on a social network",
       r"\b(?i:insta(?:gram)?|twitter|tiktok|telegram|snap(?:chat)?|user ?name|handle|skype|signal|discord)(?i: is|:|"
       r" at| name)"
       r"{0,2} (@?[A-Za-z0-9_.]*[0-9_@.][A-Za-z0-9_.]{2,30})", "telegram @ann_lee"),
)
