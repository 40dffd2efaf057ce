"""What is kept of the words of an open case to find others like it.

It holds no text, but whoever has it can ask of a word whether it was likely among them.
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models


class Print(models.Model):
    """The sketch of what a case's first reporter wrote, and the bands it is found by.

    Where it is, of what kind and how it stands is asked of the case itself, which knows.
    """

    case = models.OneToOneField("cases.Case", models.CASCADE, primary_key=True, related_name="+")
    county = models.CharField(max_length=6)
    opened_at = models.DateTimeField()
    sketch = models.BinaryField(max_length=256)
    bands = ArrayField(models.IntegerField())

    class Meta:
        # What is new is looked for at once: entries that wait for a vacuum are read one by one.
        indexes = [GinIndex(fields=["bands"], name="triage_print_bands", fastupdate=False)]

    def __str__(self) -> str:
        return f"print {self.case_id}"
