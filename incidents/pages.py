"""Addresses of the pages for people; the API has its own in urls.py."""

from django.urls import path

from incidents import addresses, streams
from incidents.views import (
    approve,
    board,
    calendars,
    case,
    duty,
    joint,
    map,
    orders,
    plans,
    report,
    time,
    warnings,
)

# Its import makes <case:…> and <which:…> known.
assert addresses.CaseNumber

urlpatterns = [
    path("board/", board.board, name="board"),
    path("board/rows/", board.board_rows, name="board_rows"),
    path("board/bulk/", board.board_bulk, name="board_bulk"),
    path("board/<case:number>/", board.board_preview, name="board_preview"),
    path("board/<case:number>/move/", board.board_move, name="board_move"),
    path("live/", streams.live, name="live"),
    path("approvals/", approve.approvals, name="approvals"),
    path("approvals/done/", approve.approval_done, name="approval_done"),
    path("approvals/<case:number>/", approve.approval, name="approval"),
    path("report/", report.report_case, name="report_case"),
    path("report/photos/", report.upload, name="upload"),
    path("report/places/", report.places, name="places"),
    path("report/here/", report.here, name="here"),
    path("report/categories/", report.categories, name="categories"),
    path("report/conditions/", report.conditions, name="conditions"),
    path("report/similar/", report.similar, name="similar"),
    path("report/sent/<case:number>/", report.report_sent, name="report_sent"),
    path("calendars/", calendars.calendars, name="calendars"),
    path("calendars/<int:pk>/", calendars.calendar, name="calendar"),
    path("calendars/<int:pk>/edit/", calendars.calendar_edit, name="calendar_edit"),
    path("cases/", case.cases, name="cases"),
    path("cases/<case:number>/", case.case, name="case"),
    path("cases/<case:number>/move/", case.case_move, name="case_move"),
    path("cases/<case:number>/reporter/", case.unmask, name="unmask"),
    path("cases/<case:number>/print/", case.case_print, name="case_print"),
    path("cases/<case:number>/photos/<uuid:pk>/<which:which>/", case.case_photo, name="case_photo"),
    path("time/", time.time, name="time"),
    path("ladder/", time.ladder, name="ladder"),
    path("warnings/", warnings.warnings, name="warnings"),
    path("orders/", orders.orders, name="orders"),
    path("plans/", plans.plans, name="plans"),
    path("plans/new/", plans.plan_new, name="plan_new"),
    path("plans/<int:pk>/", plans.plan, name="plan"),
    path("plans/<int:pk>/edit/", plans.plan_edit, name="plan_edit"),
    path("joint/", joint.joint, name="joint"),
    path("joint/new/", joint.joint_new, name="joint_new"),
    path("joint/<int:pk>/", joint.joint_task, name="joint_task"),
    path("joint/<int:pk>/say/", joint.joint_say, name="joint_say"),
    path("duty/", duty.duty, name="duty"),
    path("map/", map.city_map, name="map"),
    path("map/table/", map.map_table, name="map_table"),
    path("tiles/cases/<str:z>/<str:x>/<str:y>.mvt", map.case_tile, name="case_tile"),
]
