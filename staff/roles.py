"""Role -> permissions, the one table of who may do what.

A role is held through a post (`grids.Post`) and never through a Django group. Permissions carry the
verb of the move that they allow; those of higher apps are named as strings, by nature (see
docs/decisions/0002). The rows follow the "who" column of the loop.
"""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

SUPERVISION, COMMAND, HANDLING, LEADING, ADMINISTRATION = (
    "supervision",
    "command",
    "handling",
    "leading",
    "administration",
)

# Where a post of the role is held.
CITY, AREA, DUTY_GRID, UNIT = "city", "area", "duty_grid", "unit"


@dataclass(frozen=True)
class Role:
    """One role: its axis, where its posts are held, the permissions that it gives."""

    key: str
    name: str
    axis: str
    held_in: str
    does: str
    permissions: frozenset


def _perms(app, words):
    return frozenset(f"{app}.{word}" for word in words.split())


_READ_CATALOGUE = _perms("incidents", "view_category view_condition view_matrixrow") | _perms(
    "grids", "view_area view_areaversion view_dutygrid view_road view_component"
)
_READ_CASES = _perms("incidents", "view_case view_step view_clock view_evidence") | _READ_CATALOGUE
_READ_ALL_CASES = _READ_CASES | _perms(
    "incidents", "view_demand view_clockentry view_jointtask view_plan"
)

_READ_SCORES = _perms("assessment", "view_score")
_READ_LED_SCORES = _perms("assessment", "view_led_score")

