"""Addresses of the pages for people; the API has its own in urls.py."""

from django.urls import path

from incidents import addresses, streams
from incidents.views import approve, board, calendars, case, map, report

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
    path("map/", map.city_map, name="map"),
    path("map/table/", map.map_table, name="map_table"),
    path("tiles/cases/<str:z>/<str:x>/<str:y>.mvt", map.case_tile, name="case_tile"),
]
