-- insert, one
INSERT INTO "homes" ("id","title","words","beds","owner_id","listed_at") VALUES ($1,$2,$3,$4,$5,(statement_timestamp() + $6));
-- value id, value title, value words, value beds, value owner_id, value listed_at

-- insert when, one
WITH hc_w AS (INSERT INTO "homes" ("id","title","words","beds","owner_id","listed_at") SELECT $1,$2,$3,$4,$5,(statement_timestamp() + $6) WHERE EXISTS (SELECT 1 FROM "owners" AS e1 WHERE e1."order" = $7) RETURNING 1) SELECT count(*), 1 / (count(*) = $8)::int FROM hc_w;
-- value id, value title, value words, value beds, value owner_id, value listed_at, value order, number

-- insert if absent, one
WITH hc_w AS (INSERT INTO "homes" ("id","title","words","beds","owner_id","listed_at") VALUES ($1,$2,$3,$4,$5,(statement_timestamp() + $6)) ON CONFLICT DO NOTHING RETURNING 1) SELECT count(*), 1 / (count(*) = $7)::int FROM hc_w;
-- value id, value title, value words, value beds, value owner_id, value listed_at, number

-- update, one
WITH hc_w AS (UPDATE "homes" SET "price" = $1, "beds" = "beds" + $2 WHERE "id" = $3 RETURNING 1) SELECT count(*), 1 / (count(*) = $4)::int FROM hc_w;
-- value price, value beds, value id, number

-- hold, one
WITH hc_w AS (SELECT 1 FROM "homes" WHERE "id" = $1 FOR NO KEY UPDATE) SELECT count(*), 1 / (count(*) = $2)::int FROM hc_w;
-- value id, number

-- remove, none
WITH hc_w AS (DELETE FROM "homes" WHERE "listed_at" < (statement_timestamp() + $1) RETURNING 1) SELECT count(*), 1 / (count(*) = $2)::int FROM hc_w;
-- value listed_at, number

-- count, bounded
SELECT count(CASE WHEN hc_m AND hc_n <= $1 THEN 1 END), count(*) FROM (SELECT hc_m, row_number() OVER () AS hc_n FROM (SELECT "beds" >= $2 AS hc_m FROM "homes" WHERE "status" = $3 AND "city" = $4 AND "price" >= $5 AND "price" <= $6 LIMIT $7) AS hc_r) AS hc_s;
-- number, value beds, value status, value city, value price, value price, number

