"""Names and meanings of all output fields, shared by the tools that write and read them.

Where Esri, CrimeStat or SaTScan users already know a field it keeps that name; all
others are lower_snake_case. Ten characters at most, so that a Shapefile keeps them.
The descriptions feed the generated reference and the field aliases.
"""

from __future__ import annotations

#: field name -> plain description
DESCRIPTIONS: dict[str, str] = {}


def field(name: str, description: str) -> str:
    """Register a field name with its description and return the name."""
    if len(name) > 10:
        raise ValueError(f"{name}: more than ten characters")
    if DESCRIPTIONS.setdefault(name, description) != description:
        raise ValueError(f"{name}: described twice")
    return name


# --- prepared incidents (prepareincidents) -----------------------------------------------
INC_ID = field("inc_id", "Identifier of the incident")
DT_FROM = field("dt_from", "Date and time of the incident, or the earliest it can have happened")
DT_TO = field("dt_to", "Latest date and time at which the incident can have happened")
DT_REP = field("dt_rep", "Date and time of the report")
DT_PREC = field("dt_prec", "Precision of the date: minute, hour, day or month")
TIME_OK = field("time_ok", "Whether the time of day is known")
CTYPE = field("ctype", "Type of the incident as recorded")
PLACE_KEY = field("place_key", "Key of the place: same key, same place")
ADDRESS = field("address", "Address or block as recorded")
SOURCE = field("source", "Source of the record, e.g. call or officer-initiated")
SRC_ROW = field("src_row", "Number of the row in the export, from 1")
N_ROWS = field("n_rows", "Rows of the export that make this incident")
REASON = field("reason", "Why the row has no place")

# --- grouped and weighed incidents (classifyincidents) --------------------------------------
CGROUP = field("cgroup", "Group of the type, by the table of types")
HARM = field("harm", "Harm of the incident, by the table; 0 where officers or a company's staff found it")
SENSITIVE = field("sensitive", "Whether the type must not be shown by point or small area in public")
PROACTIVE = field("proactive", "Whether officers found the incident themselves")
PUBLIC_PL = field("public_pl", "Whether such incidents usually happen where a patrol can see them")
IS_CRIME = field("is_crime", "Whether the type is a crime")
LOOKS_LIKE = field("looks_like", "Codes of the table that look like the type; for you to judge, not used")

# --- checked incidents (checkincidents) --------------------------------------------------
QC_OK = field("qc_ok", "Whether the row can be used: a place in the area and a sound date")
QC_CODES = field("qc_codes", "What the check found in the row, codes separated by commas")

# --- hot spot analysis (gistar, findhotspots) ---------------------------------------------
GI_Z = field("GiZScore", "Score of the neighbourhood: above 0 more, below 0 less than chance would place there")
GI_P = field("GiPValue", "Two-sided p-value of the score, without any correction for the number of places")
GI_BIN = field("Gi_Bin", "Hot spot (1, 2, 3 = 90, 95, 99 % confidence), cold spot (-1, -2, -3), 0 = not significant")
N_NEIGHBORS = field("NNeighbors", "Number of neighbours with a value, the place itself not counted")

# --- places to act on (findhotspots, patrolzones) -----------------------------------------
RANK = field("rank", "Rank: 1 holds most")
N = field("n", "Number of incidents")
SHARE = field("share", "Share of all incidents, 0 to 1")
AREA_HA = field("area_ha", "Area in hectares")
PLACE1_SH = field("place1_sh", "Share of the incidents at the busiest single place, 0 to 1")

# --- patrol zones (patrolzones) ------------------------------------------------------------
ZONE_ID = field("zone_id", "Identifier of the zone")
AREAS_IN = field("areas_in", "Number of areas that make the zone")
N_INSIDE = field("n_inside", "Incidents of the incident layer that lie in the zone")
STREET_KM = field("street_km", "Kilometres of street in the zone")
HOURS = field("hours", "Officer-hours a day that visiting the zone takes")
RESIDENTS = field("residents", "People who live in the zone")
PEAK_DAYS = field("peak_days", "Days on which incidents gather")
PEAK_FROM = field("peak_from", "Time of day at which the peak begins")
PEAK_TO = field("peak_to", "Time of day at which the peak ends, on the next day if not later than its begin")
PEAK_SHARE = field("peak_share", "Share of the incidents with a known time that fall into the peak, 0 to 1")
PEAK_LIFT = field("peak_lift", "How many times more incidents the peak holds than an even week would")
PEAK_P = field("peak_p", "Upper bound of the probability that chance makes such a peak")
PEAK_N = field("peak_n", "Incidents of the zone with a known time of day")
NEXT_GAIN = field("next_gain", "Incidents that the next zone in rank adds per hour, hectare or kilometre")
KIND = field("kind", "What the zone seems to ask for: patrol, place manager, guardian or environment")
KIND_WHY = field("kind_why", "Why, and what else speaks for another response")
DARK_SHARE = field("dark_share", "Share of the incidents with a known time between 20:00 and 06:00, 0 to 1")
N_PRO = field("n_pro", "Incidents in the zone that officers found themselves")
PRO_SHARE = field("pro_share", "Share of the incidents here that officers found themselves, 0 to 1")
RANK_PRO = field("rank_pro", "Rank with the records that officers made themselves; empty where not chosen then")
N_NOTPUB = field("n_notpub", "Incidents in the zone of types that a patrol does not see")
VOICES = field("voices", "Residents whose reports lie in the area or near it; empty where too few to say")
TOP_CONC = field("top_conc", "What most of these residents are concerned about")
CONC_SHARE = field("conc_share", "Share of the residents who named the main concern, 0 to 1")
CONC_MEAN = field("conc_mean", "Mean of how much it concerns them, 1 to 5, a voice counting once")
TOP_WISH = field("top_wish", "What most of these residents wish: patrol, light, repair, talk, enforcement, other")
WISH_SHARE = field("wish_share", "Share of the residents with a wish who named the main one, 0 to 1")

