UPDATE t SET a = :a, b = :b.c::int -- :x
WHERE 'it''s' <> $$ :y $$ AND "c:d" = :a /* :z */