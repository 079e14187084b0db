"""What may be reported, when it becomes a case, and who answers for it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from grids.models import Area
from incidents.models.terms import Basis, Kind, LimitUnit, Priority
from incidents.querysets import CategoryQuerySet, ConditionQuerySet
from staff.models import City, Unit, in_language


class Category(models.Model):
    """A subclass of the catalogue. `city` is empty for the catalogue that all cities share."""

    city = models.ForeignKey(
        City, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("city")
    )
    code = models.CharField(_("code"), max_length=12, help_text="E-01-13")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    class_code = models.CharField(_("class"), max_length=4)
    class_zh = models.CharField(_("class, Chinese"), max_length=80)
    class_en = models.CharField(_("class, English"), max_length=120)
    subclass_code = models.CharField(_("subclass"), max_length=4)
    name_zh = models.CharField(_("Chinese name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=120)
    basis = models.CharField(_("basis"), max_length=12, choices=Basis, default=Basis.PRACTICE)
    is_active = models.BooleanField(_("in use"), default=True)

    objects = CategoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(
                fields=["city", "code"], name="one_category_a_code", nulls_distinct=False
            )
        ]

    def __str__(self):
        return in_language(self.name_zh, self.name_en)


class Condition(models.Model):
    """A filing condition: when a report becomes a case, its handling limit, what closes it.

    A changed limit is a new version: the older row is ended (`is_active`) and keeps its number."""

    category = models.ForeignKey(
        Category, models.PROTECT, related_name="conditions", verbose_name=_("category")
    )
    code = models.CharField(_("code"), max_length=16, help_text="E-01-13-2")
    version = models.PositiveIntegerField(_("version"), default=1)
    text_zh = models.TextField(_("condition, Chinese"))
    text_en = models.TextField(_("condition, English"))
    limit_value = models.DecimalField(
        _("handling limit"), max_digits=10, decimal_places=4, null=True, blank=True
    )
    limit_unit = models.CharField(
        _("unit of the limit"), max_length=12, choices=LimitUnit, blank=True
    )
    closing_zh = models.TextField(_("closing condition, Chinese"), blank=True)
    closing_en = models.TextField(_("closing condition, English"), blank=True)
    priority = models.CharField(
        _("priority"), max_length=8, choices=Priority, default=Priority.NORMAL
    )
    basis = models.CharField(_("basis"), max_length=12, choices=Basis, default=Basis.PRACTICE)
    is_active = models.BooleanField(_("in use"), default=True)

    objects = ConditionQuerySet.as_manager()

    class Meta:
        verbose_name = _("filing condition")
        verbose_name_plural = _("filing conditions")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(
                fields=["category", "code", "version"], name="one_condition_a_version"
            ),
            models.CheckConstraint(
                condition=Q(limit_value__isnull=True, limit_unit="")
                | Q(limit_value__gt=0, limit_unit__in=LimitUnit.values),
                name="limit_with_its_unit",
            ),
        ]

    def __str__(self):
        return in_language(self.text_zh, self.text_en)


class MatrixRow(models.Model):
    """A row of the responsibility matrix: (subclass, class or kind) x area -> units."""

    city = models.ForeignKey(City, models.PROTECT, related_name="+", verbose_name=_("city"))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    class_code = models.CharField(_("class"), max_length=4, blank=True)
    category = models.ForeignKey(
        Category,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("subclass"),
    )
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("area"))
    lead = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("lead unit"))
    assisting = models.ManyToManyField(
        Unit, related_name="+", blank=True, verbose_name=_("assisting units")
    )
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"), null=True, blank=True)

    class Meta:
        verbose_name = _("row of the responsibility matrix")
        verbose_name_plural = _("responsibility matrix")
        indexes = [
            # routing.route: the rows for a class or a whole kind
            models.Index(fields=["city", "kind", "class_code"], name="matrix_rows_of_a_class")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["city", "kind", "class_code", "category", "area", "valid_from"],
                name="one_matrix_row",
                nulls_distinct=False,
            )
        ]

    def __str__(self):
        what = self.category or self.class_code or self.get_kind_display()
        return f"{self.pk}: {what} × {self.area}"
