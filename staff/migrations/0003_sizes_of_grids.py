from django.db import migrations, models

import staff.models


class Migration(migrations.Migration):
    dependencies = [
        ("staff", "0002_tokens_end_with_the_password"),
    ]

    operations = [
        migrations.AddField(
            model_name="city",
            name="bounds",
            field=models.JSONField(
                default=staff.models.default_bounds, verbose_name="sizes of grids"
            ),
        ),
    ]
