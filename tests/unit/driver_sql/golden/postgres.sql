-- get
SELECT ROW("id","title","price") FROM "homes" WHERE "id" = $1 LIMIT $2;
-- value id, number

-- get by the key's index
SELECT ROW("id") FROM "homes" WHERE "id" = $1;
-- value id

-- no conditions
SELECT ROW("id") FROM "homes";
--

-- not equal
SELECT ROW("id") FROM "homes" WHERE "beds" <> $1;
-- value beds

-- not equal, or null
SELECT ROW("id") FROM "homes" WHERE ("beds" <> $1 OR "beds" IS NULL);
-- value beds

-- not null
SELECT ROW("id") FROM "homes" WHERE "beds" IS NOT NULL;
--

-- and, or, true
SELECT ROW("id") FROM "homes" WHERE "city" = $1 AND ("beds" <> $2 OR "beds" IS NULL) AND TRUE;
-- value city, value beds

-- false
SELECT ROW("id") FROM "homes" WHERE FALSE;
--

-- none of nothing
SELECT ROW("id") FROM "homes" WHERE FALSE;
--

-- starts with
SELECT ROW("id") FROM "homes" WHERE ("title" >= $1 AND "title" < $2);
-- value title, below title

-- starts with nothing
SELECT ROW("id") FROM "homes" WHERE "title" IS NOT NULL;
--

-- contains
SELECT ROW("id") FROM "homes" WHERE strpos("title", $1) > 0;
-- value title

-- in five, padded
SELECT ROW("id") FROM "homes" WHERE "beds" = ANY ($1);
-- array beds

-- match
SELECT ROW("id") FROM "homes" WHERE "words" @@ $1;
-- match words

-- match in several fields
SELECT ROW("id") FROM "homes" WHERE (("words" @@ $1 OR "words_open" @@ $2) AND ("words" @@ $3 OR "words_open" @@ $4));
-- match words, match words_open, match words, match words_open

-- match in several fields, or not
SELECT ROW("id") FROM "homes" WHERE ((("words" @@ $1 OR "words_open" @@ $2) AND ("words" @@ $3 OR "words_open" @@ $4)) OR "city" = $5);
-- match words, match words_open, match words, match words_open, value city

-- before the store's clock
SELECT ROW("id") FROM "homes" WHERE "listed_at" < (statement_timestamp() + $1);
-- value listed_at

-- exists by a field
SELECT ROW("id") FROM "homes" WHERE EXISTS (SELECT 1 FROM "owners" AS e1 WHERE e1."id" = "homes"."owner_id" AND e1."order" = $1);
-- value order

-- exists at all
SELECT ROW("id") FROM "homes" WHERE EXISTS (SELECT 1 FROM "owners" AS e1 WHERE e1."order" = $1);
-- value order

-- exists in the same kind, twice
SELECT ROW("id") FROM "homes" WHERE EXISTS (SELECT 1 FROM "homes" AS e1 WHERE e1."owner_id" = "homes"."owner_id" AND EXISTS (SELECT 1 FROM "owners" AS e2 WHERE e2."id" = e1."owner_id" AND e2."order" = $1));
-- value order

-- rows named by their ids exist
SELECT array_agg(record_send(hc_r)) FROM (SELECT ROW("id") AS hc_r FROM "homes" WHERE EXISTS (SELECT 1 FROM "owners" AS e1 WHERE (e1."order" = $1 AND e1."id" = $2)) AND "status" = $3 AND EXISTS (SELECT 1 FROM "owners" AS e1 WHERE e1."order" = $4) AND EXISTS (SELECT 1 FROM "homes" AS e1 WHERE e1."id" = $5) AND EXISTS (SELECT 1 FROM "owners" AS e1 WHERE (e1."order" = $6 AND e1."id" = $7)) ORDER BY "price", "id" LIMIT $8) AS hc_t;
-- value order, value id, value status, value order, value id, value order, value id, number

