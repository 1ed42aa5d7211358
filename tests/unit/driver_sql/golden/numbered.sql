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
SELECT ROW("id") FROM "homes" WHERE "beds" = ANY($1);
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
SELECT ROW("id") FROM "homes" WHERE "listed_at" < (now() + $1);
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
SELECT ROW("id") FROM "homes" WHERE EXISTS (SELECT 1 FROM "owners" AS e1 WHERE (e1."order" = $1 AND e1."id" = $2)) AND "status" = $3 AND EXISTS (SELECT 1 FROM "owners" AS e1 WHERE e1."order" = $4) AND EXISTS (SELECT 1 FROM "homes" AS e1 WHERE e1."id" = $5) AND EXISTS (SELECT 1 FROM "owners" AS e1 WHERE (e1."order" = $6 AND e1."id" = $7)) ORDER BY "price", "id" LIMIT $8;
-- value order, value id, value status, value order, value id, value order, value id, number

-- rows named by their ids exist, newest first
SELECT ROW("id") FROM "homes" WHERE EXISTS (SELECT 1 FROM "owners" AS e1 WHERE (e1."order" = $1 AND e1."id" = $2)) AND "status" = $3 AND EXISTS (SELECT 1 FROM "owners" AS e1 WHERE e1."order" = $4) AND EXISTS (SELECT 1 FROM "homes" AS e1 WHERE e1."id" = $5) ORDER BY "pk" DESC LIMIT $6;
-- value order, value id, value status, value order, value id, number

-- rows named by their ids exist, bounded
SELECT "beds" >= $1,ROW("id"),"price","id" FROM "homes" WHERE EXISTS (SELECT 1 FROM "owners" AS e1 WHERE (e1."order" = $2 AND e1."id" = $3)) AND "status" = $4 AND EXISTS (SELECT 1 FROM "owners" AS e1 WHERE e1."order" = $5) AND EXISTS (SELECT 1 FROM "homes" AS e1 WHERE e1."id" = $6) ORDER BY "price", "id" LIMIT $7;
-- value beds, value order, value id, value status, value order, value id, number

-- list
SELECT ROW("id") FROM "homes" WHERE "status" = $1 AND "city" = $2 AND "price" >= $3 AND "price" <= $4 AND "beds" >= $5 ORDER BY "price", "id" LIMIT $6;
-- value status, value city, value price, value price, value beds, number

-- list, next page
SELECT ROW("id") FROM "homes" WHERE "status" = $1 AND "city" = $2 AND "price" >= $3 AND "price" <= $4 AND ("price","id") > ($5,$6) ORDER BY "price", "id" LIMIT $7;
-- value status, value city, value price, value price, value price, value id, number

-- list down, next page
SELECT ROW("id") FROM "homes" WHERE "status" = $1 AND "city" = $2 AND "price" >= $3 AND "price" <= $4 AND ("price","id") < ($5,$6) ORDER BY "price" DESC, "id" DESC LIMIT $7;
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
SELECT ROW("id") FROM "homes" ORDER BY "pk" DESC LIMIT $1;
-- number

-- newest matches
SELECT ROW("id") FROM "homes" WHERE "words" @@ $1 AND "status" = $2 ORDER BY "pk" DESC LIMIT $3;
-- match words, value status, number

-- newest matches, bounded
SELECT "beds" >= $1,ROW("id"),"pk" FROM "homes" WHERE "words" @@ $2 AND "status" = $3 ORDER BY "pk" DESC LIMIT $4;
-- value beds, match words, value status, number

-- newest matches, where their words stand
SELECT "status" = $1,ROW("id",CASE WHEN "words" @@ $2 THEN 1 ELSE 0 END + CASE WHEN "words" @@ $3 THEN 2 ELSE 0 END,CASE WHEN "words_open" @@ $4 THEN 1 ELSE 0 END + CASE WHEN "words_open" @@ $5 THEN 2 ELSE 0 END),"pk" FROM "homes" WHERE (("words" @@ $6 OR "words_open" @@ $7) AND ("words" @@ $8 OR "words_open" @@ $9)) ORDER BY "pk" DESC LIMIT $10;
-- value status, match words, match words, match words_open, match words_open, match words, match words_open, match words, match words_open, number

