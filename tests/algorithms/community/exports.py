"""Exports in the shape of KoBoToolbox, ODK Central, Survey123 and Open311, with planted persons.

The columns follow the systems' documentation: KoBoToolbox's semicolon CSV with XML headers and
group paths, geopoint columns and submission metadata; ODK Central's CSV with ``grp-field`` and
``location-Latitude``; Survey123's CSV with ObjectID, GlobalID, Creator, x, y; GeoReport v2 JSON.
"""

from __future__ import annotations

import csv
import json

#: what nobody may find again in any result; each is whole in some cell
SECRETS = ["ann.secretmail@example.org", "+44 7700 900123", "07700900456", "LK51 ZXW", "AB 12 34 56 C", "078-05-1120",
           "GB82 WEST 1234 5698 7654 32", "4111 1111 1111 1111", "99 Hiddenlane Road", "Zebedee Quillfeather",
           "Quillfeather", "12/03/1981", "203.0.113.77", "collect:SecretDevice99", "secretsubmitter",
           "instagram.com/zebedee.q", "12345678Z", "529.982.247-25", "RSSMRA85T10A562S"]
#: texts of residents; rows 1 to 10 hold something personal
SAID = ["Lamp out at 12 Oak St", "Write to ann.secretmail@example.org please", "call me on +44 7700 900123",
        "My mobile: 07700900456", "The van LK51 ZXW parks on the pavement", "my NINO is AB 12 34 56 C, SSN 078-05-1120",
        "pay me GB82 WEST 1234 5698 7654 32 or 4111 1111 1111 1111", "I live at 99 Hiddenlane Road, it is dark",
        "my name is Zebedee Quillfeather", "Mr Quillfeather, born 12/03/1981, 203.0.113.77 instagram.com/zebedee.q",
        "DNI 12345678Z CPF 529.982.247-25 RSSMRA85T10A562S", "Kids shout every night since 2024-05-03"]
#: what the texts are without the persons
CLEAN = {0: "Lamp out at 12 Oak St", 11: "Kids shout every night since 2024-05-03"}
LON, LAT = -1.15, 52.95


def _place(k):
    return round(LON + 0.001 * k, 6), round(LAT + 0.0005 * k, 6)


def _csv(path, header, rows, delimiter=","):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(header)
        writer.writerows(rows)
    return str(path)


def kobo_rows():
    header = ["start", "end", "deviceid", "username", "phonenumber", "about/your_name", "about/consent",
              "place/location",
              "_place/location_latitude", "_place/location_longitude", "place/category", "place/concern", "place/when",
              "place/wish", "place/said", "photo", "_id", "_uuid", "_submission_time", "_submitted_by", "_index"]
    rows = []
    for k, said in enumerate(SAID):
        lon, lat = _place(k)
        rows.append([
            f"2024-05-{k + 1:02d}T21:30:00.000+02:00", f"2024-05-{k + 1:02d}T21:35:00.000+02:00",
            "collect:SecretDevice99"
            if k < 2 else f"collect:Device{k:08d}", "secretsubmitter", "07700900456", "Zebedee Quillfeather",
            "no" if k == 5 else "yes", f"{lat} {lon} 40.1 4.5", lat, lon, "light rubbish" if k == 1 else "light",
            k % 5 + 1, "night", "repair", said, f"Quillfeather_{k}.jpg", 1000 + k,
            f"aaaa{k:04d}-0000-4000-8000-000000000000",
            f"2024-05-{k + 1:02d}T19:36:00", "secretsubmitter", k + 1])
    return header, rows


def kobo_csv(path):
    header, rows = kobo_rows()
    return _csv(path, header, rows, ";")


def kobo_json(path):
    """The answer of KoBoToolbox's API: nested lists, _geolocation as [latitude, longitude]."""
    header, rows = kobo_rows()
    results = []
    for row in rows:
        record = {h: v for h, v in zip(header, row) if not h.startswith("_place")}
        record["_geolocation"] = [float(v) for v in str(record["place/location"]).split()[:2]]
        record["_attachments"] = [{"filename": "secretsubmitter/attachments/Quillfeather.jpg"}]
        results.append(record)
    path.write_text(json.dumps({"count": len(results), "next": None, "results": results}), encoding="utf-8")
    return str(path)


