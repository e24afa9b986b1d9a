"""What a layer of community input holds: its fields and the values that they take.

One report is one row; nothing in it says who spoke. ``voice_id`` is a random token of one
resident or device, so that voices can be counted and not reports alone. All names have ten
characters at most and no field has a type that QField or a Shapefile does not know.
"""

from __future__ import annotations

# --- tables of an input file and of a case file ------------------------------------------------
POINT_TABLE, AREA_TABLE = "input_points", "input_areas"

# --- fields --------------------------------------------------------------------------------
INPUT_ID = "input_id"
CATEGORY = "category"
CONCERN = "concern"
DAY_PART = "day_part"
SAID = "said"
SOURCE = "source"
ORGANISED = "org"
SAID_ON = "said_on"
CONSENT = "consent"
LANG = "lang"
WISH = "wish"
VOICE = "voice_id"
STATUS = "status"
RESPONSE = "response"
ACK_ON = "ack_on"
WORK_ON = "work_on"
DONE_ON = "done_on"
DECLINED_ON = "declin_on"
PHOTO = "photo"
#: Whether the row was made for practice; reports and sheets say so.
PRACTICE = "practice"

#: field -> type of ``compat.make_field``, in the order of the table
COLUMNS = {
    INPUT_ID: "text", CATEGORY: "text", CONCERN: "integer", DAY_PART: "text", SAID: "text", WISH: "text",
    SOURCE: "text", ORGANISED: "text", SAID_ON: "date", LANG: "text", CONSENT: "text", VOICE: "text",
    STATUS: "text", ACK_ON: "date", WORK_ON: "date", DONE_ON: "date", DECLINED_ON: "date", RESPONSE: "text",
    PHOTO: "text",
}

# --- values; their words are the user's language's business ------------------------------
CATEGORIES = ("unsafe", "violence", "harassment", "theft", "vehicle", "drugs", "disorder", "damage", "rubbish", "light",
              "traffic", "other")
#: 1 not worried, 5 very worried
CONCERNS = (1, 2, 3, 4, 5)
#: hours [from, to) of each part of the day; None where the hour does not matter
DAY_PARTS = {"morning": (6, 12), "afternoon": (12, 18), "evening": (18, 23), "night": (23, 6), "any": None}
SOURCES = ("survey", "meeting", "report", "walk", "portal")
WISHES = ("patrol", "light", "repair", "talk", "enforcement", "other")
STATUSES = ("new", "acknowledged", "in work", "done", "declined")
#: the day on which each status began
STATUS_DAYS = {"acknowledged": ACK_ON, "in work": WORK_ON, "done": DONE_ON, "declined": DECLINED_ON}
#: what the resident agreed to: to be counted; to be counted and quoted without a name; neither
CONSENTS = ("count", "quote", "none")

#: longest free text
TEXT_LENGTH = 500
