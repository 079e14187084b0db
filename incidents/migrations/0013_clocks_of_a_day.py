from django.contrib.postgres.indexes import GistIndex
from django.db import migrations, models
from django.db.models import Func, Q, Value
from django.db.models.functions import Least

COUNTED = Q(kind__in=("handle", "confirm", "verify"))


class Migration(migrations.Migration):

    dependencies = [
        ('incidents', '0012_outbox_without_channel'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='clock',
            index=models.Index(fields=['kind', 'started_at'], name='clocks_begun', condition=COUNTED),
        ),
        migrations.AddIndex(
            model_name='clock',
            index=GistIndex(
                Func(
                    Least('started_at', 'stopped_at'),
                    'stopped_at',
                    Value('(]'),
                    function='tstzrange',
                ),
                name='clocks_open_then',
                condition=COUNTED,
            ),
        ),
    ]