# --- hot spots (findhotspots) -------------------------------------------------------------
EXPECTED = field("expected", "What would lie here if all were spread evenly over the study area")
CHANCE_P = field("chance_p", "Exact probability that an even spread puts as much into the cell or its neighbourhood")
N_LOW = field("n_low", "Lower end of the 95 % interval of the number of incidents")
N_HIGH = field("n_high", "Upper end of the 95 % interval of the number of incidents")
N_TYPES = field("n_types", "Number of types of incidents")
TOP_TYPE = field("top_type", "Commonest type of incident")
TOP_SHARE = field("top_share", "Share of the commonest type, 0 to 1")
PLACES = field("places", "Number of distinct places (addresses or coordinates)")
HOT_DOT = field("hot_dot", "More than half of the incidents are at one place: ask who manages it before you patrol")
MONTHS_ACT = field("months_act", "Calendar months with at least one incident")
TENURE = field("tenure", "How long it has been hot: long-standing, recent, on and off, or too early to say")
STABLE = field("stable", "Share of resamples of the incidents in which it is hot again, 0 to 1")
N_TEST = field("n_test", "Incidents held back for the test that lie here")

# --- officers' own records (findhotspots, enforcementcheck) ----------------------------------
HS_STATUS = field("hs_status", "What becomes of it without officers' records: kept, rank changed, vanished, appears")
BEYOND = field("beyond", "Whether that goes beyond what removing as many incidents at random does")
RANK_WITH = field("rank_with", "Rank among the hot spots of all incidents; empty where there is none")
RANK_WO = field("rank_wo", "Rank among the hot spots without officers' records; empty where there is none")
RANK_LOW = field("rank_low", "Best of the ranks that 95 % of random removals give, as long as it stays")
RANK_HIGH = field("rank_high", "Worst of the ranks that 95 % of random removals give, as long as it stays")
N_WO = field("n_wo", "Incidents in the same outline without officers' records")
PRO_Q = field("pro_q", "Corrected probability that chance makes officers' share here differ so much from elsewhere")
PRO_TYPE = field("pro_type", "Commonest type among officers' records here")
OVERLAP_SH = field("overlap_sh", "Share of the area that lies in hot spots of the other search, 0 to 1")
P_THIN = field("p_thin", "Share of random removals of as many incidents in which the same happens")

# --- repeat locations (repeatlocations) -----------------------------------------------------
PLACE = field("place", "Name of the place: its address, its name in the place layer, or its coordinates")
N_PREV = field("n_prev", "Incidents in the window before, of the same length; empty where the data do not cover it")
RANK_PREV = field("rank_prev", "Rank in the window before; empty for places without any incident then")
DAYS_ACT = field("days_act", "Days with at least one incident")
LATEST = field("latest", "Day of the newest incident")
CUM_SHARE = field("cum_share", "Share of all incidents at this place and all before it in the list, 0 to 1")
PER_MONTH = field("per_month", "Incidents per month of 30.44 days")
EXP_RANK = field("exp_rank", "Incidents at the place of this rank if chance alone spread them over places all alike")
P_CHANCE = field("p_chance", "Probability that a given place has so many by chance alone, were all places alike")
Q_CHANCE = field("q_chance", "p_chance after allowing for the number of places (false discovery rate)")
N_ADDR = field("n_addr", "Distinct addresses recorded at the place")
NOTE = field("note", "What to look at before acting: one type, many addresses, few days, default place, chance")