-- rows named by their ids exist, newest first
SELECT array_agg(record_send(hc_r)) FROM (SELECT ROW("id") AS hc_r FROM "homes" WHERE EXISTS (SELECT 1 FROM "owners" AS e1 WHERE (e1."order" = $1 AND e1."id" = $2)) AND "status" = $3 AND EXISTS (SELECT 1 FROM "owners" AS e1 WHERE e1."order" = $4) AND EXISTS (SELECT 1 FROM "homes" AS e1 WHERE e1."id" = $5) ORDER BY "pk" DESC LIMIT $6) AS hc_t;
-- value order, value id, value status, value order, value id, number

-- rows named by their ids exist, bounded
SELECT array_agg(hc_n),array_agg(record_send(hc_r)),array_agg(record_send(hc_k)) FROM (SELECT hc_n,hc_r,CASE WHEN hc_n >= $1 THEN ROW(hc_0,hc_1) END AS hc_k FROM (SELECT row_number() OVER () AS hc_n,lead(1) OVER () IS NULL AS hc_z,hc_r,hc_0,hc_1 FROM (SELECT CASE WHEN "beds" >= $2 THEN ROW("id") END AS hc_r,"price" AS hc_0,"id" AS hc_1 FROM "homes" WHERE EXISTS (SELECT 1 FROM "owners" AS e1 WHERE (e1."order" = $3 AND e1."id" = $4)) AND "status" = $5 AND EXISTS (SELECT 1 FROM "owners" AS e1 WHERE e1."order" = $6) AND EXISTS (SELECT 1 FROM "homes" AS e1 WHERE e1."id" = $7) ORDER BY "price", "id" LIMIT $8) AS hc_q) AS hc_s WHERE hc_r IS DISTINCT FROM NULL OR hc_n >= $9 OR hc_z LIMIT $10) AS hc_t;
-- number, value beds, value order, value id, value status, value order, value id, number, number, number

-- list
SELECT array_agg(record_send(hc_r)) FROM (SELECT ROW("id") AS hc_r FROM "homes" WHERE "status" = $1 AND "city" = $2 AND "price" >= $3 AND "price" <= $4 AND "beds" >= $5 ORDER BY "price", "id" LIMIT $6) AS hc_t;
-- value status, value city, value price, value price, value beds, number

-- list, next page
SELECT array_agg(record_send(hc_r)) FROM (SELECT ROW("id") AS hc_r FROM "homes" WHERE "status" = $1 AND "city" = $2 AND "price" >= $3 AND "price" <= $4 AND ("price","id") > ($5,$6) ORDER BY "price", "id" LIMIT $7) AS hc_t;
-- value status, value city, value price, value price, value price, value id, number

-- list down, next page
SELECT array_agg(record_send(hc_r)) FROM (SELECT ROW("id") AS hc_r FROM "homes" WHERE "status" = $1 AND "city" = $2 AND "price" >= $3 AND "price" <= $4 AND ("price","id") < ($5,$6) ORDER BY "price" DESC, "id" DESC LIMIT $7) AS hc_t;
-- value status, value city, value price, value price, value price, value id, number

-- nulls last
SELECT ROW("id") FROM "homes" ORDER BY "beds", "id";
--

-- nulls last, down
SELECT ROW("id") FROM "homes" ORDER BY "beds" DESC NULLS LAST, "id" DESC;
--

-- after a value that may be followed by null
SELECT ROW("id") FROM "homes" WHERE (("beds" > $1 OR "beds" IS NULL) OR "beds" = $2 AND "id" > $3) ORDER BY "beds", "id";
-- value beds, value beds, value id

-- after null
SELECT ROW("id") FROM "homes" WHERE "beds" IS NULL AND "id" > $1 ORDER BY "beds", "id";
-- value id

