from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("record", "0006_refusals_are_counted")]

    operations = [
        migrations.CreateModel(
            name="Spending",
            fields=[
                ("key", models.BinaryField(max_length=32, primary_key=True, serialize=False)),
                ("until", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["until"], name="record_spending_until")],
            },
        ),
    ]
