"""How the five kinds of subject of the every-days are scored: the share done of what was due."""

from django.db import migrations

BANDS = [["A", 90], ["B", 75], ["C", 60], ["D", 40], ["E", 0]]

FORMULAS = [
    ("owner", "OWN", "权属单位每日评价", "Owners, each day"),
    ("maintainer", "MNT", "养护单位每日评价", "Maintainers, each day"),
    ("overseer", "OVS", "监督员每日评价", "Grid workers, each day"),
    ("managing", "MNG", "部门社区每日评价", "Departments and communities, each day"),
    ("enforcer", "ENF", "执法单位每日评价", "Enforcers, each day"),
]


def write(apps, schema_editor):
    Formula = apps.get_model("assessment", "Formula")
    for kind, word, zh, en in FORMULAS:
        code = f"E_{word}_RATE"
        Formula.objects.create(
            subject_kind=kind, code=f"DAILY_{word}", name_zh=zh, name_en=en, basis="assumed",
            items=[{"code": code, "weight": "1", "turned": False, "floor": 0, "cap": 100}],
            bands=BANDS,
        )


class Migration(migrations.Migration):
    dependencies = [("assessment", "0003_objections")]
    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
