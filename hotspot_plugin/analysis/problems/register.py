"""What a problem register holds: its tables, their fields and the values that they take.

A problem is one row of ``problems``; places, actions, deliveries, commitments, answers point
to it by ``prob_id``. People stand in it as roles, never by name. Keys are random texts
(UUID), because numbers given by a file collide when phones come back. All field names have
ten characters at most and no field has a type that QField does not know.
"""

from __future__ import annotations

# --- tables --------------------------------------------------------------------------------
PROBLEMS, PLACES, ACTIONS, DELIVERIES = "problems", "places", "actions", "deliveries"
PARTNERS, COMMITMENTS, MEETINGS, ANSWERS, JOURNAL = "partners", "commitments", "meetings", "answers", "journal"
#: a list of roles to choose from, one column ROLE; it may grow
ROLES = "roles"
#: name of the project inside the file
PROJECT = "register"

# --- keys and what several tables have -------------------------------------------------------
PROBLEM_ID, PLACE_ID, ACTION_ID, DELIVERY_ID = "prob_id", "place_id", "action_id", "deliv_id"
PARTNER_ID, COMMITMENT_ID, MEETING_ID, ANSWER_ID = "partner_id", "commit_id", "meet_id", "answer_id"
#: role of who is responsible, such as "beat inspector"
OWNER = "owner"
#: who may read the row: a value of VISIBILITIES
VISIBLE = "visible"
#: role of who made or last changed the row; the journal copies it
ROLE = "role"
MADE_ON = "made_on"
DUE_ON = "due_on"
COST, PAYER = "cost", "payer"
RESPONSE_KIND = "resp_kind"
NOTE = "note"
PHOTO = "photo"

# --- problems --------------------------------------------------------------------------------
TITLE = "title"
#: a category of community input, so that both can be compared
CATEGORY = "category"
#: group of crime types, as in prepared incidents
CRIME_GROUP = "cgroup"
DESCRIPTION = "descr"
STAGE = "stage"
#: CHEERS: a community feels it, harm, expectation that something is done, events, recurring, alike
CHEERS = ("ch_commun", "ch_harm", "ch_expect", "ch_events", "ch_recur", "ch_alike")
HYPOTHESIS = "hypothesis"
SCAN_ON, ANALYSE_ON, RESPOND_ON, ASSESS_ON, CLOSED_ON = "scan_on", "analyse_on", "respond_on", "assess_on", "closed_on"
#: what is measured, such as "thefts from vehicles recorded within the places"
MEASURE = "measure"
BASELINE, BASE_FROM, BASE_TO = "baseline", "base_from", "base_to"
#: value aimed at in a period as long as that of the baseline
TARGET, TARGET_ON = "target", "target_on"
#: what was measured, over which days
VALUE, VALUE_FROM, VALUE_TO = "value", "value_from", "value_to"
RESULT = "result"
REVIEW_ON, DECISION, DECIDED_ON, DECIDED_BY, REASON = "review_on", "decision", "decided_on", "decided_by", "reason"
#: name of the layer and QGIS expression that find the incidents of the problem
FILTER_LAYER, FILTER = "flt_layer", "flt_expr"

# --- places ----------------------------------------------------------------------------------
NAME = "name"
RANK = "rank"
#: layer and row or key that a place was taken from; both empty where it was drawn
SOURCE, SOURCE_KEY = "src", "src_key"

# --- actions and what was delivered ------------------------------------------------------------
ACTION = "action"
STATE = "state"
START_ON, DONE_ON = "start_on", "done_on"
SPENT = "spent"
#: key in the catalogue of measures of the CPTED tools
MEASURE_ID = "measure_id"
DELIVERED_ON, KIND, MINUTES, AMOUNT, UNIT = "deliv_on", "kind", "minutes", "amount", "unit"
#: role that delivered it, such as "beat officer"
BY_ROLE = "by_role"

# --- partners and what they give -----------------------------------------------------------------
OFFERS, CONTACT, WEBSITE, AGREED_ON, UNTIL_ON = "offers", "contact", "website", "agreed_on", "until_on"
PROMISE = "promise"
GIVEN = "given"

