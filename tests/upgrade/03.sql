PRAGMA application_id=1212370516;
PRAGMA user_version=1;
BEGIN;
CREATE TABLE "users" (pk INTEGER PRIMARY KEY,
    "id" BLOB NOT NULL UNIQUE CONSTRAINT "id" CHECK (length("id") = 16),
    "email" TEXT NOT NULL CONSTRAINT "email" CHECK (length("email") <= 255),
    "password_hash" TEXT NOT NULL CONSTRAINT "password_hash" CHECK (length("password_hash") <= 255),
    "full_name" TEXT NOT NULL CONSTRAINT "full_name" CHECK (length("full_name") <= 100),
    "role" TEXT NOT NULL CONSTRAINT "role" CHECK ("role" IN ('buyer','agent','admin')),
    "phone" TEXT CONSTRAINT "phone" CHECK (length("phone") <= 20),
    "created_at" INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)),
    "updated_at" INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)),
    "email_norm" TEXT CONSTRAINT "email_norm" CHECK (length(CAST("email_norm" AS BLOB)) <= 1020),
    "email_verified_at" INTEGER,
    "status" TEXT NOT NULL DEFAULT 'active' CONSTRAINT "status" CHECK ("status" IN ('active','disabled')),
    "token_epoch" INTEGER NOT NULL DEFAULT 0 CONSTRAINT "token_epoch" CHECK ("token_epoch" BETWEEN 0 AND 2147483647),
    "last_login_at" INTEGER,
    "version" INTEGER NOT NULL DEFAULT 1 CONSTRAINT "version" CHECK ("version" BETWEEN 1 AND 2147483647)) STRICT;
INSERT INTO "users" VALUES(1,X'019ab027f5007000bb1a8e3a81d4b7db','ada@example.com','$argon2id$v=19$m=64,t=1,p=1$CQjLE9Kcjt6KmmBmmXgwjg$rnvRwjtj8BEuUIUfUvI/2uyLPJxlYkzLq9dMlbcM8MY','Ada Admin','admin',NULL,1763892000000000,1763892000000000,'ada@example.com',NULL,'active',0,1763892000000000,1);
INSERT INTO "users" VALUES(2,X'019ab027f5007003b55639a19a0d1a1c','ana@example.com','$argon2id$v=19$m=64,t=1,p=1$VZXkkCcdaWQ2PPCsfMS/Bg$IF2i32QvkfDlsRum1zCbAFLGyQssDKH0ee/csoK3JAc','Ana Agent','agent',NULL,1763892000000000,1763892000000000,'ana@example.com',NULL,'active',0,1763892000000000,1);
INSERT INTO "users" VALUES(3,X'019ab027f5007006ba4901188951708e','ben@example.com','$argon2id$v=19$m=64,t=1,p=1$VGpCEpIfIAntWWp2WBM+dQ$0ldgDIJJzs2nETLrokUoPSq0xhfe8y6utghoiF/F5L0','Ben Broker','agent',NULL,1763892000000000,1763892000000000,'ben@example.com',NULL,'active',0,1763892000000000,1);
INSERT INTO "users" VALUES(4,X'019ab027f5007009a23cb0b1ee50bf4f','bea@example.com','$argon2id$v=19$m=64,t=1,p=1$1vNTJJ6LZqhI9hm9XoOM0w$xHcFOam3xkI3adrNEnwIDYizFHizGeydO4RPh46mPvQ','Bea Buyer','buyer',NULL,1763892000000000,1763892000000000,'bea@example.com',NULL,'active',0,1763892000000000,1);
CREATE UNIQUE INDEX "users_email_norm" ON "users" ("email_norm");
CREATE INDEX "users_role" ON "users" ("role","created_at","id","id");
CREATE TABLE "agents" (pk INTEGER PRIMARY KEY,
    "user_id" BLOB NOT NULL UNIQUE CONSTRAINT "user_id" CHECK (length("user_id") = 16),
    "agency_name" TEXT CONSTRAINT "agency_name" CHECK (length("agency_name") <= 100),
    "license_number" TEXT CONSTRAINT "license_number" CHECK (length("license_number") <= 50),
    "bio" TEXT CONSTRAINT "bio" CHECK (length("bio") <= 4000),
    "rating" INTEGER NOT NULL DEFAULT 0 CONSTRAINT "rating" CHECK ("rating" BETWEEN 0 AND 500),
    "total_sales" INTEGER NOT NULL DEFAULT 0 CONSTRAINT "total_sales" CHECK ("total_sales" BETWEEN 0 AND 1000000),
    "commission_rate" INTEGER CONSTRAINT "commission_rate" CHECK ("commission_rate" BETWEEN 0 AND 10000),
    "license_state" TEXT CONSTRAINT "license_state" CHECK (length("license_state") <= 50),
    "license_expires_on" INTEGER CONSTRAINT "license_expires_on" CHECK ("license_expires_on" BETWEEN -2147483648 AND 2147483647),
    "license_verified_at" INTEGER,
    "time_zone" TEXT CONSTRAINT "time_zone" CHECK (length("time_zone") <= 64),
    "buffer_before" INTEGER NOT NULL DEFAULT 0 CONSTRAINT "buffer_before" CHECK ("buffer_before" BETWEEN 0 AND 480),
    "buffer_after" INTEGER NOT NULL DEFAULT 0 CONSTRAINT "buffer_after" CHECK ("buffer_after" BETWEEN 0 AND 480),
    "min_notice" INTEGER CONSTRAINT "min_notice" CHECK ("min_notice" BETWEEN 0 AND 259200),
    "auto_confirm" INTEGER NOT NULL DEFAULT 0 CONSTRAINT "auto_confirm" CHECK ("auto_confirm" BETWEEN 0 AND 1),
    "capacity" INTEGER CONSTRAINT "capacity" CHECK ("capacity" BETWEEN 0 AND 10000),
    "accepting_leads" INTEGER NOT NULL DEFAULT 1 CONSTRAINT "accepting_leads" CHECK ("accepting_leads" BETWEEN 0 AND 1),
    "working_hours" TEXT,
    "exceptions" TEXT,
    "service_areas" TEXT,
    "version" INTEGER NOT NULL DEFAULT 1 CONSTRAINT "version" CHECK ("version" BETWEEN 1 AND 2147483647),
    "created_at" INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)),
    "updated_at" INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))) STRICT;