# --- profiles of hot spots (hotspotprofile) -------------------------------------------------
HOTSPOT = field("hotspot", "Name of the hot spot, each once")
OVER_TYPE = field("over_type", "Type with the highest location quotient among those that chance does not explain")
OVER_LQ = field("over_lq", "Location quotient of that type: its share here over its share in all incidents")
REPEAT_SH = field("repeat_sh", "Share of the incidents that came to a place that had one already, 0 to 1")
FEW_N = field("few_n", "How many places few_sh is about: three, or a fifth of the places where that is fewer")
FEW_SH = field("few_sh", "Share of the incidents at the few busiest places, 0 to 1")
FEW_EXP = field("few_exp", "What chance alone would give the few busiest places, 0 to 1")
PLACE_P = field("place_p", "Upper bound of the probability that chance puts so many at any one place")
HR6_FROM = field("hr6_from", "Time of day at which the six fullest hours begin")
HR6_SHARE = field("hr6_share", "Share of the known times of day in the six fullest hours; an even day has 0.25")
HR6_P = field("hr6_p", "Upper bound of the probability that an even day has six hours as full as these")
SPACE_CL = field("space_cl", "Hotspot matrix, space: hotpoint, clustered, dispersed, or too few to say")
TIME_CL = field("time_cl", "Hotspot matrix, time: acute, focused, diffused, or too few to say")
MATRIX = field("matrix", "Box of the hotspot matrix, e.g. clustered, focused")
FAC_N = field("fac_n", "Facilities in the hot spot or near it")
FAC_KIND = field("fac_kind", "Kind of facility that most incidents are near")
FAC_SHARE = field("fac_sh", "Share of the incidents near a facility, 0 to 1")
FAC_LQ = field("fac_lq", "That share over the share of all incidents that are near a facility")
CPTED = field("cpted", "Mean CPTED score of the features in the hot spot")
FIRST_LOOK = field("first_look", "What to look at first, by the box of the matrix; a proposal, not a decision")
THEME = field("theme", "What the row is about: type, hour, weekday, shift, month, place, facility, concern, wish")
VALUE = field("value", "Which of them: the type, hour, weekday, place, ...")
N_OF = field("n_of", "Incidents of the hot spot (voices, for what residents say) that the share is of")
IN_SHARE = field("in_share", "Share in the hot spot, 0 to 1")
CITY_SHARE = field("city_share", "Share in all incidents, those of the hot spots included, 0 to 1")
LQ = field("lq", "Location quotient: in_share over city_share; above 1 more than in the city")
LQ_LOW = field("lq_low", "Lower end of the 95 % interval of lq")
LQ_HIGH = field("lq_high", "Upper end of the 95 % interval of lq")
LQ_Q = field("lq_q", "p-value of lq after allowing for the number of comparisons of the theme (false discovery rate)")

# --- crime summary (crimesummary) -----------------------------------------------------------
LEVEL = field("level", "What the line counts: whole, type, area, or type in area; each level adds up to the whole")
AREA = field("area", "Name of the area, empty for all; of a visible area its square metres")
N_ALL = field("n_all", "All records, whatever their date")
N_7 = field("n_7", "Incidents of the last 7 days")
EXP_7 = field("exp_7", "Mean of the 8 weeks before the last 7 days")
EXP_7_LOW = field("exp_7_low", "Lower end of what the last 7 days are expected to have")
EXP_7_HIGH = field("exp_7_high", "Upper end of what the last 7 days are expected to have")
Z_7 = field("z_7", "z of the last 7 days beside the 8 weeks before; beyond -3 or 3 is outside the expected range")
N_28 = field("n_28", "Incidents of the last 28 days")
N_28_PREV = field("n_28_prev", "Incidents of the 28 days before; empty where the data do not cover them")
Z_28 = field("z_28", "z of the last 28 days beside the 28 before")
PERC_28 = field("perc_28", "Change against the 28 days before in per cent; empty below 30 incidents")
N_28_YEAR = field("n_28_year", "Incidents of the same 28 days last year; empty where the data do not cover them")
Z_YEAR = field("z_28_year", "z of the last 28 days beside the same of last year")
PERC_YEAR = field("perc_year", "Change against the same 28 days last year in per cent; empty below 30 incidents")
YTD = field("ytd", "Incidents of the year to date")
YTD_LAST = field("ytd_last", "Incidents of last year to the same date; empty where the data do not cover it")
Z_YTD = field("z_ytd", "z of the year to date beside last year's, a day")
PERC_YTD = field("perc_ytd", "Change of the incidents a day of the year to date in per cent; empty below 30 incidents")
WEEKS = field("weeks", "Incidents of each of the last 13 weeks, oldest first; ? where the data do not cover one")
SPARK = field("spark", "The last 13 weeks as blocks from 0 to their largest; a dot where they are not known")
FLAGS = field("flags", "What stands out, in words: at z of 3 and at least 5 incidents apart; empty if nothing")

