"""The search for photos that may be one picture, as a function: it holds the planner to the index.

Without it the planner takes the overlap of two long arrays for as cheap as any comparison and reads
a table of some ten thousand rows whole, which takes minutes instead of milliseconds.
"""

from django.db import migrations

MAKE = """
    CREATE FUNCTION photos_like(near int[], own_prints bigint[], own_grains bigint[],
                                most_bits int, most_grain_bits int)
    RETURNS TABLE (evidence_id uuid, prints bigint[], grains bigint[])
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 10 SET enable_seqscan = off AS $$
        SELECT f.evidence_id, f.prints, f.grains
          FROM incidents_fingerprint f
         WHERE f.keys && near
           AND EXISTS (
               SELECT 1 FROM unnest(f.prints, f.grains) AS theirs(print, grain),
                      unnest(own_prints, own_grains) AS own(print, grain)
                WHERE bit_count((theirs.print # own.print)::bit(64)) <= most_bits
                  AND bit_count((theirs.grain # own.grain)::bit(64)) <= most_grain_bits)
    $$
"""


class Migration(migrations.Migration):
    dependencies = [("incidents", "0010_fingerprints")]
    operations = [migrations.RunSQL(MAKE, "DROP FUNCTION photos_like")]
