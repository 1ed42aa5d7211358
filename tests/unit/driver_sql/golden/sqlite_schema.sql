CREATE TABLE "homes" (pk INTEGER PRIMARY KEY,
    "id" BLOB NOT NULL UNIQUE CONSTRAINT "id" CHECK (length("id") = 16),
    "status" TEXT NOT NULL DEFAULT 'active' CONSTRAINT "status" CHECK ("status" = 'active' OR "status" = 'sold'),
    "city" TEXT NOT NULL CONSTRAINT "city" CHECK (length(CAST("city" AS BLOB)) <= 100),
    "price" INTEGER NOT NULL CONSTRAINT "price" CHECK ("price" BETWEEN 1 AND 99999999999999),
    "beds" INTEGER CONSTRAINT "beds" CHECK ("beds" BETWEEN 0 AND 999),
    "title" TEXT NOT NULL CONSTRAINT "title" CHECK (length("title") <= 255),
    "listed_at" INTEGER,
    "owner_id" BLOB CONSTRAINT "owner_id" CHECK (length("owner_id") = 16)) STRICT;
CREATE INDEX "homes_list" ON "homes" ("status","city","price","id");
CREATE VIRTUAL TABLE "homes_words" USING fts5("words",tokenize='ascii',detail=none,columnsize=0,prefix='3 4');
CREATE TABLE "owners" (pk INTEGER PRIMARY KEY,
    "id" BLOB NOT NULL UNIQUE CONSTRAINT "id" CHECK (length("id") = 16),
    "order" INTEGER NOT NULL CONSTRAINT "order" CHECK ("order" BETWEEN -2147483648 AND 2147483647)) STRICT;
CREATE VIRTUAL TABLE "homes_words_new" USING fts5("words","words_open",tokenize='ascii',detail=column,columnsize=0,prefix='3 4');
INSERT INTO "homes_words_new" ("words",rowid) SELECT "words",rowid FROM "homes_words";
DROP TABLE "homes_words";
ALTER TABLE "homes_words_new" RENAME TO "homes_words";
ALTER TABLE "homes" ADD COLUMN "status" TEXT NOT NULL DEFAULT 'active' CONSTRAINT "status" CHECK ("status" = 'active' OR "status" = 'sold');
CREATE UNIQUE INDEX "homes_title" ON "homes" ("title");
DROP INDEX "homes_list";