# --- grids and counts (analysisgrid, countincidents) --------------------------------------
CELL_ID = field("cell_id", "Identifier of the grid cell: the same for the same place in every run")
GRID_COL = field("grid_col", "Column of the grid cell, counted from 0 m of the coordinate system")
GRID_ROW = field("grid_row", "Row of the grid cell, counted from 0 m of the coordinate system")
SHARE_IN = field("share_in", "Share of the cell that lies inside the study area, 0 to 1")
N = field("n", "Number of incidents")
SUM = field("sum", "Sum of the incidents' weights")
PER_KM2 = field("per_km2", "Incidents per square kilometre")
PER_KM = field("per_km", "Incidents per kilometre of street")
PER_1000 = field("per_1000", "Incidents per 1,000 residents; empty where fewer live than the minimum")
MANY_VISIT = field("many_visit", "Whether few live here for so many incidents that the rate misleads")

# --- two periods compared (compareperiods) -------------------------------------------------
CUR_CNT = field("CUR_CNT", "Incidents in the current (later) period")
PREV_CNT = field("PREV_CNT", "Incidents in the previous (earlier) period")
DIFF_CNT = field("DIFF_CNT", "Current minus previous count, as counted")
PERC = field("PERC", "Change of the incidents a day in per cent of the previous period; null where that had none")
PERC_LOW = field("perc_low", "Lower end of the exact 95 % interval of PERC")
PERC_HIGH = field("perc_high", "Upper end of the exact 95 % interval of PERC")
CUR_RATE = field("cur_rate", "Incidents per 30 days in the current period")
PREV_RATE = field("prev_rate", "Incidents per 30 days in the previous period")
EXP_CNT = field("exp_cnt", "Count to expect in the current period had nothing changed")
Z_SCORE = field("z_score", "Poisson z of the change: beyond -3 or 3 is worth a look")
P_VALUE = field("p_value", "Two-sided p-value of the exact test (E-test); null where both counts are 0")
Q_VALUE = field("q_value", "p-value after allowing for the number of areas (false discovery rate)")
CHG_CODE = field("chg_code", "2 more, 1 perhaps more, 0 no clear change, -1 perhaps fewer, -2 fewer, null none in both")
CHG_CLASS = field("chg_class", "The change in words: more or fewer only where chance and small numbers are ruled out")

# --- public counts (publicrelease) -----------------------------------------------------------
AREA_NAME = field("area_name", "Name of the area, or all areas")
PERIOD = field("period", "Month (2024-03), quarter (2024-Q1) or year (2024)")
FIRST_DAY = field("first_day", "First day of the period")
LAST_DAY = field("last_day", "Last day of the period")
GROUP_NAME = field("group_name", "Group of the incidents, or all groups")
N_PUBLIC = field("n_public", "Recorded incidents, rounded; empty where the number is withheld")
STATUS = field("status", "published, withheld, or too recent")

# --- street lighting (lightingcoverage) ------------------------------------------------------
LIGHT_ST = field("light_st", "lit, dark, or unknown: no light on record near by, but not all owners' lights are given")
LUX_MEAN = field("lux_mean", "Mean light on the ground along the known part of the street, in lux")
LUX_MIN = field("lux_min", "Least light on the ground along the known part of the street, in lux")
U0 = field("u0", "Uniformity: the least light over the mean, 0 to 1")
BELOW_SH = field("below_sh", "Share of the known length with less light than the minimum of the class, 0 to 1")
LIGHT_CL = field("light_cl", "Most demanding lighting class whose mean and minimum the street has")
MEETS_CL = field("meets_cl", "Whether the street has the mean and the minimum of the class asked for")
KNOWN_SH = field("known_sh", "Share of the length with a light on record near by, 0 to 1")
LIGHT_M = field("light_m", "Metres to the nearest light that works; empty where none is near")
GAP_ID = field("gap_id", "Number of the gap, 1 is the longest; stretches that meet at a corner share it")
GAP_M = field("gap_m", "Metres of the whole gap")
STRETCH_M = field("stretch_m", "Metres of this stretch")
STREET = field("street", "Name of the street")
STREET_ROW = field("street_row", "Number of the street in its layer, from 1")

# --- what can be seen (visibility) ------------------------------------------------------------
PERIMETER = field("perimeter", "Perimeter in metres")
MAX_VIEW = field("max_view", "Longest line of sight in metres; ends at the range")
MIN_VIEW = field("min_view", "Metres to the nearest obstacle; the range where none is near")
OCCLUSIV = field("occlusiv", "Occlusivity: metres of the outline that are the edge of something hidden")
OPEN_SHARE = field("open_share", "Visible area over that of open ground, 0 to 1")
VIEW_NOTE = field("view_note", "Where the viewpoint stands, if in or on an obstacle")
AT_M = field("at_m", "Metres along the line from its begin")