-- after null and a price
SELECT ROW("id") FROM "homes" WHERE "beds" IS NULL AND ("price","id") < ($1,$2) ORDER BY "beds", "price" DESC, "id" DESC;
-- value price, value id

-- mixed directions
SELECT ROW("id") FROM "homes" WHERE "price" >= $1 AND ("price" > $2 OR "price" = $3 AND ("title" < $4 OR "title" = $5 AND "id" > $6)) ORDER BY "price", "title" DESC, "id";
-- value price, value price, value price, value title, value title, value id

-- newest first
SELECT array_agg(record_send(hc_r)) FROM (SELECT ROW("id") AS hc_r FROM "homes" ORDER BY "pk" DESC LIMIT $1) AS hc_t;
-- number

-- newest matches
SELECT array_agg(record_send(hc_r)) FROM (SELECT ROW("id") AS hc_r FROM "homes" WHERE "words" @@ $1 AND "status" = $2 ORDER BY "pk" DESC LIMIT $3) AS hc_t;
-- match words, value status, number

-- newest matches, bounded
SELECT array_agg(hc_n),array_agg(record_send(hc_r)),array_agg(record_send(hc_k)) FROM (SELECT hc_n,hc_r,CASE WHEN hc_n >= $1 THEN ROW(hc_0) END AS hc_k FROM (SELECT row_number() OVER () AS hc_n,lead(1) OVER () IS NULL AS hc_z,hc_r,hc_0 FROM (SELECT CASE WHEN "beds" >= $2 THEN ROW("id") END AS hc_r,"pk" AS hc_0 FROM "homes" WHERE "words" @@ $3 AND "status" = $4 ORDER BY "pk" DESC LIMIT $5) AS hc_q) AS hc_s WHERE hc_r IS DISTINCT FROM NULL OR hc_n >= $6 OR hc_z LIMIT $7) AS hc_t;
-- number, value beds, match words, value status, number, number, number

-- newest matches, where their words stand
SELECT array_agg(hc_n),array_agg(record_send(hc_r)),array_agg(record_send(hc_k)) FROM (SELECT hc_n,hc_r,CASE WHEN hc_n >= $1 THEN ROW(hc_0) END AS hc_k FROM (SELECT row_number() OVER () AS hc_n,lead(1) OVER () IS NULL AS hc_z,hc_r,hc_0 FROM (SELECT CASE WHEN "status" = $2 THEN ROW("id",CASE WHEN "words" @@ $3 THEN 1 ELSE 0 END + CASE WHEN "words" @@ $4 THEN 2 ELSE 0 END,CASE WHEN "words_open" @@ $5 THEN 1 ELSE 0 END + CASE WHEN "words_open" @@ $6 THEN 2 ELSE 0 END) END AS hc_r,"pk" AS hc_0 FROM "homes" WHERE (("words" @@ $7 OR "words_open" @@ $8) AND ("words" @@ $9 OR "words_open" @@ $10)) ORDER BY "pk" DESC LIMIT $11) AS hc_q) AS hc_s WHERE hc_r IS DISTINCT FROM NULL OR hc_n >= $12 OR hc_z LIMIT $13) AS hc_t;
-- number, value status, match words, match words, match words_open, match words_open, match words, match words_open, match words, match words_open, number, number, number

-- bounded scan
SELECT array_agg(hc_n),array_agg(record_send(hc_r)),array_agg(record_send(hc_k)) FROM (SELECT hc_n,hc_r,CASE WHEN hc_n >= $1 THEN ROW(hc_0,hc_1) END AS hc_k FROM (SELECT row_number() OVER () AS hc_n,lead(1) OVER () IS NULL AS hc_z,hc_r,hc_0,hc_1 FROM (SELECT CASE WHEN "beds" >= $2 THEN ROW("id") END AS hc_r,"price" AS hc_0,"id" AS hc_1 FROM "homes" WHERE "status" = $3 AND "city" = $4 AND "price" >= $5 AND "price" <= $6 ORDER BY "price", "id" LIMIT $7) AS hc_q) AS hc_s WHERE hc_r IS DISTINCT FROM NULL OR hc_n >= $8 OR hc_z LIMIT $9) AS hc_t;
-- number, value beds, value status, value city, value price, value price, number, number, number

