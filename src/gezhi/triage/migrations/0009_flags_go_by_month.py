from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('triage', '0008_root_causes_are_laid_down'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='dispatch',
            name='triage_dispatch_back',
        ),
    ]
