"""Which columns of an export hold personal data, by what their names say.

The address of a place ("incident address", Open311's ``address``) is told from that of a
person ("home address"): a report is about a place, and only the second one says who lives
where. A bare ``address`` is the place in a portal's export, where the standard says so, and a
person's in a survey, where nobody says so.
"""

from __future__ import annotations

import re
import unicodedata

from .personalpatterns import ACCOUNT, ADDRESS, BANK, BIRTH, DEVICE, EMAIL, IDENTITY, NAME, PHONE, PLATE

#: what :func:`column_kind` returns for the address of a place
PLACE = "place"

_WHOLE = {
    EMAIL: "email mail emailaddress mailaddress correo courriel correoelectronico emaill epost",
    PHONE: "phone phones tel telephone telefono telefone telefon mobile movil celular handy cellphone gsm whatsapp fax"
           " landline msisdn phonenumber mobilenumber telephonenumber phoneno contactnumber telnr tlf",
    PLATE: "plate licenseplate licenceplate numberplate registrationnumber vrm matricula placa kennzeichen kenteken"
           " targa immatriculation vin vehiclereg vehicleregistration",
    IDENTITY: "ssn nino nationalid dni nie nif cpf curp rfc pesel bsn aadhaar sin passport passportnumber idnumber"
              " idcard"
              " driverslicense driverslicence drivinglicence licencenumber taxid socialsecuritynumber nhsnumber cedula"
              " personnummer identitynumber nationalidnumber subscriberid simserial simid",
    BANK: "iban accountnumber creditcard cardnumber bankaccount",
    NAME: "name fullname firstname lastname surname familyname givenname forename middlename maidenname yourname"
          " nom prenom nomdefamille nombre nombres apellido apellidos nome cognome sobrenome nachname vorname"
          " familienname"
          " naam voornaam achternaam imie nazwisko contactname reportername respondentname residentname complainant"
          " complainantname callername submittername reportedby nickname signature initials witness victimname"
          " contactperson interviewer enumerator observer",
    BIRTH: "dob dateofbirth birthdate birthday birthdate fechadenacimiento fechanacimiento datedenaissance geburtsdatum"
           " datanascimento datadinascita geboortedatum",
    DEVICE: "deviceid device imei imsi macaddress ip ipaddress ipadresse clientip remoteip useragent deviceidentifier"
            " subscriber androidid",
    ACCOUNT: "username user userid accountid account login creator editor submittedby submitterid lastediteduser"
             " createduser createdby editedby lasteditor twitter facebook instagram handle profile reporterid authorid"
             " author submitter collectedby audit",
    ADDRESS: "homeaddress residence residentialaddress mailingaddress postaladdress domicilio adressepersonnelle"
             " wohnadresse youraddress respondentaddress reporteraddress contactaddress billingaddress whereyoulive"
             " homepostcode homezip apartment flat flatnumber doornumber householdid residentaddress calleraddress",
    PLACE: "incidentaddress locationaddress siteaddress placeaddress streetaddress block hundredblock blockaddress"
           " location place streetname street crossstreet intersection addressstring landmark where lugar ubicacion"
           " lieu"
           " addressid addressofproblem problemaddress issueaddress direccionincidente zipcode",
}
_KINDS = {word: kind for kind, words in _WHOLE.items() for word in words.split()}
_ADDRESS = {"address", "addr", "adresse", "direccion", "endereco", "indirizzo", "adres", "anschrift"}
_PERSON = {"your", "my", "own", "home", "respondent", "resident", "reporter", "contact", "caller", "complainant",
           "person",
           "personal", "owner", "victim", "witness", "applicant", "citizen", "user", "submitter", "neighbour",
           "neighbor",
           "tenant", "customer", "first", "last", "full", "family", "given", "sender", "driver", "guardian", "parent"}
#: words that make a name that of a thing
_THING = {"street", "road", "place", "park", "school", "service", "category", "group", "form", "file", "layer", "field",
          "event", "project", "agency", "organisation", "organization", "org", "team", "beat", "district", "ward",
          "city",
          "town", "county", "state", "area", "zone", "region", "neighbourhood", "neighborhood", "barrio", "calle",
          "rue",
          "site", "facility", "business", "shop", "product", "status", "type", "department", "dept", "council", "code",
          "meeting", "survey", "question", "photo", "image", "country", "location", "station", "stop", "line", "class"}
#: words that ask where somebody lives
_ASKED = {"where", "address", "street", "you", "donde", "ou", "wo"}
#: words that make a column one about such data
_ABOUT = {"count", "type", "consent", "model", "status", "has"}
_SURE = {EMAIL: {"email", "mail", "correo", "courriel"}, PHONE: {"phone", "telephone", "tel", "mobile", "telefono",
                                                                 "celular",
         "movil", "telefon", "whatsapp", "cellphone"}, PLATE: {"plate", "kennzeichen", "matricula", "placa"},
         IDENTITY: {"ssn", "passport", "dni", "aadhaar", "cpf"}, BIRTH: {"birth", "dob", "birthdate", "nacimiento"},
         DEVICE: {"imei", "deviceid"}, ACCOUNT: {"username"}, NAME: {"surname", "apellido", "apellidos", "nachname"}}


def words_of(name: str) -> list:
    """Return the words of a column's name: no accents, lower case, the last part of a group path."""
    last = re.split(r"[/:]", name.strip())[-1] or name
    split = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", last)
    plain = unicodedata.normalize("NFKD", split).encode("ascii", "ignore").decode().lower()
    return re.findall(r"[a-z0-9]+", plain)


def column_kind(name: str, portal: bool = False) -> str:
    """Say what a column holds by its name.

    Parameters
    ----------
    name : str
    portal : bool
        Whether the export is that of a portal (Open311), in which ``address`` is the place's.

    Returns
    -------
    str
        A kind of personal data, :data:`PLACE` for the address of a place, "" for neither.
    """
    words = words_of(name)
    # an ODK export writes group-field
    for some in (words, words[1:] if "-" in name else words):
        joined = "".join(some)
        if joined in _KINDS:
            return _KINDS[joined]
    if not words:
        return ""
    kinds = set(words)
    if kinds & {"live", "lives", "reside", "vive", "vives", "habitez", "wohnen", "domicile"} and kinds & _ASKED:
        return ADDRESS
    if kinds & _ADDRESS:
        if kinds & _PERSON:
            return ADDRESS
        return PLACE if portal or kinds & (_THING | {"incident", "problem", "issue"}) else ADDRESS
    for kind, sure in _SURE.items():
        if kinds & sure and not kinds & _ABOUT:
            return kind
    if kinds & {"name", "nom", "nombre", "nome",
                "naam"} and not kinds & _THING and (kinds & _PERSON or len(words) == 1):
        return NAME
    return ""