-- bounded scan, next page
SELECT hc_n,hc_r,CASE WHEN hc_n >= $1 THEN ROW(hc_0,hc_1) END AS hc_k FROM (SELECT row_number() OVER () AS hc_n,lead(1) OVER () IS NULL AS hc_z,hc_r,hc_0,hc_1 FROM (SELECT CASE WHEN "beds" >= $2 THEN ROW("id") END AS hc_r,"price" AS hc_0,"id" AS hc_1 FROM "homes" WHERE "status" = $3 AND "city" = $4 AND "price" >= $5 AND "price" <= $6 AND ("price","id") > ($7,$8) ORDER BY "price", "id" LIMIT $9) AS hc_q) AS hc_s WHERE hc_r IS DISTINCT FROM NULL OR hc_n >= $10 OR hc_z;
-- number, value beds, value status, value city, value price, value price, value price, value id, number, number

-- bounded scan of the owned
SELECT hc_n,hc_r,CASE WHEN hc_n >= $1 THEN ROW(hc_0,hc_1) END AS hc_k FROM (SELECT row_number() OVER () AS hc_n,lead(1) OVER () IS NULL AS hc_z,hc_r,hc_0,hc_1 FROM (SELECT ROW("id") AS hc_r,"price" AS hc_0,"id" AS hc_1 FROM "homes" WHERE "status" = $2 AND EXISTS (SELECT 1 FROM "owners" AS e1 WHERE e1."id" = "homes"."owner_id" AND e1."order" = $3) AND "beds" >= $4 ORDER BY "price", "id" LIMIT $5) AS hc_q) AS hc_s WHERE hc_r IS DISTINCT FROM NULL OR hc_n >= $6 OR hc_z;
-- number, value status, value order, value beds, number, number

-- bounded scan without an index
SELECT hc_n,hc_r,CASE WHEN hc_n >= $1 THEN ROW(hc_0,hc_1) END AS hc_k FROM (SELECT row_number() OVER () AS hc_n,lead(1) OVER () IS NULL AS hc_z,hc_r,hc_0,hc_1 FROM (SELECT CASE WHEN "beds" >= $2 THEN ROW("id") END AS hc_r,"price" AS hc_0,"id" AS hc_1 FROM "homes" WHERE "status" = $3 AND "city" = $4 AND "price" >= $5 AND "price" <= $6 ORDER BY "price", "id" LIMIT $7) AS hc_q) AS hc_s WHERE hc_r IS DISTINCT FROM NULL OR hc_n >= $8 OR hc_z;
-- number, value beds, value status, value city, value price, value price, number, number

-- bounded scan of nulls, by the index
SELECT hc_n,hc_r,CASE WHEN hc_n >= $1 THEN ROW(hc_0,hc_1) END AS hc_k FROM (SELECT row_number() OVER () AS hc_n,lead(1) OVER () IS NULL AS hc_z,hc_r,hc_0,hc_1 FROM (SELECT ROW("id") AS hc_r,"price" AS hc_0,"id" AS hc_1 FROM "homes" WHERE "status" = $2 AND "city" IS NULL ORDER BY "city" DESC, "price" DESC, "id" DESC LIMIT $3) AS hc_q) AS hc_s WHERE hc_r IS DISTINCT FROM NULL OR hc_n >= $4 OR hc_z;
-- number, value status, number, number