INSERT INTO "agents" VALUES(1,X'019ab027f5007003b55639a19a0d1a1c',NULL,'TX-604111',NULL,0,0,NULL,'TX',20780,1763892000000000,NULL,0,0,NULL,0,NULL,1,NULL,NULL,NULL,1,1763892000000000,1763892000000000);
INSERT INTO "agents" VALUES(2,X'019ab027f5007006ba4901188951708e',NULL,'TX-604111',NULL,0,0,NULL,'TX',20780,1763892000000000,NULL,0,0,NULL,0,NULL,1,NULL,NULL,NULL,1,1763892000000000,1763892000000000);
CREATE TABLE "properties" (pk INTEGER PRIMARY KEY,
    "id" BLOB NOT NULL UNIQUE CONSTRAINT "id" CHECK (length("id") = 16),
    "agent_id" BLOB CONSTRAINT "agent_id" CHECK (length("agent_id") = 16),
    "title" TEXT NOT NULL CONSTRAINT "title" CHECK (length("title") <= 255),
    "description" TEXT CONSTRAINT "description" CHECK (length("description") <= 20000),
    "price" INTEGER NOT NULL CONSTRAINT "price" CHECK ("price" BETWEEN 1 AND 99999999999999),
    "address" TEXT NOT NULL CONSTRAINT "address" CHECK (length("address") <= 255),
    "city" TEXT NOT NULL CONSTRAINT "city" CHECK (length("city") <= 100),
    "state" TEXT NOT NULL CONSTRAINT "state" CHECK (length("state") <= 50),
    "zip_code" TEXT NOT NULL CONSTRAINT "zip_code" CHECK (length("zip_code") <= 20),
    "beds" INTEGER CONSTRAINT "beds" CHECK ("beds" BETWEEN 0 AND 999),
    "baths" INTEGER CONSTRAINT "baths" CHECK ("baths" BETWEEN 0 AND 9975),
    "sqft" INTEGER CONSTRAINT "sqft" CHECK ("sqft" BETWEEN 0 AND 99999999),
    "property_type" TEXT NOT NULL CONSTRAINT "property_type" CHECK ("property_type" IN ('house','apartment','condo','land')),
    "status" TEXT DEFAULT 'active' CONSTRAINT "status" CHECK ("status" IN ('active','pending','sold')),
    "created_at" INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)),
    "updated_at" INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)),
    "version" INTEGER NOT NULL DEFAULT 1 CONSTRAINT "version" CHECK ("version" BETWEEN 1 AND 2147483647),
    "deleted_at" INTEGER,
    "currency" TEXT NOT NULL DEFAULT 'USD' CONSTRAINT "currency" CHECK (length("currency") <= 3),
    "country" TEXT CONSTRAINT "country" CHECK (length("country") <= 2),
    "property_subtype" TEXT CONSTRAINT "property_subtype" CHECK ("property_subtype" IN ('Agriculture','Apartment','Boat Slip','Business','Cabin','Condominium','Deeded Parking','Duplex','Farm','Hotel/Motel','Industrial','Manufactured Home','Manufactured On Land','Mixed Use','Mobile Home','Multi Family','Office','Own Your Own','Quadruplex','Ranch','Retail','Single Family Residence','Stock Cooperative','Timeshare','Townhouse','Triplex','Unimproved Land','Warehouse')),
    "latitude" INTEGER CONSTRAINT "latitude" CHECK ("latitude" BETWEEN -9000000000 AND 9000000000),
    "longitude" INTEGER CONSTRAINT "longitude" CHECK ("longitude" BETWEEN -18000000000 AND 18000000000),
    "lot_sqft" INTEGER CONSTRAINT "lot_sqft" CHECK ("lot_sqft" BETWEEN 0 AND 99999999),
    "year_built" INTEGER CONSTRAINT "year_built" CHECK ("year_built" BETWEEN 1500 AND 2200),
    "listing_id" TEXT CONSTRAINT "listing_id" CHECK (length("listing_id") <= 255),
    "standard_status" TEXT CONSTRAINT "standard_status" CHECK ("standard_status" IN ('Active','Active Under Contract','Canceled','Closed','Coming Soon','Delete','Expired','Hold','Incomplete','Pending','Withdrawn')),
    "list_date" INTEGER CONSTRAINT "list_date" CHECK ("list_date" BETWEEN -2147483648 AND 2147483647),
    "original_price" INTEGER CONSTRAINT "original_price" CHECK ("original_price" BETWEEN 1 AND 99999999999999),
    "close_price" INTEGER CONSTRAINT "close_price" CHECK ("close_price" BETWEEN 1 AND 99999999999999),
    "close_date" INTEGER CONSTRAINT "close_date" CHECK ("close_date" BETWEEN -2147483648 AND 2147483647),
    "source_system" TEXT CONSTRAINT "source_system" CHECK (length(CAST("source_system" AS BLOB)) <= 64),
    "source_key" TEXT CONSTRAINT "source_key" CHECK (length(CAST("source_key" AS BLOB)) <= 255),
    "display_ok" INTEGER NOT NULL DEFAULT 1 CONSTRAINT "display_ok" CHECK ("display_ok" BETWEEN 0 AND 1),
    "display_address_ok" INTEGER NOT NULL DEFAULT 1 CONSTRAINT "display_address_ok" CHECK ("display_address_ok" BETWEEN 0 AND 1),
    "time_zone" TEXT CONSTRAINT "time_zone" CHECK (length("time_zone") <= 64),
    "exclusive_showings" INTEGER NOT NULL DEFAULT 0 CONSTRAINT "exclusive_showings" CHECK ("exclusive_showings" BETWEEN 0 AND 1),
    "status_changed_at" INTEGER,
    "price_changed_at" INTEGER,
    "previous_price" INTEGER CONSTRAINT "previous_price" CHECK ("previous_price" BETWEEN 1 AND 99999999999999),
    "price_per_sqft" INTEGER CONSTRAINT "price_per_sqft" CHECK ("price_per_sqft" BETWEEN 0 AND 99999999999999),
    "price_reduced" INTEGER NOT NULL DEFAULT 0 CONSTRAINT "price_reduced" CHECK ("price_reduced" BETWEEN 0 AND 1),
    "days_to_close" INTEGER CONSTRAINT "days_to_close" CHECK ("days_to_close" BETWEEN 0 AND 3652059),
    "extras" TEXT,
    "city_norm" TEXT CONSTRAINT "city_norm" CHECK (length(CAST("city_norm" AS BLOB)) <= 400),
    "state_norm" TEXT CONSTRAINT "state_norm" CHECK (length(CAST("state_norm" AS BLOB)) <= 200),
    "address_norm" TEXT CONSTRAINT "address_norm" CHECK (length(CAST("address_norm" AS BLOB)) <= 1020),
    "title_norm" TEXT CONSTRAINT "title_norm" CHECK (length(CAST("title_norm" AS BLOB)) <= 1020),
    "listing_id_norm" TEXT CONSTRAINT "listing_id_norm" CHECK (length(CAST("listing_id_norm" AS BLOB)) <= 1020),
    "description_norm" TEXT) STRICT;