ROLES = {
    role.key: role
    for role in (
        Role(
            "worker",
            _("Grid worker"),
            SUPERVISION,
            DUTY_GRID,
            _("Finds problems on patrol, confirms reports and verifies what was handled."),
            _perms(
                "incidents",
                "report_case confirm_case verify_case self_handle_case "
                "hand_up_case spot_check_case",
            )
            | _READ_CASES,
        ),
        Role(
            "grid_head",
            _("Grid head"),
            SUPERVISION,
            DUTY_GRID,
            _("Answers for one duty grid when a deadline there is breached."),
            _perms("incidents", "answer_case") | _READ_CASES | _READ_SCORES | _READ_LED_SCORES,
        ),
        Role(
            "building_head",
            _("Building head"),
            SUPERVISION,
            DUTY_GRID,
            _("Knows one building of the duty grid."),
            _perms("incidents", "report_case") | _READ_CATALOGUE,
        ),
        Role(
            "intake",
            _("Intake officer"),
            SUPERVISION,
            CITY,
            _("Takes reports in, names their category and has them confirmed."),
            _perms(
                "incidents",
                "report_case told_case accept_case confirming_case merge_case "
                "dismiss_report decide_appeal reporter_contact unmask_reporter",
            )
            | _READ_ALL_CASES
            | _READ_SCORES,
        ),
        Role(
            "chief",
            _("Shift chief"),
            SUPERVISION,
            CITY,
            _("Files reports as cases, corrects, dismisses and voids them."),
            _perms(
                "incidents",
                "file_case dismiss_case hand_back_case correct_case void_case reply_case "
                "unmask_reporter",
            )
            | _READ_ALL_CASES
            | _READ_SCORES,
        ),
        Role(
            "dispatcher",
            _("Dispatcher"),
            COMMAND,
            CITY,
            _("Gives each case to the one unit that answers for it and decides its requests."),
            _perms(
                "incidents",
                "dispatch_case hand_back_filing_case decide_request opine_case reply_case "
                "unmask_reporter",
            )
            | _READ_ALL_CASES
            | _READ_SCORES,
        ),
        Role(
            "adjudicator",
            _("Adjudicator"),
            COMMAND,
            CITY,
            _("Settles which unit answers when units hand a case back and forth."),
            _perms("incidents", "adjudicate_case") | _READ_ALL_CASES | _READ_SCORES,
        ),
        Role(
            "handler",
            _("Handling unit"),
            HANDLING,
            UNIT,
            _("Handles the unit's cases and asks for extension, suspension or return."),
            _perms(
                "incidents",
                "handle_case request_case appeal_case reply_case hand_up_lead_case "
                "view_jointtask add_jointtask change_jointcall view_plan",
            )
            | _READ_CASES
            | _READ_SCORES,
        ),
        Role(
            "supervisor",
            _("Community supervisor"),
            SUPERVISION,
            AREA,
            _("Approves closing in the community or street, or sends the case back."),
            _perms("incidents", "close_case") | _READ_ALL_CASES | _READ_SCORES,
        ),
        Role(
            "leader",
            _("Leader"),
            LEADING,
            AREA,
            _("Watches an area or unit, orders supervision and answers what was escalated."),
            _perms(
                "incidents",
                "supervise_case answer_case reply_case add_jointtask change_jointcall "
                "add_plan change_plan view_outbox",
            )
            | _READ_ALL_CASES
            | _READ_SCORES
            | _READ_LED_SCORES
            | _perms("publication", "view_digest add_digest"),
        ),
        Role(
            "assessor",
            _("Assessor"),
            SUPERVISION,
            CITY,
            _("Reads every case and score and looks after the rules of assessment."),
            _READ_ALL_CASES
            | _READ_SCORES
            | _perms(
                "assessment",
                "view_formula add_formula view_publication view_post_score publish_score "
                "answer_objection",
            )
            | _perms("publication", "view_bulletin view_digest add_digest")
            | _perms("incidents", "view_draw view_drawrule add_drawrule change_drawrule"),
        ),
        Role(
            "sysadmin",
            _("System administrator"),
            ADMINISTRATION,
            CITY,
            _("Keeps areas, units, catalogue, matrix and calendars in order."),
            _READ_ALL_CASES
            | _perms(
                "staff",
                "view_city change_city view_calendar add_calendar change_calendar "
                "view_calendarversion add_calendarversion view_unit add_unit change_unit "
                "view_member",
            )
            | _perms(
                "grids",
                "add_area change_area add_areaversion add_dutygrid change_dutygrid "
                "add_component change_component add_road change_road view_dutygridmember "
                "view_crossing view_roster add_roster change_roster delete_roster view_post",
            )
            | _perms(
                "incidents",
                "add_category change_category add_condition change_condition "
                "add_matrixrow change_matrixrow add_plan change_plan view_outbox "
                "view_setaside change_setaside "
                "view_message change_message view_gateway add_gateway change_gateway",
            )
            | _perms("publication", "view_schedule add_schedule change_schedule view_bulletin"),
        ),
        Role(
            "secadmin",
            _("Security administrator"),
            ADMINISTRATION,
            CITY,
            _("Gives and ends accounts and posts."),
            _perms("staff", "view_member add_member change_member view_unit view_city")
            | _perms(
                "grids",
                "view_post add_post change_post view_absence add_absence "
                "change_absence view_area view_dutygrid",
            ),
        ),
        Role(
            "auditor",
            _("Audit administrator"),
            ADMINISTRATION,
            CITY,
            _("Reads the log of what administrators and staff did and looked at."),
            _perms("admin", "view_logentry")
            | _perms("incidents", "view_draw view_look unmask_reporter")
            | _perms("staff", "view_member")
            | _perms("grids", "view_post")
            | _perms("axes", "view_accesslog view_accessattempt"),
        ),
    )
}

CHOICES = [(role.key, role.name) for role in ROLES.values()]

# Invariant 3 of the loop: who finds, files, verifies and closes never dispatches or handles; the
# three administrators exclude one another and take no part in the loop. Two posts of one member
# may stand together when their roles' axes are in one of these sets, except for administrators.
_TOGETHER = ({SUPERVISION, LEADING}, {COMMAND, LEADING}, {HANDLING, LEADING})


def roles_with(permission, *places):
    """Keys of the roles that give a permission ("incidents.close_case"); with `places`, of those
    whose posts are held in one of them."""
    return frozenset(
        role.key
        for role in ROLES.values()
        if permission in role.permissions and (not places or role.held_in in places)
    )


def may_stand_together(one, other):
    """True if one member may hold posts of both roles (invariant 3, three administrators)."""
    axes = {ROLES[one].axis, ROLES[other].axis}
    if ADMINISTRATION in axes:
        return one == other
    return any(axes <= together for together in _TOGETHER)


def exclusions():
    """Every unordered pair of role keys that one member may never hold, sorted; the database's
    trigger on posts is made from it."""
    keys = sorted(ROLES)
    return [(a, b) for i, a in enumerate(keys) for b in keys[i:] if not may_stand_together(a, b)]