-- bounded scan of nulls before and behind the id, by the index
SELECT hc_n,hc_r,CASE WHEN hc_n >= $1 THEN ROW(hc_0,hc_1) END AS hc_k FROM (SELECT row_number() OVER () AS hc_n,lead(1) OVER () IS NULL AS hc_z,hc_r,hc_0,hc_1 FROM (SELECT ROW("id") AS hc_r,"price" AS hc_0,"id" AS hc_1 FROM "homes" WHERE "status" = $2 AND "city" IS NULL AND "beds" IS NULL ORDER BY "city" DESC, "price" DESC, "id" DESC LIMIT $3) AS hc_q) AS hc_s WHERE hc_r IS DISTINCT FROM NULL OR hc_n >= $4 OR hc_z;
-- number, value status, number, number

-- count
SELECT count(*) FROM "homes" WHERE "status" = $1 AND "city" = $2 AND "price" >= $3 AND "price" <= $4 AND "beds" >= $5;
-- value status, value city, value price, value price, value beds

-- count, capped
SELECT count(*) FROM (SELECT 1 FROM "homes" WHERE "status" = $1 AND "city" = $2 AND "price" >= $3 AND "price" <= $4 LIMIT $5) AS n;
-- value status, value city, value price, value price, number

-- group by value
SELECT "status", count(*) FROM "homes" WHERE "city" = $1 AND "beds" >= $2 GROUP BY 1;
-- value city, value beds

-- group by day
SELECT ("listed_at" AT TIME ZONE 'UTC')::date, count(*) FROM "homes" GROUP BY 1;
--

-- group by bounds
SELECT CASE WHEN "price" IS NULL THEN NULL WHEN "price" >= $1 THEN 2 WHEN "price" >= $2 THEN 1 ELSE 0 END, count(*) FROM "homes" GROUP BY 1;
-- value price, value price

-- group, bounded
SELECT g, count(CASE WHEN m THEN 1 END), count(*) FROM (SELECT "status" AS g, "beds" >= $1 AS m FROM "homes" WHERE "city" = $2 LIMIT $3) AS n GROUP BY 1;
-- value beds, value city, number

-- insert
INSERT INTO "homes" ("id","title","words","beds","owner_id","listed_at") VALUES ($1,$2,$3,$4,$5,(statement_timestamp() + $6));
-- value id, value title, value words, value beds, value owner_id, value listed_at

-- insert when
INSERT INTO "homes" ("id","title","words","beds","owner_id","listed_at") SELECT $1,$2,$3,$4,$5,(statement_timestamp() + $6) WHERE EXISTS (SELECT 1 FROM "owners" AS e1 WHERE e1."order" = $7);
-- value id, value title, value words, value beds, value owner_id, value listed_at, value order

-- insert when its owner is there
INSERT INTO "homes" ("id","title","words","beds","owner_id","listed_at") SELECT $1,$2,$3,$4,$5,(statement_timestamp() + $6) WHERE EXISTS (SELECT 1 FROM "owners" AS e1 WHERE e1."id" = $7 AND e1."order" = $8);
-- value id, value title, value words, value beds, value owner_id, value listed_at, value owner_id, value order

-- insert if absent
INSERT INTO "homes" ("id","title","words","beds","owner_id","listed_at") VALUES ($1,$2,$3,$4,$5,(statement_timestamp() + $6)) ON CONFLICT DO NOTHING;
-- value id, value title, value words, value beds, value owner_id, value listed_at

-- update
UPDATE "homes" SET "price" = $1, "beds" = "beds" + $2 WHERE "id" = $3;
-- value price, value beds, value id

-- hold
SELECT 1 FROM "homes" WHERE "id" = $1 FOR NO KEY UPDATE;
-- value id

-- update of words
UPDATE "homes" SET "words" = $1 WHERE EXISTS (SELECT 1 FROM "owners" AS e1 WHERE e1."id" = "homes"."owner_id" AND e1."order" = $2);
-- value words, value order

-- remove
DELETE FROM "homes" WHERE "listed_at" < (statement_timestamp() + $1);
-- value listed_at