# --- meetings, interviews and answers --------------------------------------------------------------
HELD_ON, VENUE, PRESENT, RESIDENTS, NEXT_ON, LANG, NOTES = (
    "held_on", "venue", "present", "residents", "next_on", "lang", "notes")
#: theme by which answers are coded, such as "lighting": a category of community input, or one's own
THEME = "theme"
#: who asked, as a group of people: a value of VOICES
ASKED_BY = "asked_by"
ASKED, ANSWERED, OUTCOME, ANSWERED_ON = "asked", "answered", "outcome", "answ_on"
#: key of a row of community input that the answer belongs to
INPUT_ID = "input_id"

# --- journal ---------------------------------------------------------------------------------------
#: table, key of the row, what was done (a value of CHANGES), field, old and new value, moment (UTC), role
TABLE, ROW_ID, CHANGE, FIELD, OLD, NEW, CHANGED_AT = "tab", "row_id", "change", "field", "old_val", "new_val", "at"

#: table -> field -> type of ``compat.make_field``, in the order of the table
TABLES = {
    PROBLEMS: {
        PROBLEM_ID: "text", TITLE: "text", CATEGORY: "text", CRIME_GROUP: "text", DESCRIPTION: "text", STAGE: "text",
        VISIBLE: "text", OWNER: "text", DUE_ON: "date", **dict.fromkeys(CHEERS, "boolean"), HYPOTHESIS: "text",
        FILTER_LAYER: "text", FILTER: "text", MEASURE: "text", BASELINE: "number", BASE_FROM: "date", BASE_TO: "date",
        TARGET: "number", TARGET_ON: "date", RESPONSE_KIND: "text", COST: "number", PAYER: "text", VALUE: "number",
        VALUE_FROM: "date", VALUE_TO: "date", RESULT: "text", REVIEW_ON: "date", DECISION: "text", DECIDED_ON: "date",
        DECIDED_BY: "text", REASON: "text", SCAN_ON: "date", ANALYSE_ON: "date", RESPOND_ON: "date",
        ASSESS_ON: "date", CLOSED_ON: "date", MADE_ON: "date", ROLE: "text"},
    PLACES: {
        PLACE_ID: "text", PROBLEM_ID: "text", NAME: "text", RANK: "integer", SOURCE: "text", SOURCE_KEY: "text",
        NOTE: "text", PHOTO: "text", MADE_ON: "date", ROLE: "text"},
    ACTIONS: {
        ACTION_ID: "text", PROBLEM_ID: "text", PLACE_ID: "text", ACTION: "text", RESPONSE_KIND: "text",
        MEASURE_ID: "text", OWNER: "text", PARTNER_ID: "text", STATE: "text", START_ON: "date", DUE_ON: "date",
        DONE_ON: "date", COST: "number", SPENT: "number", PAYER: "text", RESULT: "text", VISIBLE: "text",
        MADE_ON: "date", ROLE: "text"},
    DELIVERIES: {
        DELIVERY_ID: "text", PROBLEM_ID: "text", ACTION_ID: "text", PLACE_ID: "text", DELIVERED_ON: "date",
        KIND: "text", MINUTES: "number", AMOUNT: "number", UNIT: "text", BY_ROLE: "text", PARTNER_ID: "text",
        NOTE: "text", PHOTO: "text", MADE_ON: "date", ROLE: "text"},
    PARTNERS: {
        PARTNER_ID: "text", NAME: "text", KIND: "text", OFFERS: "text", CONTACT: "text", WEBSITE: "text",
        AGREED_ON: "date", UNTIL_ON: "date", VISIBLE: "text", MADE_ON: "date", ROLE: "text"},
    COMMITMENTS: {
        COMMITMENT_ID: "text", PROBLEM_ID: "text", PARTNER_ID: "text", PROMISE: "text", KIND: "text",
        AMOUNT: "number", UNIT: "text", GIVEN: "number", AGREED_ON: "date", UNTIL_ON: "date", NOTE: "text",
        MADE_ON: "date", ROLE: "text"},
    MEETINGS: {
        MEETING_ID: "text", KIND: "text", TITLE: "text", HELD_ON: "date", VENUE: "text", PRESENT: "integer",
        RESIDENTS: "integer", LANG: "text", OWNER: "text", NOTES: "text", NEXT_ON: "date", VISIBLE: "text",
        MADE_ON: "date", ROLE: "text"},
    ANSWERS: {
        ANSWER_ID: "text", MEETING_ID: "text", PROBLEM_ID: "text", INPUT_ID: "text", THEME: "text", ASKED_BY: "text",
        ASKED: "text", ANSWERED: "text", OUTCOME: "text", REASON: "text", OWNER: "text", DUE_ON: "date",
        ANSWERED_ON: "date", VISIBLE: "text", MADE_ON: "date", ROLE: "text"},
    JOURNAL: {
        TABLE: "text", ROW_ID: "text", CHANGE: "text", FIELD: "text", OLD: "text", NEW: "text", CHANGED_AT: "text",
        ROLE: "text"},
}
#: tables with a shape; all others are plain tables
SHAPES = {PLACES: "polygon", PARTNERS: "point", MEETINGS: "point"}
#: table -> its key
KEYS = {PROBLEMS: PROBLEM_ID, PLACES: PLACE_ID, ACTIONS: ACTION_ID, DELIVERIES: DELIVERY_ID, PARTNERS: PARTNER_ID,
        COMMITMENTS: COMMITMENT_ID, MEETINGS: MEETING_ID, ANSWERS: ANSWER_ID}
