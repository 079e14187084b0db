"""The formulas of the standard table and the rules for grid workers and grid heads, version 1."""

from django.db import migrations

BANDS = [["A", 90], ["B", 75], ["C", 60], ["D", 40], ["E", 0]]


def item(code, weight, turned=False):
    return {"code": code, "weight": weight, "turned": turned, "floor": 0, "cap": 100}


# [most a month, score]; of areas by unit grid. The second row of the table is for class-2 areas.
CLASS_1 = [[0, 100], [2, 90], [4, 75], [6, 60], [8, 40], [None, 0]]
UNIT = [[50, 100], [100, 90], [200, 75], [500, 60], [1000, 40], [None, 0]]
OFFICER = [[100, 0], [300, 40], [500, 60], [1200, 75], [2000, 90], [None, 100]]

FORMULAS = [
    ("area", "R_SCORE", "区域综合指标值", "Area composite score", "inferred", True,
     [item("R_PUB_RATE", "0.1", True), item("R_INST_SCORE", "0.2"), item("R_CLOSE_RATE", "0.3"),
      item("R_INTIME_CLOSE_RATE", "0.4")], {"R_INST_SCORE": CLASS_1}),
    ("unit", "D_SCORE", "部门综合指标值", "Department composite score", "practice", True,
     [item("D_COUNT_SCORE", "0.1"), item("D_CLOSE_RATE", "0.3"),
      item("D_INTIME_DISPOSE_RATE", "0.3"), item("D_REWORK_RATE", "0.3", True)],
     {"D_COUNT_SCORE": UNIT}),
    ("unit", "D_SCORE_ALT", "部门综合指标值（方案二）", "Department composite score, variant 2",
     "practice", False,
     [item("D_DISPOSE_RATE", "0.3"), item("D_INTIME_DISPOSE_RATE", "0.2"),
      item("D_REWORK_RATE", "0.2", True), item("D_OVERTIME_TO_DISPOSE_RATE", "0.2", True),
      item("D_DELAY_RATE", "0.1", True)], {"D_COUNT_SCORE": UNIT}),
    ("worker", "RULES_WORKER", "网格员考核规则", "Rules for grid workers", "assumed", True,
     [item("P_SUP_COVERAGE_RATE", "0.2"), item("P_SUP_VALID_RATE", "0.2"),
      item("P_SUP_MISSED_RATE", "0.2", True), item("P_SUP_VERIFY_RATE", "0.2"),
      item("P_SUP_CHECK_RATE", "0.2")], {}),
    ("worker", "P_SUP_SCORE", "监督员综合指标值", "Grid worker composite score", "practice", False,
     [item("P_SUP_VALID_RATE", "0.4"), item("P_SUP_MISSED_RATE", "0.2", True),
      item("P_SUP_VERIFY_RATE", "0.2"), item("P_SUP_CHECK_RATE", "0.2")], {}),
    ("grid_head", "RULES_HEAD", "网格长考核规则", "Rules for grid heads", "assumed", True,
     [item("R_PATROL_RATE", "0.3"), item("R_CLOSE_RATE", "0.3"),
      item("R_INTIME_CLOSE_RATE", "0.4")], {"R_INST_SCORE": CLASS_1}),
    ("intake", "P_ACC_SCORE", "受理员综合指标值", "Intake officer composite score", "practice", True,
     [item("P_ACC_COUNT_SCORE", "0.25"), item("P_ACC_VERIFY_RATE", "0.4"),
      item("P_ACC_CHECK_RATE", "0.35")], {"P_ACC_COUNT_SCORE": OFFICER}),
    ("chief", "P_CHF_SCORE", "值班长综合指标值", "Shift-chief composite score", "practice", True,
     [item("P_CHF_INST_RATE", "0.25"), item("P_CHF_ACCUR_RATE", "0.4")], {}),
    ("supervisor", "P_SPV_SCORE", "社区监督员指标值", "Community supervisor score", "inferred", True,
     [item("P_CHF_CLOSE_RATE", "0.35")], {}),
    ("dispatcher", "P_DIS_SCORE", "派遣员综合指标值", "Dispatcher composite score", "assumed", True,
     [item("P_DIS_COUNT_SCORE", "0.2"), item("P_DIS_INTIME_RATE", "0.4"),
      item("P_DIS_ACCUR_RATE", "0.4")], {"P_DIS_COUNT_SCORE": OFFICER}),
    ("handler", "P_HDL_SCORE", "处置人员指标值", "Handler score", "inferred", True,
     [item("P_HDL_INTIME_RATE", "1")], {}),
]


def write(apps, schema_editor):
    Formula = apps.get_model("assessment", "Formula")
    for kind, code, zh, en, basis, usual, items, steps in FORMULAS:
        Formula.objects.create(
            subject_kind=kind, code=code, name_zh=zh, name_en=en, basis=basis, is_default=usual,
            items=items, steps=steps, bands=BANDS,
        )


class Migration(migrations.Migration):
    dependencies = [("assessment", "0001_initial")]
    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
