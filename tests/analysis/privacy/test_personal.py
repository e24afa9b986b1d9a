"""What points to a person is found, and what does not is left alone; a form refuses the same."""

from __future__ import annotations

import pytest
from qgis.core import QgsExpression, QgsExpressionContext, QgsFeature, QgsFields

from hotspot_plugin.analysis.privacy import checkdigits, personal
from hotspot_plugin.analysis.privacy.personalcolumns import PLACE, column_kind
from hotspot_plugin.analysis.privacy.personalpatterns import KINDS, PATTERNS
from hotspot_plugin.compat import make_field

#: numbers published as examples by the issuing authority or in the standard
PUBLISHED = [
    (checkdigits.iban, "GB82 WEST 1234 5698 7654 32"),  # ISO 13616 registry
    (checkdigits.iban, "DE89 3704 0044 0532 0130 00"),
    (checkdigits.luhn, "4111111111111111"),  # test card of the networks
    (checkdigits.luhn, "046 454 286"),  # Canada Revenue Agency's fictitious SIN
    (checkdigits.verhoeff, "2363"),  # Verhoeff 1969: 236 has the check digit 3
    (checkdigits.dni, "12345678Z"),
    (checkdigits.dni, "X1234567L"),
    (checkdigits.codice_fiscale, "RSSMRA85T10A562S"),
    (checkdigits.cpf, "529.982.247-25"),
    (checkdigits.nir, "2 55 08 14 168 025 38"),
    (checkdigits.curp, "HEGG560427MVZRRL04"),  # RENAPO
    (checkdigits.pesel, "44051401359"),
    (checkdigits.personnummer, "811228-9874"),  # Skatteverket
    (checkdigits.south_african, "8001015009087"),
    (checkdigits.belgian, "85.07.30-033.28"),
    (checkdigits.chinese, "11010519491231002X"),  # GB 11643-1999
]

#: nothing personal: dates, places, counts, case numbers, streets
INNOCENT = """Broken lamp at 12 Oak St
12 lamps out since 2024-05-03 and 03/05/2024 14:30
41.40338, 2.17403
+41.40338 -002.17403
-73.89581102799997,40.85633016000003
Case 2019004231 is not done, ref INC-2024-001234, ticket #4155550143
I live in fear
I live in this area for 20 years, we live in 2 rooms
my house was burgled 3 times in 2023
Cars race at 60 mph from 2300 BST on Route 66, the 2019 BMW parked near block 14-16
Between 10-20 youths, 1,200,000 visitors, 12.345.678
number plate was stolen, plates smashed
Please fix light pole 04512 and 12345678
Dr Martin Luther King Jr Way, St. Mary's Church on Don Valley Road
uuid:2f9b2c1e-3b1a-4c89-9f5e-0a1b2c3d4e5f
2024-05-03T14:30:00.000+02:00 12:30:45
They stay on the corner of Oak Street, near the flat roof
text 10 people or call 911, we ring the bell 3 times
the tree on my street is 3 metres high
People live in fear in Oak Street, they live in the park on Elm Street, they live on a busy road
I live in constant fear since 2019, vivo en Madrid desde 2010
Yours Faithfully
Meter reading 123456789, ticket 123-456-78, grid ref SK 572 401, B10 0AA, M1 J25
Between 08:00-10:00 on 01.02.2024, score 4.5/5 on 10/10, buses 12, 34 and 56
Phone box broken at 12 High St, contact the council, the house at 12 Elm Road is empty""".splitlines()


@pytest.fixture(scope="module")
def form():
    """Whether a form takes a text."""
    expression = QgsExpression(personal.qgis_constraint("said"))
    assert not expression.hasParserError(), expression.parserErrorString()
    fields = QgsFields()
    fields.append(make_field("said", "text"))
    context = QgsExpressionContext()
    context.setFields(fields)

    def takes(text):
        feature = QgsFeature(fields)
        feature.setAttributes([text])
        context.setFeature(feature)
        value = expression.evaluate(context)
        assert not expression.hasEvalError(), expression.evalErrorString()
        return bool(value)

    return takes


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda p: p.name)
def test_every_shape_finds_its_example_and_the_form_refuses_it(pattern, form):
    text = f"Hello, {pattern.example}"
    cleaned, counts = personal.clean(text)
    assert pattern.kind in counts, cleaned
    if pattern.form:
        assert not form(text)