#: (table, its field) -> table whose key it holds
LINKS = {
    (PLACES, PROBLEM_ID): PROBLEMS, (ACTIONS, PROBLEM_ID): PROBLEMS, (ACTIONS, PLACE_ID): PLACES,
    (ACTIONS, PARTNER_ID): PARTNERS, (DELIVERIES, PROBLEM_ID): PROBLEMS, (DELIVERIES, ACTION_ID): ACTIONS,
    (DELIVERIES, PLACE_ID): PLACES, (DELIVERIES, PARTNER_ID): PARTNERS, (COMMITMENTS, PROBLEM_ID): PROBLEMS,
    (COMMITMENTS, PARTNER_ID): PARTNERS, (ANSWERS, MEETING_ID): MEETINGS, (ANSWERS, PROBLEM_ID): PROBLEMS,
}

# --- values; their words are the user's language's business ------------------------------------
STAGES = ("scan", "analyse", "respond", "assess", "closed")
#: the day on which each stage began
STAGE_DAYS = {"scan": SCAN_ON, "analyse": ANALYSE_ON, "respond": RESPOND_ON, "assess": ASSESS_ON, "closed": CLOSED_ON}
VISIBILITIES = ("internal", "partners", "public")
#: change the place, strengthen who guards it, reach who can control the offender, enforce the law
RESPONSE_KINDS = ("place", "guardian", "handler", "enforcement", "other")
DECISIONS = ("continue", "change", "extend", "stop", "close")
STATES = ("planned", "under way", "done", "dropped")
DELIVERY_KINDS = ("patrol", "visit", "talk", "light", "repair", "clean", "watch", "event", "enforcement", "other")
PARTNER_KINDS = ("city", "neighbourhood", "housing", "school", "business", "health", "transport", "faith", "nonprofit",
                 "police", "other")
COMMITMENT_KINDS = ("money", "hours", "goods", "space", "information", "other")
MEETING_KINDS = ("meeting", "interview", "walk", "workshop", "online")
VOICES = ("resident", "business", "youth", "partner", "officer", "visitor", "other")
#: state of what was asked: not yet answered, being done, done, not done (REASON says why)
OUTCOMES = ("open", "in work", "done", "declined")
CHANGES = ("insert", "update", "delete")

#: longest free text
TEXT_LENGTH = 500
