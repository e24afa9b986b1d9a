"""Help texts of 'Import community input'."""

from __future__ import annotations

from ...translation import tr


def about() -> str:
    """Return what the tool does, how, and what it cannot do."""
    return tr(
        "<p>Turns an export of what residents reported into community input in the one form that all tools take:"
        " exports of"
        " KoBoToolbox, ODK, Survey123 and Open311 (GeoReport v2), and any CSV, Excel, GeoJSON or other layer. Columns"
        " are"
        " found by their names; what was found can be saved as a mapping and used again next week.</p>"
        "<p><b>Every row is accounted for.</b> Rows read = reports written + rows left out, each of these listed with"
        " its"
        " reason: no usable place, no consent, a repeat that was to be dropped.</p>"
        "<p><b>Personal data.</b> All columns are looked through, used or not. Found are: e-mail addresses (also as"
        " 'ann [at] example [dot] org'); phone numbers, international with + or 00, of North America, with a leading"
        " 0, of"
        " Spain, Portugal, India and Latin America, and any number beside a word such as call or WhatsApp; plates of"
        " the UK,"
        " France,"
        " Italy, Spain, Germany, the Netherlands, India, Brazil and Argentina, and any number called a plate; identity"
        " numbers of the US (SSN), UK (NINO), Spain (DNI, NIE), Italy (codice fiscale), Mexico (CURP), Brazil (CPF),"
        " France"
        " (NIR), Belgium, China, India (Aadhaar), Canada (SIN), Sweden, Poland (PESEL) and South Africa, with their"
        " check"
        " digits where they have any, and numbers called a passport, licence or identity number; IBAN and card numbers;"
        " home addresses ('I live at 12 Oak St', 'my flat 3b', a flat with its number); names that are announced ('my"
        " name"
        " is', 'Mrs Jones', 'my neighbour John Smith', a signature); dates of birth; IP, MAC and form device addresses;"
        " profiles and user names of networks. Columns whose names say that they hold such data (name, nombre, phone,"
        " e-mail, dob, Creator, SubmitterName, _submitted_by, DeviceID ...) are left out as a whole.</p>"
        "<p>PERSONAL says what happens: marks such as [removed: phone number] take the place of what was found, or"
        " the import"
        " stops and writes nothing. Counts by column are told, never a value.</p>"
        "<p><b>The address of a place is not that of a person.</b> 'Lamp at 12 Oak St' stays, 'I live at 12 Oak St'"
        " does"
        " not. A column called incident address, block or location is the place's, and so is 'address' in an Open311"
        " export;"
        " 'home address', and a bare 'address' in any other export, is taken as a person's unless PLACE_FIELD names"
        " it.</p>"
        "<p><b>Voices.</b> A device, account or respondent id becomes a token (HMAC-SHA-256). Its key is drawn for"
        " the run"
        " and thrown away, or is the KEY_FILE that the agency keeps, so that voices match between imports.</p>"
        "<p><b>Repeats</b> are counted and never dropped unasked: by id (the last row counts, it has the latest"
        " status), or"
        " by voice, place (to the metre) and day (the first row counts). <b>Bursts</b> - many reports of one"
        " category, place"
        " (cell of 250 m) or organisation within 1, 3 or 7 days - are flagged in 'burst' and told. Test: exact"
        " hypergeometric tail against all other reports (all reports together, and a group of most of them:"
        " binomial tail against the same weekdays of four weeks before and after), times the number of windows"
        " searched, at most 1 %: of a hundred files without bursts, at most one is"
        " flagged; at least 5 reports and three times the expected number. Assumption: reports come independently. The"
        " same words in 5 reports within 7 days are flagged too, by rule.</p>"
        "<p><b>Case file.</b> With CASE_FILE the reports are added to it as well, at the very end, all or none; areas"
        " that residents drew to input_areas, all others to input_points. A report whose id is in the file stays as it"
        " is there, so that an export can be imported again next week; with another day and another place at once it is"
        " another report with the same id, as two sources that number from 1 have, and is added. Without ids, a report"
        " is known again by place (to the metre), day, category and words; a KEY_FILE keeps voices alike. What the"
        " export does not say stays open; a report without a status is new.</p>"
        "<p><b>Photos</b> are copied into a folder beside the result without what the camera wrote (place, time, owner,"
        " thumbnail), the picture untouched and still the right way up, under names that say nothing. JPEG, PNG and"
        " WebP can"
        " be cleaned; HEIC and others are refused and listed.</p>"
        "<p><b>Dates</b> keep their wall clock as written; an offset is never applied. <b>Concern</b> is 1 to 5;"
        " another scale"
        " is converted only where CONCERN_SCALE says which. <b>Open311</b>: open becomes new, closed becomes done, on"
        " the day"
        " of the last change.</p>"
        "<p><b>Limits.</b> A name or a description in running text that nothing announces ('John from the corner"
        " shop') cannot"
        " be found by a pattern, nor can a plate or number of a country that is not named here. Faces and plates in"
        " photos"
        " stay. So the result stays within the agency; 'Prepare data for publication' makes what may be shown.</p>")