def test_every_kind_has_a_shape():
    assert {p.kind for p in PATTERNS} == set(KINDS)


@pytest.mark.parametrize("text", INNOCENT)
def test_what_names_nobody_stays(text, form):
    assert personal.clean(text) == (text, {})
    assert form(text)


def test_an_empty_field_passes_the_form(form):
    assert form(None) and form("")


@pytest.mark.parametrize(("text", "cleaned"), [
    ("I live at 99 Elm Road, it is dark", "I live at [removed: home address], it is dark"),
    ("I live at 12 oak st and the lamp at 12 Oak St is out",
     "I live at [removed: home address] and the lamp at 12 Oak St is out"),
    ("j'habite au 12 rue Victor Hugo", "j'habite au [removed: home address]"),
    ("vivo en la Calle de la Paz 12", "vivo en la [removed: home address]"),
    ("abito in via Garibaldi 7", "abito in [removed: home address]"),
    ("we live at Oak Lodge, 5 Mill Lane", "we live at [removed: home address]"),
    ("my flat 3b is noisy", "my flat [removed: home address] is noisy"),
    ("ich wohne in der Hauptstraße 12", "ich wohne in der [removed: home address]"),
    ("John Smith lives at 12 Elm Road", "[removed: name of a person] lives at [removed: home address]"),
    ("write ann\u200b.lee@example.org", "write [removed: e-mail address]"),
    ("call +44\u00a020\u00a07946\u00a00958", "call [removed: phone number]"),
    ("ring ٠٧٧٠٠٩٠٠١٢٣", "ring [removed: phone number]"),
])
def test_the_address_of_a_person_goes_and_that_of_a_place_stays(text, cleaned):
    assert personal.clean(text)[0] == cleaned


@pytest.mark.parametrize(("rule", "number"), PUBLISHED)
def test_check_digits_hold_for_published_numbers_and_no_neighbour(rule, number):
    assert rule(number)
    last = max(k for k, c in enumerate(number) if c.isdigit())
    for other in "0123456789":
        if other != number[last]:
            assert not rule(number[:last] + other + number[last + 1:])


def test_a_number_without_its_check_digit_is_no_identity_number():
    assert personal.clean("see 4111 1111 1111 1112 in the list")[1] == {}
    assert personal.clean("X1234567A and 12345678A")[1] == {}


def test_weak_signs_count_in_running_text_only():
    assert personal.clean("4155550143")[1] == {"phone": 1}
    assert personal.clean("4155550143", free=False)[1] == {}


def test_a_long_text_takes_no_time():
    import time

    start = time.perf_counter()
    for text in ("a" * 20_000, "1 " * 10_000, "I live at " * 2_000, "1-" * 10_000, "A1" * 10_000, "x@" * 10_000):
        personal.clean(text)
    assert time.perf_counter() - start < 20


@pytest.mark.parametrize(("names", "kind"), [
    ("name Name full_name respondent/first_name grp-full_name SubmitterName Nombre apellidos Vorname", "name"),
    ("phone grp-phone phonenumber Teléfono Mobile whatsapp", "phone"),
    ("your_email correo_electronico E-mail", "email"),
    ("_submitted_by Creator Editor SubmitterID username account_id", "account"),
    ("DeviceID deviceid ip_address IP", "device"),
    ("home_address respondent_address address", "address"), ("dob date_of_birth fecha_nacimiento", "birth"),
    ("passport_number ssn DNI", "identity"), ("licence_plate matricula", "plate"),
    ("incident_address street_name location cross_street address_id", PLACE),
    ("CreationDate service_name category location-Latitude media_url ObjectID phone_type consent_to_phone lsoa_code"
     " meta/instanceID organisation_name", ""),
])
def test_columns_are_told_by_their_names(names, kind):
    assert {name: column_kind(name) for name in names.split()} == dict.fromkeys(names.split(), kind)


def test_a_portal_says_address_of_the_place():
    assert column_kind("address", portal=True) == PLACE
    assert column_kind("home_address", portal=True) == "address"


def test_questions_asked_in_full_are_told():
    asked = {"What is your name?": "name", "Where do you live?": "address", "Your phone number (optional)": "phone",
             "Address of the problem": PLACE, "Name of the street": ""}
    assert {text: column_kind(text) for text in asked} == asked