-- bounded scan
SELECT "beds" >= $1,ROW("id"),"price","id" FROM "homes" WHERE "status" = $2 AND "city" = $3 AND "price" >= $4 AND "price" <= $5 ORDER BY "price", "id" LIMIT $6;
-- value beds, value status, value city, value price, value price, number

-- bounded scan, next page
SELECT "beds" >= $1,ROW("id"),"price","id" FROM "homes" WHERE "status" = $2 AND "city" = $3 AND "price" >= $4 AND "price" <= $5 AND ("price","id") > ($6,$7) ORDER BY "price", "id" LIMIT $8;
-- value beds, value status, value city, value price, value price, value price, value id, number

-- bounded scan of the owned
SELECT TRUE,ROW("id"),"price","id" FROM "homes" WHERE "status" = $1 AND EXISTS (SELECT 1 FROM "owners" AS e1 WHERE e1."id" = "homes"."owner_id" AND e1."order" = $2) AND "beds" >= $3 ORDER BY "price", "id" LIMIT $4;
-- value status, value order, value beds, number

-- bounded scan without an index
SELECT "beds" >= $1,ROW("id"),"price","id" FROM "homes" WHERE "status" = $2 AND "city" = $3 AND "price" >= $4 AND "price" <= $5 ORDER BY "price", "id" LIMIT $6;
-- value beds, value status, value city, value price, value price, number

-- bounded scan of nulls, by the index
SELECT TRUE,ROW("id"),"price","id" FROM "homes" WHERE "status" = $1 AND "city" IS NULL ORDER BY "price" DESC, "id" DESC LIMIT $2;
-- value status, number

-- bounded scan of nulls before and behind the id, by the index
SELECT TRUE,ROW("id"),"price","id" FROM "homes" WHERE "status" = $1 AND "city" IS NULL AND "beds" IS NULL ORDER BY "price" DESC, "id" DESC LIMIT $2;
-- value status, number

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
SELECT "listed_at"::date, count(*) FROM "homes" GROUP BY 1;
--

-- group by bounds
SELECT CASE WHEN "price" IS NULL THEN NULL WHEN "price" >= $1 THEN 2 WHEN "price" >= $2 THEN 1 ELSE 0 END, count(*) FROM "homes" GROUP BY 1;
-- value price, value price

-- group, bounded
SELECT g, count(CASE WHEN m THEN 1 END), count(*) FROM (SELECT "status" AS g, "beds" >= $1 AS m FROM "homes" WHERE "city" = $2 LIMIT $3) AS n GROUP BY 1;
-- value beds, value city, number

-- insert
INSERT INTO "homes" ("id","title","beds","owner_id","listed_at") VALUES ($1,$2,$3,$4,(now() + $5));
-- value id, value title, value beds, value owner_id, value listed_at

-- insert when
INSERT INTO "homes" ("id","title","beds","owner_id","listed_at") SELECT $1,$2,$3,$4,(now() + $5) WHERE EXISTS (SELECT 1 FROM "owners" AS e1 WHERE e1."order" = $6);
-- value id, value title, value beds, value owner_id, value listed_at, value order

-- insert when its owner is there
INSERT INTO "homes" ("id","title","beds","owner_id","listed_at") SELECT $1,$2,$3,$4,(now() + $5) WHERE EXISTS (SELECT 1 FROM "owners" AS e1 WHERE e1."id" = $6 AND e1."order" = $7);
-- value id, value title, value beds, value owner_id, value listed_at, value owner_id, value order

-- insert if absent
INSERT INTO "homes" ("id","title","beds","owner_id","listed_at") VALUES ($1,$2,$3,$4,(now() + $5)) ON CONFLICT DO NOTHING;
-- value id, value title, value beds, value owner_id, value listed_at

-- update
UPDATE "homes" SET "price" = $1, "beds" = "beds" + $2 WHERE "id" = $3;
-- value price, value beds, value id

-- hold
UPDATE "homes" SET "beds" = "beds" + $1 WHERE "id" = $2;
-- value beds, value id

-- update of words
UPDATE "homes" SET "id" = "id" WHERE EXISTS (SELECT 1 FROM "owners" AS e1 WHERE e1."id" = "homes"."owner_id" AND e1."order" = $1);
-- value order

-- remove
DELETE FROM "homes" WHERE "listed_at" < (now() + $1);
-- value listed_at