INSERT INTO "properties" VALUES(1,X'019ab027f500701cb09b8cf7f419cfaf',X'019ab027f5007003b55639a19a0d1a1c','Bungalow by the creek','Three rooms, a porch and a pecan tree.',47500000,'12 Creek Rd','Austin','TX','78704',3,225,1480,'house','pending',1763892000000000,1763892060000000,2,NULL,'USD',NULL,NULL,3024500000,-9776900000,NULL,1938,NULL,'Pending',20415,48900000,NULL,NULL,NULL,NULL,1,1,NULL,0,1763892060000000,1763892060000000,48900000,32095,1,NULL,NULL,'austin','tx','12 creek rd','bungalow by the creek',NULL,'three rooms, a porch and a pecan tree.');
INSERT INTO "properties" VALUES(2,X'019ab027f500701e83895240779d0c76',X'019ab027f5007003b55639a19a0d1a1c','Condo over the lake',NULL,61250000,'12 Creek Rd','Austin','TX','78704',2,NULL,NULL,'condo','active',1763892000000000,1763892000000000,1,NULL,'USD',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'Active',20415,61250000,NULL,NULL,NULL,NULL,1,1,NULL,0,1763892000000000,NULL,NULL,NULL,0,NULL,NULL,'austin','tx','12 creek rd','condo over the lake',NULL,NULL);
INSERT INTO "properties" VALUES(3,X'019ab027f500702095262a14f1541e2f',X'019ab027f5007003b55639a19a0d1a1c','Land that is not for sale any more',NULL,9900000,'12 Creek Rd','Austin','TX','78704',NULL,NULL,NULL,'land',NULL,1763892000000000,1763892000000000,1,NULL,'USD',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'Withdrawn',NULL,9900000,NULL,NULL,NULL,NULL,1,1,NULL,0,1763892000000000,NULL,NULL,NULL,0,NULL,NULL,'austin','tx','12 creek rd','land that is not for sale any more',NULL,NULL);
INSERT INTO "properties" VALUES(4,X'019ab027f5007022bf11b9c32be43ac6',X'019ab027f5007006ba4901188951708e','House with a red door',NULL,35000000,'12 Creek Rd','Austin','TX','78704',NULL,NULL,NULL,'house','active',1763892000000000,1763892060000000,2,1763892060000000,'USD',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'Active',20415,35000000,NULL,NULL,NULL,NULL,1,1,NULL,0,1763892000000000,NULL,NULL,NULL,0,NULL,NULL,'austin','tx','12 creek rd','house with a red door',NULL,NULL);
INSERT INTO "properties" VALUES(5,X'019ab027f5007024aaf4fbe545a6eb00',X'019ab027f5007003b55639a19a0d1a1c','“Everything” at once; it''s all here','Line one
line two	with a tab, a \ and a "quote". Ünïcödé 家 🏠.',123456789,'12 Creek Rd','Austin','TX','78704',4,175,2301,'house','active',1763892000000000,1763892000000000,1,NULL,'USD','US','Single Family Residence',-3345678901,15123456789,9000,1999,'MLS-1','Active',20000,130000000,NULL,NULL,NULL,NULL,1,0,'America/Chicago',1,1763892000000000,NULL,NULL,53654,1,NULL,'{"Roof":["Slate"],"Stories":2}','austin','tx','12 creek rd','“everything” at once; it''s all here','mls-1','line one
line two	with a tab, a \ and a "quote". ünïcödé 家 🏠.');
INSERT INTO "properties" VALUES(6,X'019ab028df6070059f02cae1b422cb39',X'019ab027f5007003b55639a19a0d1a1c','Made by key',NULL,77700000,'12 Creek Rd','Austin','TX','78704',NULL,NULL,NULL,'house','active',1763892060000000,1763892060000000,1,NULL,'USD',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'Active',20415,77700000,NULL,NULL,NULL,NULL,1,1,NULL,0,1763892060000000,NULL,NULL,NULL,0,NULL,NULL,'austin','tx','12 creek rd','made by key',NULL,NULL);
INSERT INTO "properties" VALUES(7,X'019ab028df60700886ee95e96f13f8c4',X'019ab027f5007003b55639a19a0d1a1c','Imported once',NULL,10000000,'1 Old St','Austin','TX','78704',NULL,NULL,NULL,'house','active',1763892060000000,1763892060000000,1,NULL,'USD',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'Active',20415,10000000,NULL,NULL,'upgrade','1',1,1,NULL,0,1763892060000000,NULL,NULL,NULL,0,NULL,NULL,'austin','tx','1 old st','imported once',NULL,NULL);
INSERT INTO "properties" VALUES(8,X'019ab028df60700ba5ff784b8b38976c',X'019ab027f5007003b55639a19a0d1a1c','Imported too',NULL,20000000,'1 Old St','Austin','TX','78704',NULL,NULL,NULL,'house','active',1763892060000000,1763892060000000,1,NULL,'USD',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'Active',20415,20000000,NULL,NULL,'upgrade','2',1,1,NULL,0,1763892060000000,NULL,NULL,NULL,0,NULL,NULL,'austin','tx','1 old st','imported too',NULL,NULL);
CREATE UNIQUE INDEX "properties_source" ON "properties" ("source_system","source_key");
CREATE INDEX "properties_price" ON "properties" ("status","price","id","id");
CREATE INDEX "properties_created" ON "properties" ("status","created_at","id","id");
CREATE INDEX "properties_listed" ON "properties" ("status","list_date","id","id");
CREATE INDEX "properties_city_price" ON "properties" ("city_norm","status","price","id","id");
CREATE INDEX "properties_city_created" ON "properties" ("city_norm","status","created_at","id","id");
CREATE INDEX "properties_zip_price" ON "properties" ("zip_code","status","price","id","id");
CREATE INDEX "properties_agent_created" ON "properties" ("agent_id","status","created_at","id","id");
CREATE INDEX "properties_place" ON "properties" ("latitude","longitude","id","id");
CREATE INDEX "properties_ranked" ON "properties" (pk,"status","display_ok","deleted_at","id","id");
CREATE VIRTUAL TABLE "properties_words" USING fts5("words_title","words_place","words_text","words_hidden",tokenize='ascii',detail=column,columnsize=0,prefix='3 4');
DELETE FROM "properties_words_data";
INSERT INTO "properties_words_data" VALUES(1,X'0823251103');
INSERT INTO "properties_words_data" VALUES(10,X'000000000108080008010101020101030101040101050101060101070101080101');
INSERT INTO "properties_words_data" VALUES(137438953473,X'0000011905307a7131320102030305373837303401020303016101020404026e640102040405757374696e010203030862756e67616c6f770102020401790102020305637265656b010402030305706563616e01020404046f7263680102040302726401020304046f6f6d730102040303746865010202050372656501020404037265650102040004317a7131010203030137010203030161010403030301620102020301630104020303017001020403017201040303030174010402040005327a713132010203030237380102030302616e0102040401750102030302627501020204017901020203026372010402030302706501020404016f0102040302726401020304016f010204030274680104020404017201020404090a06070a0d060b0a09070908080809060706070607070a0707060706080706070608');
INSERT INTO "properties_words_data" VALUES(274877906945,X'000000cb05307a71313202020303053738373034020203030661757374696e0202030305636f6e646f02020204047265656b02020303046c616b6502020203046f7665720202020302726402020303037468650202020004317a71310202030301370202030301610202030301630204020303016c02020203016f0202020301720202030301740202020005327a71313202020303023738020203030261750202030302636f02020204017202020303026c6102020203026f76020202030272640202030302746802020204090a0b0a090909070809060607060606060a07070706070707');
INSERT INTO "properties_words_data" VALUES(412316860417,X'0000011e05307a713132030203030537383730340302030303616e790302020405757374696e0302030305637265656b0302030303666f720302020302697303020203046c616e6403020203046d6f726503020203036e6f7403020203027264030203030473616c650302020304746861740302020004317a71310302030301370302030301610304020303016303020303016603020203016903020203016c03020203016d03020203016e0302020301720302030301730302020301740302020005327a713132030203030237380302030302616e030202040175030203030263720302030302666f0302020302697303020203026c6103020203026d6f03020203026e6f03020203027264030203030273610302020302746803020204090a080a0a08070909080709090906070606060606060606060a0707060707070707070707');
INSERT INTO "properties_words_data" VALUES(549755813889,X'000000d105307a713132040203030537383730340402030301610402020405757374696e0402030305637265656b0402030304646f6f720402020305686f75736504020203027264040203040265640402020304776974680402020004317a713104020303013704020303016104040203030163040203030164040202030168040202030172040402030301770402020005327a7131320402030302373804020303026175040203030263720402030302646f0402020302686f040202030272640402030401650402020302776904020204090a060a0a090a07070909060706060607060a07070707070706');
INSERT INTO "properties_words_data" VALUES(687194767361,X'000001ac05307a7131320502050305373837303405020303016105020404026c6c05020204026e640502040401740502020405757374696e0502030305637265656b050205030a65766572797468696e670502020304686572650502020302697405020203046c696e6505020403046f6e6365050202050165050204030571756f74650502040302726405020503017305020203037461620502040402776f0502040307756e69636f646505020403047769746805020403057a7768346d0502040004317a7131050205030137050203030161050602030303016305020503016505020203016805020203016905020203016c05020403016f0504020403017105020403017205020503017305020203017405020403017505020403017705020403017a0502040005327a713132050205030237380502030302616c05020204016e0502040401740502020401750502030302637205020503026576050202030268650502020302697405020203026c6905020403026f6e050402040302717505020403027264050205030274610502040401770502040302756e0502040302776905020403027a7705020404090a060707060a0a0f09070909060a070608070c090a090608060606060607060606060606060a0707060606070707070708070707060707');
INSERT INTO "properties_words_data" VALUES(824633720833,X'000000b905307a71313206020303053738373034060203030661757374696e060203030262790602020305637265656b06020303036b657906020203046d616465060202030272640602030004317a713106020303013706020303016106020303016206020203016306020303016b06020203016d0602020301720602030005327a7131320602030302373806020303026175060203030262790602020302637206020303026b6506020203026d610602020302726406020304090a0b070a08090709060606060606060a070707070707');
INSERT INTO "properties_words_data" VALUES(962072674305,X'0000009904307a713107020303053738373034070203030661757374696e0702030308696d706f7274656407020203036f6c6407020304036e6365070202030273740702030004317a713107020303013707020303016107020303016907020203016f070402030301730702030005327a713738070203030261750702030302696d07020203026f6c07020304016e0702020302737407020304080a0b0d0808070906060607060a07070706');
INSERT INTO "properties_words_data" VALUES(1099511627777,X'0000009f04307a713108020303053738373034080203030661757374696e0802030308696d706f7274656408020203036f6c64080203030273740802030303746f6f0802020004317a713108020303013708020303016108020303016908020203016f0802030301730802030301740802020005327a713738080203030261750802030302696d08020203026f6c080203030273740802030302746f08020204080a0b0d080708090606060606060a07070707');
DELETE FROM "properties_words_idx";
INSERT INTO "properties_words_idx" VALUES(1,X'',2);
INSERT INTO "properties_words_idx" VALUES(2,X'',2);
INSERT INTO "properties_words_idx" VALUES(3,X'',2);
INSERT INTO "properties_words_idx" VALUES(4,X'',2);
INSERT INTO "properties_words_idx" VALUES(5,X'',2);
INSERT INTO "properties_words_idx" VALUES(6,X'',2);
INSERT INTO "properties_words_idx" VALUES(7,X'',2);
INSERT INTO "properties_words_idx" VALUES(8,X'',2);
DELETE FROM "properties_words_content";
INSERT INTO "properties_words_content" VALUES(1,'zqbungalow zqby zqthe zqcreek','zqaustin zq78704 zq12 zqcreek zqrd','zqthree zqrooms zqa zqporch zqand zqpecan zqtree',NULL);
INSERT INTO "properties_words_content" VALUES(2,'zqcondo zqover zqthe zqlake','zqaustin zq78704 zq12 zqcreek zqrd',NULL,NULL);
INSERT INTO "properties_words_content" VALUES(3,'zqland zqthat zqis zqnot zqfor zqsale zqany zqmore','zqaustin zq78704 zq12 zqcreek zqrd',NULL,NULL);
INSERT INTO "properties_words_content" VALUES(4,'zqhouse zqwith zqa zqred zqdoor','zqaustin zq78704 zq12 zqcreek zqrd',NULL,NULL);
INSERT INTO "properties_words_content" VALUES(5,'zqeverything zqat zqonce zqit zqs zqall zqhere','zqaustin zq78704','zqline zqone zqtwo zqwith zqa zqtab zqand zqquote zqunicode zqzwh4m','zq12 zqcreek zqrd');
INSERT INTO "properties_words_content" VALUES(6,'zqmade zqby zqkey','zqaustin zq78704 zq12 zqcreek zqrd',NULL,NULL);
INSERT INTO "properties_words_content" VALUES(7,'zqimported zqonce','zqaustin zq78704 zq1 zqold zqst',NULL,NULL);
INSERT INTO "properties_words_content" VALUES(8,'zqimported zqtoo','zqaustin zq78704 zq1 zqold zqst',NULL,NULL);
DELETE FROM "properties_words_config";
INSERT INTO "properties_words_config" VALUES('version',4);
CREATE TABLE "sessions" (pk INTEGER PRIMARY KEY,
    "id" BLOB NOT NULL UNIQUE CONSTRAINT "id" CHECK (length("id") = 16),
    "user_id" BLOB NOT NULL CONSTRAINT "user_id" CHECK (length("user_id") = 16),
    "epoch" INTEGER NOT NULL CONSTRAINT "epoch" CHECK ("epoch" BETWEEN 0 AND 2147483647),
    "auth_at" INTEGER NOT NULL,
    "created_at" INTEGER NOT NULL,
    "expires_at" INTEGER NOT NULL,
    "revoked_at" INTEGER,
    "ip" TEXT CONSTRAINT "ip" CHECK (length("ip") <= 64)) STRICT;
INSERT INTO "sessions" VALUES(1,X'019ab027f5007010900ddd599ae97de9',X'019ab027f5007000bb1a8e3a81d4b7db',0,1763892000000000,1763892000000000,1769076000000000,NULL,'203.0.113.0');
INSERT INTO "sessions" VALUES(2,X'019ab027f5007013ac03baf1c38a07df',X'019ab027f5007003b55639a19a0d1a1c',0,1763892000000000,1763892000000000,1769076000000000,NULL,'203.0.113.0');
INSERT INTO "sessions" VALUES(3,X'019ab027f500701688c1f2cbe0ce088c',X'019ab027f5007006ba4901188951708e',0,1763892000000000,1763892000000000,1769076000000000,NULL,'203.0.113.0');
INSERT INTO "sessions" VALUES(4,X'019ab027f5007019bf1454c207a3627b',X'019ab027f5007009a23cb0b1ee50bf4f',0,1763892000000000,1763892000000000,1769076000000000,NULL,'203.0.113.0');
CREATE INDEX "sessions_user" ON "sessions" ("user_id","created_at","id","id");
CREATE INDEX "sessions_expiry" ON "sessions" ("expires_at","id","id");
CREATE TABLE "events" (pk INTEGER PRIMARY KEY,
    "id" BLOB NOT NULL UNIQUE CONSTRAINT "id" CHECK (length("id") = 16),
    "resource" TEXT NOT NULL CONSTRAINT "resource" CHECK (length(CAST("resource" AS BLOB)) <= 32),
    "resource_id" BLOB NOT NULL CONSTRAINT "resource_id" CHECK (length("resource_id") = 16),
    "change" TEXT NOT NULL CONSTRAINT "change" CHECK ("change" IN ('created','updated','deleted','restored','purged')),
    "version" INTEGER NOT NULL CONSTRAINT "version" CHECK ("version" BETWEEN 1 AND 2147483647),
    "actor_id" BLOB CONSTRAINT "actor_id" CHECK (length("actor_id") = 16),
    "created_at" INTEGER NOT NULL,
    "seq" INTEGER CONSTRAINT "seq" CHECK ("seq" BETWEEN 1 AND 9223372036854775807)) STRICT;
INSERT INTO "events" VALUES(1,X'019ab027f5007001a55072e1667565f1','user',X'019ab027f5007000bb1a8e3a81d4b7db','created',1,NULL,1763892000000000,NULL);
INSERT INTO "events" VALUES(2,X'019ab027f5007004952a0ff63e0ef2f6','user',X'019ab027f5007003b55639a19a0d1a1c','created',1,NULL,1763892000000000,NULL);
INSERT INTO "events" VALUES(3,X'019ab027f500700788b3cb98b4d717f8','user',X'019ab027f5007006ba4901188951708e','created',1,NULL,1763892000000000,NULL);
INSERT INTO "events" VALUES(4,X'019ab027f500700a8fd7cb4e4492c61e','user',X'019ab027f5007009a23cb0b1ee50bf4f','created',1,NULL,1763892000000000,NULL);
INSERT INTO "events" VALUES(5,X'019ab027f500700c94f38f646a0167e9','agent',X'019ab027f5007003b55639a19a0d1a1c','created',1,NULL,1763892000000000,NULL);
INSERT INTO "events" VALUES(6,X'019ab027f500700e86c5a2096d5f64ef','agent',X'019ab027f5007006ba4901188951708e','created',1,NULL,1763892000000000,NULL);
INSERT INTO "events" VALUES(7,X'019ab027f500701d9f3861dda85edaf8','property',X'019ab027f500701cb09b8cf7f419cfaf','created',1,X'019ab027f5007003b55639a19a0d1a1c',1763892000000000,NULL);
INSERT INTO "events" VALUES(8,X'019ab027f500701f91ddf105105d1324','property',X'019ab027f500701e83895240779d0c76','created',1,X'019ab027f5007003b55639a19a0d1a1c',1763892000000000,NULL);
INSERT INTO "events" VALUES(9,X'019ab027f50070219fb1f2e6658fa7d2','property',X'019ab027f500702095262a14f1541e2f','created',1,X'019ab027f5007003b55639a19a0d1a1c',1763892000000000,NULL);
INSERT INTO "events" VALUES(10,X'019ab027f500702381fc5da0dbfad986','property',X'019ab027f5007022bf11b9c32be43ac6','created',1,X'019ab027f5007006ba4901188951708e',1763892000000000,NULL);
INSERT INTO "events" VALUES(11,X'019ab027f500702592e83201afe0a917','property',X'019ab027f5007024aaf4fbe545a6eb00','created',1,X'019ab027f5007003b55639a19a0d1a1c',1763892000000000,NULL);
INSERT INTO "events" VALUES(12,X'019ab028df6070029e5c889a22c308ca','property',X'019ab027f500701cb09b8cf7f419cfaf','updated',2,X'019ab027f5007003b55639a19a0d1a1c',1763892060000000,NULL);
INSERT INTO "events" VALUES(13,X'019ab028df60700398f1c21d9ebc0081','property',X'019ab027f5007022bf11b9c32be43ac6','deleted',2,X'019ab027f5007006ba4901188951708e',1763892060000000,NULL);
INSERT INTO "events" VALUES(14,X'019ab028df607007bfc3583143411637','property',X'019ab028df6070059f02cae1b422cb39','created',1,X'019ab027f5007003b55639a19a0d1a1c',1763892060000000,NULL);
INSERT INTO "events" VALUES(15,X'019ab028df607009a2ecac921f8e279e','property',X'019ab028df60700886ee95e96f13f8c4','created',1,X'019ab027f5007003b55639a19a0d1a1c',1763892060000000,NULL);
INSERT INTO "events" VALUES(16,X'019ab028df60700c9d6c35655bc11121','property',X'019ab028df60700ba5ff784b8b38976c','created',1,X'019ab027f5007003b55639a19a0d1a1c',1763892060000000,NULL);
CREATE TABLE "price_history" (pk INTEGER PRIMARY KEY,
    "id" BLOB NOT NULL UNIQUE CONSTRAINT "id" CHECK (length("id") = 16),
    "property_id" BLOB NOT NULL CONSTRAINT "property_id" CHECK (length("property_id") = 16),
    "old_price" INTEGER CONSTRAINT "old_price" CHECK ("old_price" BETWEEN 1 AND 99999999999999),
    "new_price" INTEGER NOT NULL CONSTRAINT "new_price" CHECK ("new_price" BETWEEN 1 AND 99999999999999),
    "currency" TEXT NOT NULL CONSTRAINT "currency" CHECK (length("currency") <= 3),
    "actor_id" BLOB CONSTRAINT "actor_id" CHECK (length("actor_id") = 16),
    "version" INTEGER NOT NULL CONSTRAINT "version" CHECK ("version" BETWEEN 1 AND 2147483647),
    "created_at" INTEGER NOT NULL) STRICT;
INSERT INTO "price_history" VALUES(1,X'019ab028df6070009324565ccba10de1',X'019ab027f500701cb09b8cf7f419cfaf',48900000,47500000,'USD',X'019ab027f5007003b55639a19a0d1a1c',2,1763892060000000);
CREATE INDEX "price_history_property" ON "price_history" ("property_id","created_at","id","id");
CREATE TABLE "status_history" (pk INTEGER PRIMARY KEY,
    "id" BLOB NOT NULL UNIQUE CONSTRAINT "id" CHECK (length("id") = 16),
    "property_id" BLOB NOT NULL CONSTRAINT "property_id" CHECK (length("property_id") = 16),
    "old_status" TEXT CONSTRAINT "old_status" CHECK ("old_status" IN ('Active','Active Under Contract','Canceled','Closed','Coming Soon','Delete','Expired','Hold','Incomplete','Pending','Withdrawn')),
    "new_status" TEXT NOT NULL CONSTRAINT "new_status" CHECK ("new_status" IN ('Active','Active Under Contract','Canceled','Closed','Coming Soon','Delete','Expired','Hold','Incomplete','Pending','Withdrawn')),
    "actor_id" BLOB CONSTRAINT "actor_id" CHECK (length("actor_id") = 16),
    "version" INTEGER NOT NULL CONSTRAINT "version" CHECK ("version" BETWEEN 1 AND 2147483647),
    "created_at" INTEGER NOT NULL) STRICT;
INSERT INTO "status_history" VALUES(1,X'019ab028df6070019809a39e65f1b1ee',X'019ab027f500701cb09b8cf7f419cfaf','Active','Pending',X'019ab027f5007003b55639a19a0d1a1c',2,1763892060000000);
CREATE INDEX "status_history_property" ON "status_history" ("property_id","created_at","id","id");
CREATE TABLE "idempotency_keys" (pk INTEGER PRIMARY KEY,
    "id" BLOB NOT NULL UNIQUE CONSTRAINT "id" CHECK (length("id") = 16),
    "actor_id" BLOB NOT NULL CONSTRAINT "actor_id" CHECK (length("actor_id") = 16),
    "operation" TEXT NOT NULL CONSTRAINT "operation" CHECK (length(CAST("operation" AS BLOB)) <= 64),
    "key" TEXT CONSTRAINT "key" CHECK (length(CAST("key" AS BLOB)) <= 255),
    "request_hash" BLOB CONSTRAINT "request_hash" CHECK (length("request_hash") <= 32),
    "result_id" BLOB CONSTRAINT "result_id" CHECK (length("result_id") = 16),
    "result_version" INTEGER CONSTRAINT "result_version" CHECK ("result_version" BETWEEN 1 AND 2147483647),
    "created_at" INTEGER NOT NULL) STRICT;
INSERT INTO "idempotency_keys" VALUES(1,X'019ab028df6070068a4bf2134e26dd1a',X'019ab027f5007003b55639a19a0d1a1c','property.create','upgrade-1',X'6729149bb3e4f69f65eafb0dd920573ed16d222f6804b7cbd0157dcdd4427a5f',X'019ab028df6070059f02cae1b422cb39',NULL,1763892060000000);
CREATE UNIQUE INDEX "idempotency_keys_key" ON "idempotency_keys" ("actor_id","operation","key");
CREATE INDEX "idempotency_keys_created" ON "idempotency_keys" ("created_at","id","id");
CREATE TABLE "audit_log" (pk INTEGER PRIMARY KEY,
    "id" BLOB NOT NULL UNIQUE CONSTRAINT "id" CHECK (length("id") = 16),
    "event" TEXT NOT NULL CONSTRAINT "event" CHECK (length(CAST("event" AS BLOB)) <= 64),
    "actor_id" BLOB CONSTRAINT "actor_id" CHECK (length("actor_id") = 16),
    "session_id" BLOB CONSTRAINT "session_id" CHECK (length("session_id") = 16),
    "request_id" TEXT CONSTRAINT "request_id" CHECK (length("request_id") <= 128),
    "ip" TEXT CONSTRAINT "ip" CHECK (length("ip") <= 64),
    "target_kind" TEXT CONSTRAINT "target_kind" CHECK (length(CAST("target_kind" AS BLOB)) <= 32),
    "target_id" BLOB CONSTRAINT "target_id" CHECK (length("target_id") = 16),
    "result" TEXT NOT NULL CONSTRAINT "result" CHECK (length(CAST("result" AS BLOB)) <= 32),
    "reason" TEXT CONSTRAINT "reason" CHECK (length("reason") <= 255),
    "created_at" INTEGER NOT NULL) STRICT;
INSERT INTO "audit_log" VALUES(1,X'019ab027f5007002b0a7e6387b3eb538','user_created',NULL,NULL,NULL,NULL,'user',X'019ab027f5007000bb1a8e3a81d4b7db','ok',NULL,1763892000000000);
INSERT INTO "audit_log" VALUES(2,X'019ab027f50070059a4e0cf6b4d60409','user_created',NULL,NULL,NULL,NULL,'user',X'019ab027f5007003b55639a19a0d1a1c','ok',NULL,1763892000000000);
INSERT INTO "audit_log" VALUES(3,X'019ab027f50070089facfb16280f1a52','user_created',NULL,NULL,NULL,NULL,'user',X'019ab027f5007006ba4901188951708e','ok',NULL,1763892000000000);
INSERT INTO "audit_log" VALUES(4,X'019ab027f500700bb15a47dc66646a1c','user_created',NULL,NULL,NULL,NULL,'user',X'019ab027f5007009a23cb0b1ee50bf4f','ok',NULL,1763892000000000);
INSERT INTO "audit_log" VALUES(5,X'019ab027f500700dabe283c875bb9d3c','user_updated',NULL,NULL,NULL,NULL,'agent',X'019ab027f5007003b55639a19a0d1a1c','ok',NULL,1763892000000000);
INSERT INTO "audit_log" VALUES(6,X'019ab027f500700f9d0b2df50cc3ec67','user_updated',NULL,NULL,NULL,NULL,'agent',X'019ab027f5007006ba4901188951708e','ok',NULL,1763892000000000);
INSERT INTO "audit_log" VALUES(7,X'019ab027f5007012bfae47f40fbf9ee5','authn_login_success',X'019ab027f5007000bb1a8e3a81d4b7db',NULL,NULL,'203.0.113.0','user',X'019ab027f5007000bb1a8e3a81d4b7db','ok',NULL,1763892000000000);
INSERT INTO "audit_log" VALUES(8,X'019ab027f5007015be273f8f51822894','authn_login_success',X'019ab027f5007003b55639a19a0d1a1c',NULL,NULL,'203.0.113.0','user',X'019ab027f5007003b55639a19a0d1a1c','ok',NULL,1763892000000000);
INSERT INTO "audit_log" VALUES(9,X'019ab027f50070188e0f05fbcfad49fe','authn_login_success',X'019ab027f5007006ba4901188951708e',NULL,NULL,'203.0.113.0','user',X'019ab027f5007006ba4901188951708e','ok',NULL,1763892000000000);
INSERT INTO "audit_log" VALUES(10,X'019ab027f500701b9ec57ce558968a04','authn_login_success',X'019ab027f5007009a23cb0b1ee50bf4f',NULL,NULL,'203.0.113.0','user',X'019ab027f5007009a23cb0b1ee50bf4f','ok',NULL,1763892000000000);
INSERT INTO "audit_log" VALUES(11,X'019ab028df6070048a7cc121f92b11ed','sensitive_delete',X'019ab027f5007006ba4901188951708e',X'019ab027f500701688c1f2cbe0ce088c',NULL,'203.0.113.0','property',X'019ab027f5007022bf11b9c32be43ac6','ok',NULL,1763892060000000);
INSERT INTO "audit_log" VALUES(12,X'019ab028df60700ebe910959aa58b9d9','authz_fail',X'019ab027f5007009a23cb0b1ee50bf4f',X'019ab027f5007019bf1454c207a3627b',NULL,'203.0.113.0','property',X'019ab027f500701cb09b8cf7f419cfaf','refused','delete a listing',1763892060000000);
CREATE INDEX "audit_log_actor" ON "audit_log" ("actor_id","created_at","id","id");
CREATE INDEX "audit_log_created" ON "audit_log" ("created_at","id","id");
CREATE TABLE "import_rows" (pk INTEGER PRIMARY KEY,
    "id" BLOB NOT NULL UNIQUE CONSTRAINT "id" CHECK (length("id") = 16),
    "source_system" TEXT NOT NULL CONSTRAINT "source_system" CHECK (length(CAST("source_system" AS BLOB)) <= 64),
    "source_key" TEXT NOT NULL CONSTRAINT "source_key" CHECK (length(CAST("source_key" AS BLOB)) <= 255),
    "property_id" BLOB NOT NULL CONSTRAINT "property_id" CHECK (length("property_id") = 16),
    "as_of" INTEGER,
    "row_hash" BLOB NOT NULL CONSTRAINT "row_hash" CHECK (length("row_hash") <= 32),
    "updated_at" INTEGER NOT NULL) STRICT;
INSERT INTO "import_rows" VALUES(1,X'019ab028df60700a89484db79de603b4','upgrade','1',X'019ab028df60700886ee95e96f13f8c4',NULL,X'ff9157ca19032582e2e4a150599a0ea4047f8979cb02cc8bc3a7ec8fe5dc9bfa',1763892060000000);
INSERT INTO "import_rows" VALUES(2,X'019ab028df60700db7a97f1b56cf15a3','upgrade','2',X'019ab028df60700ba5ff784b8b38976c',NULL,X'3762fab8c66e6d5b24ba7a2eca93c0a680d3c839d6a35935b4ca558bbbd8451c',1763892060000000);
CREATE UNIQUE INDEX "import_rows_source" ON "import_rows" ("source_system","source_key");
CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, hash INTEGER NOT NULL, applied_at INTEGER NOT NULL) STRICT;
INSERT INTO "schema_migrations" VALUES(1,-1969997057202251628,1795402452648587);
COMMIT;
