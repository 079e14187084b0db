"""The standard formulas stood here until they became a part of the catalogue."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("assessment", "0001_initial")]
    operations = []
