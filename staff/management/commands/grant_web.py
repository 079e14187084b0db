"""Give the web's own role what it may do, after each migration; run as the owner of the tables."""

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import connection, transaction

WEB = "gridcity_web"


class Command(BaseCommand):
    help = "Grant the web's role its rights: rows of append-only tables are inserted and read only."
    # Logs of others' code: what administrators did, and who signed in (a row is changed once, when
    # they sign out). They are kept for the auditor; only the owner takes old rows away.
    LOGS = ("django_admin_log", "UPDATE, DELETE"), ("axes_accesslog", "DELETE")

    def handle(self, **options):
        with transaction.atomic(), connection.cursor() as cursor:
            self._make_role(cursor)
            cursor.execute(f"GRANT USAGE ON SCHEMA public TO {WEB}")
            cursor.execute(
                f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {WEB}"
            )
            cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {WEB}")
            for table in sorted(self._append_only()):
                cursor.execute(f'REVOKE UPDATE, DELETE ON "{table}" FROM {WEB}')
            for table, rights in self.LOGS:
                cursor.execute(f"REVOKE {rights} ON {table} FROM {WEB}")
            for table in sorted(self._read_only()):
                cursor.execute(f'REVOKE INSERT, UPDATE, DELETE ON "{table}" FROM {WEB}')

    @staticmethod
    def _make_role(cursor):
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [WEB])
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE ROLE {WEB} NOLOGIN")
            cursor.execute(f"GRANT {WEB} TO CURRENT_USER")

    @staticmethod
    def _append_only():
        return {m._meta.db_table for m in apps.get_models() if getattr(m, "append_only", False)}

    @staticmethod
    def _read_only():
        """Tables that migrations and the sync of moves write, never the web."""
        kept = {m._meta.db_table for m in apps.get_models() if getattr(m, "read_only", False)}
        return kept | {"django_migrations", "spatial_ref_sys"} & set(
            connection.introspection.table_names()
        )