def odk_csv(path):
    header = ["SubmissionDate", "start", "today", "grp-location-Latitude", "grp-location-Longitude",
              "grp-location-Altitude", "grp-location-Accuracy", "grp-category", "grp-description", "grp-full_name",
              "meta-instanceID", "KEY", "SubmitterID", "SubmitterName", "AttachmentsPresent", "Status", "ReviewState",
              "DeviceID", "Edits", "FormVersion"]
    rows = []
    for k, said in enumerate(SAID):
        lon, lat = _place(k)
        rows.append([f"2024-05-{k + 1:02d}T20:00:00.000Z", f"2024-05-{k + 1:02d}T21:30:00.000+02:00",
                     f"2024-05-{k + 1:02d}", lat, lon, 12.0, 5.0, "harassment", said, "Zebedee Quillfeather",
                     f"uuid:bbbb{k:04d}", f"uuid:bbbb{k:04d}", 7, "secretsubmitter", 0, "", "",
                     "collect:SecretDevice99",
                     0, "1"])
    return _csv(path, header, rows)


def survey123_csv(path):
    header = ["ObjectID", "GlobalID", "Category of the problem", "How worried are you?", "Description", "Home address",
              "E-mail", "CreationDate", "Creator", "EditDate", "Editor", "x", "y"]
    rows = []
    for k, said in enumerate(SAID):
        lon, lat = _place(k)
        rows.append([k + 1, f"{{CCCC{k:04d}}}", "Graffiti", "Very worried", said, "99 Hiddenlane Road",
                     "ann.secretmail@example.org", f"5/{k + 13}/2024 7:30:00 PM", "secretsubmitter",
                     f"5/{k + 13}/2024 7:31:00 PM", "secretsubmitter", lon, lat])
    return _csv(path, header, rows)


def open311_json(path, wrapped=False):
    requests = []
    for k, said in enumerate(SAID):
        lon, lat = _place(k)
        requests.append({
            "service_request_id": f"SR-{500 + k}", "status": "closed" if k % 2 else "open", "status_notes": None,
            "service_name": "Street Light Out", "service_code": "007", "description": said,
            "agency_responsible": "Works",
            "requested_datetime": f"2024-05-{k + 1:02d}T22:15:00-04:00",
            "updated_datetime": f"2024-06-{k + 1:02d}T08:00:00-04:00",
            "expected_datetime": None, "address": f"{k + 1} OAK ST", "address_id": 545483 + k, "zipcode": "94122",
            "lat": lat, "long": lon, "media_url": "https://example.org/Quillfeather.jpg", "first_name": "Zebedee",
            "last_name": "Quillfeather", "email": "ann.secretmail@example.org", "phone": "07700900456",
            "device_id": "collect:SecretDevice99" if k < 3 else f"dev{k}", "account_id": None})
    path.write_text(json.dumps({"service_requests": requests} if wrapped else requests), encoding="utf-8")
    return str(path)


def clean_csv(path):
    """Forty rows without a person, with all that looks like one: dates, coordinates, case numbers, counts."""
    header = ["case_id", "reported_date", "category", "comments", "latitude", "longitude", "beat", "count", "uuid"]
    texts = ["Lamp at 12 Oak St is out since 2024-05-03", "Case INC-2024-001234, ref 2019004231, pole 04512",
             "At 41.40338, 2.17403 from 22:30 to 23:15", "1,200,000 visitors, 12 cars, 3 dogs, 60 mph on Route 66",
             "The 2019 BMW of the council blocks 14-16 Main Street", "I live in fear, we live in 2 rooms",
             "Corner of 5th Ave and St. Mary's Road, near the flat roof", "Call the council about the noise 24/7"]
    rows = [[f"2024{k:06d}", f"2024-05-{k % 28 + 1:02d} 18:{k:02d}", "noise", texts[k % len(texts)], *_place(k)[::-1],
             f"B{k % 3}", 1000 + k, f"2f9b2c1e-3b1a-4c89-9f5e-0a1b2c3d{k:04d}"] for k in range(40)]
    return _csv(path, header, rows)
