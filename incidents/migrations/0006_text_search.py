"""Indexes for parts of a number, a place and a description (CaseQuerySet.saying)."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    dependencies = [("incidents", "0005_undertakings")]

    operations = [
        TrigramExtension(),
        migrations.AddIndex(
            model_name="case",
            index=GinIndex(
                OpClass(Upper("number"), "gin_trgm_ops"), name="cases_by_part_of_number"
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=GinIndex(OpClass(Upper("place"), "gin_trgm_ops"), name="cases_by_part_of_place"),
        ),
        migrations.AddIndex(
            model_name="words",
            index=GinIndex(OpClass(Upper("text"), "gin_trgm_ops"), name="words_by_their_parts"),
        ),
    ]
