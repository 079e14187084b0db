"""The formulas of the every-days stood here until they became a part of the catalogue."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("assessment", "0003_objections")]
    operations = []
