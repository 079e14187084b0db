from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):

    dependencies = [
        ('incidents', '0013_clocks_of_a_day'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='case',
            index=models.Index(
                fields=['reported_by'],
                name='merged_reports',
                condition=Q(merged_into__isnull=False),
            ),
        ),
    ]