#: parameter -> label and help of the columns
def field_texts() -> list:
    """Return (parameter, label, help) of the columns that are asked for on the first page."""
    return [
        ("X_FIELD", tr("X or longitude column"), tr("Needed where the export has no places on the map.")),
        ("Y_FIELD", tr("Y or latitude column"), tr("Needed where the export has no places on the map.")),
        ("GEOPOINT_FIELD", tr("Geopoint column"), tr("A place in one cell: latitude longitude altitude accuracy, as"
                                                     " KoBoToolbox"
                                                     " and ODK write it, [latitude, longitude], or POINT (x y).")),
        ("ID_FIELD", tr("Identifier column"), tr("Number of the report, e.g. service_request_id, _uuid, GlobalID.")),
        ("DATE_FIELD", tr("Date column"), tr("Day on which it was said.")),
        ("CATEGORY_FIELD", tr("Category column"), tr("What it is about; words are turned into the categories of"
                                                     " community"
                                                     " input.")),
        ("CONCERN_FIELD", tr("Concern column"), tr("How worried: 1 to 5, or words such as very worried.")),
        ("DAY_PART_FIELD", tr("Part of the day column"), tr("When it is a problem: words such as night, or a clock"
                                                            " time.")),
        ("TEXT_FIELD", tr("Text column"), tr("What was said; at most 500 signs are kept.")),
        ("WISH_FIELD", tr("Wish column"), tr("What is wished for: patrol, light, repair, talk, enforcement, other.")),
        ("CONSENT_FIELD", tr("Consent column"), tr("Whether the resident agreed to be counted (or quoted). Rows that"
                                                   " say no"
                                                   " are left out and listed.")),
        ("VOICE_FIELD", tr("Voice column"), tr("What tells one resident or device from another; only a token of it is"
                                               " kept.")),
    ]


def more_field_texts() -> list:
    """Return (parameter, label, help) of the columns that are folded away."""
    return [
        ("SOURCE_FIELD", tr("Source column"), tr("survey, meeting, report, walk or portal, of each row.")),
        ("ORG_FIELD", tr("Organisation column"), tr("Organisation that made or collected the report.")),
        ("LANG_FIELD", tr("Language column"), tr("Language of the report.")),
        ("STATUS_FIELD", tr("Status column"), tr("What became of it, e.g. open, in progress, closed.")),
        ("RESPONSE_FIELD", tr("Response column"), tr("Answer given to the resident.")),
        ("ACK_FIELD", tr("Acknowledged column"), tr("Day of the acknowledgement.")),
        ("WORK_FIELD", tr("Work began column"), tr("Day on which work began.")),
        ("DONE_FIELD", tr("Done column"), tr("Day on which it was done.")),
        ("DECLINED_FIELD", tr("Declined column"), tr("Day on which it was declined.")),
        ("UPDATED_FIELD", tr("Last change column"), tr("Day of the last change; the day of the end for closed reports"
                                                       " that have"
                                                       " no other.")),
        ("PHOTO_FIELD", tr("Photo column"), tr("File name of the photo.")),
        ("PLACE_FIELD", tr("Address of the place column"), tr("Address of what is reported, never of who reports it.")),
        ("PRACTICE_FIELD", tr("Practice column"), tr("Whether the row was made for practice; it travels along.")),
    ]
