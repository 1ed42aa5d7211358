PRAGMA application_id=1212370516;
PRAGMA user_version=6;
BEGIN;
CREATE TABLE "users" (pk INTEGER PRIMARY KEY,
    "id" BLOB NOT NULL UNIQUE CONSTRAINT "id" CHECK (length("id") = 16),
    "email" TEXT NOT NULL CONSTRAINT "email" CHECK (length("email") <= 255),
    "password_hash" TEXT NOT NULL CONSTRAINT "password_hash" CHECK (length("password_hash") <= 255),
    "full_name" TEXT NOT NULL CONSTRAINT "full_name" CHECK (length("full_name") <= 100),
    "role" TEXT NOT NULL CONSTRAINT "role" CHECK ("role" = 'buyer' OR "role" = 'agent' OR "role" = 'admin'),
    "phone" TEXT CONSTRAINT "phone" CHECK (length("phone") <= 20),
    "created_at" INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)),
    "updated_at" INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)),
    "email_norm" TEXT CONSTRAINT "email_norm" CHECK (length(CAST("email_norm" AS BLOB)) <= 1020),
    "email_verified_at" INTEGER,
    "status" TEXT NOT NULL DEFAULT 'active' CONSTRAINT "status" CHECK ("status" = 'active' OR "status" = 'disabled'),
    "token_epoch" INTEGER NOT NULL DEFAULT 0 CONSTRAINT "token_epoch" CHECK ("token_epoch" BETWEEN 0 AND 2147483647),
    "last_login_at" INTEGER,
    "version" INTEGER NOT NULL DEFAULT 1 CONSTRAINT "version" CHECK ("version" BETWEEN 1 AND 2147483647)) STRICT;
INSERT INTO "users" VALUES(1,X'019ab027f50070018eb5ca17a6f14eb4','ada@example.com','$argon2id$v=19$m=64,t=1,p=1$rWlrqVI6XBnMzPtmxL3Qkw$kEmgPGsueaoPaZxLBQN40M5il+kFNdakOQHcd1OJUAY','Ada Admin','admin',NULL,1763892000000000,1763892000000000,'ada@example.com',NULL,'active',0,1763892000000000,1);
INSERT INTO "users" VALUES(2,X'019ab027f5007004ad9fffde8a595af1','ana@example.com','$argon2id$v=19$m=64,t=1,p=1$m4WxjiMnL6zRaPwhJdKpTA$uNE7Q2Ntu0jjdXEqjDsUe43ORXpdvoSjM2gFRTccp4E','Ana Agent','agent',NULL,1763892000000000,1763892000000000,'ana@example.com',NULL,'active',0,1763892000000000,1);
INSERT INTO "users" VALUES(3,X'019ab027f5007007ab34045fb7477f4e','ben@example.com','$argon2id$v=19$m=64,t=1,p=1$32d+bEyKaoimbr7ApuydHA$VVmRbVjrjg/GkYnJ1zYI3ReV8a4S1alffBJFsYOQCr4','Ben Broker','agent',NULL,1763892000000000,1763892000000000,'ben@example.com',NULL,'active',0,1763892000000000,1);
INSERT INTO "users" VALUES(4,X'019ab027f500700a915adf554ede3a55','bea@example.com','$argon2id$v=19$m=64,t=1,p=1$CPLDTb9eEeQXSwvkppiWPw$mEUxEnG3vfcoUqo+HMemnd9/kvYMWzqSsQIUV6+pcfg','Bea Buyer','buyer',NULL,1763892000000000,1763892000000000,'bea@example.com',NULL,'active',0,1763892000000000,1);
CREATE UNIQUE INDEX "users_email_norm" ON "users" ("email_norm");
CREATE INDEX "users_role" ON "users" ("role","created_at","id");
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
INSERT INTO "agents" VALUES(1,X'019ab027f5007004ad9fffde8a595af1',NULL,'TX-604111',NULL,0,0,NULL,'TX',20780,1763892000000000,NULL,0,0,NULL,0,NULL,1,NULL,NULL,NULL,1,1763892000000000,1763892000000000);
INSERT INTO "agents" VALUES(2,X'019ab027f5007007ab34045fb7477f4e',NULL,'TX-604111',NULL,0,0,NULL,'TX',20780,1763892000000000,NULL,0,0,NULL,0,NULL,1,NULL,NULL,NULL,1,1763892000000000,1763892000000000);
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
    "property_type" TEXT NOT NULL CONSTRAINT "property_type" CHECK ("property_type" = 'house' OR "property_type" = 'apartment' OR "property_type" = 'condo' OR "property_type" = 'land'),
    "status" TEXT DEFAULT 'active' CONSTRAINT "status" CHECK ("status" = 'active' OR "status" = 'pending' OR "status" = 'sold'),
    "created_at" INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)),
    "updated_at" INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)),
    "version" INTEGER NOT NULL DEFAULT 1 CONSTRAINT "version" CHECK ("version" BETWEEN 1 AND 2147483647),
    "deleted_at" INTEGER,
    "currency" TEXT NOT NULL DEFAULT 'USD' CONSTRAINT "currency" CHECK (length("currency") <= 3),
    "country" TEXT CONSTRAINT "country" CHECK (length("country") <= 2),
    "property_subtype" TEXT CONSTRAINT "property_subtype" CHECK ("property_subtype" = 'Agriculture' OR "property_subtype" = 'Apartment' OR "property_subtype" = 'Boat Slip' OR "property_subtype" = 'Business' OR "property_subtype" = 'Cabin' OR "property_subtype" = 'Condominium' OR "property_subtype" = 'Deeded Parking' OR "property_subtype" = 'Duplex' OR "property_subtype" = 'Farm' OR "property_subtype" = 'Hotel/Motel' OR "property_subtype" = 'Industrial' OR "property_subtype" = 'Manufactured Home' OR "property_subtype" = 'Manufactured On Land' OR "property_subtype" = 'Mixed Use' OR "property_subtype" = 'Mobile Home' OR "property_subtype" = 'Multi Family' OR "property_subtype" = 'Office' OR "property_subtype" = 'Own Your Own' OR "property_subtype" = 'Quadruplex' OR "property_subtype" = 'Ranch' OR "property_subtype" = 'Retail' OR "property_subtype" = 'Single Family Residence' OR "property_subtype" = 'Stock Cooperative' OR "property_subtype" = 'Timeshare' OR "property_subtype" = 'Townhouse' OR "property_subtype" = 'Triplex' OR "property_subtype" = 'Unimproved Land' OR "property_subtype" = 'Warehouse'),
    "latitude" INTEGER CONSTRAINT "latitude" CHECK ("latitude" BETWEEN -9000000000 AND 9000000000),
    "longitude" INTEGER CONSTRAINT "longitude" CHECK ("longitude" BETWEEN -18000000000 AND 18000000000),
    "lot_sqft" INTEGER CONSTRAINT "lot_sqft" CHECK ("lot_sqft" BETWEEN 0 AND 99999999),
    "year_built" INTEGER CONSTRAINT "year_built" CHECK ("year_built" BETWEEN 1500 AND 2200),
    "listing_id" TEXT CONSTRAINT "listing_id" CHECK (length("listing_id") <= 255),
    "standard_status" TEXT CONSTRAINT "standard_status" CHECK ("standard_status" = 'Active' OR "standard_status" = 'Active Under Contract' OR "standard_status" = 'Canceled' OR "standard_status" = 'Closed' OR "standard_status" = 'Coming Soon' OR "standard_status" = 'Delete' OR "standard_status" = 'Expired' OR "standard_status" = 'Hold' OR "standard_status" = 'Incomplete' OR "standard_status" = 'Pending' OR "standard_status" = 'Withdrawn'),
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
INSERT INTO "properties" VALUES(1,X'019ab027f500701db2bdea7e7eecd58a',X'019ab027f5007004ad9fffde8a595af1','Bungalow by the creek','Three rooms, a porch and a pecan tree.',47500000,'12 Creek Rd','Austin','TX','78704',3,225,1480,'house','pending',1763892000000000,1763892060000000,2,NULL,'USD',NULL,NULL,3024500000,-9776900000,NULL,1938,NULL,'Pending',20415,48900000,NULL,NULL,NULL,NULL,1,1,NULL,0,1763892060000000,1763892060000000,48900000,32095,1,NULL,NULL,'austin','tx','12 creek rd','bungalow by the creek',NULL,'three rooms, a porch and a pecan tree.');
INSERT INTO "properties" VALUES(2,X'019ab027f500701f89f946173789de36',X'019ab027f5007004ad9fffde8a595af1','Condo over the lake',NULL,61250000,'12 Creek Rd','Austin','TX','78704',2,NULL,NULL,'condo','active',1763892000000000,1763892000000000,1,NULL,'USD',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'Active',20415,61250000,NULL,NULL,NULL,NULL,1,1,NULL,0,1763892000000000,NULL,NULL,NULL,0,NULL,NULL,'austin','tx','12 creek rd','condo over the lake',NULL,NULL);
INSERT INTO "properties" VALUES(3,X'019ab027f5007021a7920ec9485ffb57',X'019ab027f5007004ad9fffde8a595af1','Land that is not for sale any more',NULL,9900000,'12 Creek Rd','Austin','TX','78704',NULL,NULL,NULL,'land',NULL,1763892000000000,1763892000000000,1,NULL,'USD',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'Withdrawn',NULL,9900000,NULL,NULL,NULL,NULL,1,1,NULL,0,1763892000000000,NULL,NULL,NULL,0,NULL,NULL,'austin','tx','12 creek rd','land that is not for sale any more',NULL,NULL);
INSERT INTO "properties" VALUES(4,X'019ab027f50070238e56dffbfcb7bf52',X'019ab027f5007007ab34045fb7477f4e','House with a red door',NULL,35000000,'12 Creek Rd','Austin','TX','78704',NULL,NULL,NULL,'house','active',1763892000000000,1763892060000000,2,1763892060000000,'USD',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'Active',20415,35000000,NULL,NULL,NULL,NULL,1,1,NULL,0,1763892000000000,NULL,NULL,NULL,0,NULL,NULL,'austin','tx','12 creek rd','house with a red door',NULL,NULL);
INSERT INTO "properties" VALUES(5,X'019ab027f500702580a58e2dd624b985',X'019ab027f5007004ad9fffde8a595af1','“Everything” at once; it''s all here','Line one
line two	with a tab, a \ and a "quote". Ünïcödé 家 🏠.',123456789,'12 Creek Rd','Austin','TX','78704',4,175,2301,'house','active',1763892000000000,1763892000000000,1,NULL,'USD','US','Single Family Residence',-3345678901,15123456789,9000,1999,'MLS-1','Active',20000,130000000,NULL,NULL,NULL,NULL,1,0,'America/Chicago',1,1763892000000000,NULL,NULL,53654,1,NULL,'{"Roof":["Slate"],"Stories":2}','austin','tx','12 creek rd','“everything” at once; it''s all here','mls-1','line one
line two	with a tab, a \ and a "quote". ünïcödé 家 🏠.');
INSERT INTO "properties" VALUES(6,X'019ab028df607005845d61454467e197',X'019ab027f5007004ad9fffde8a595af1','Made by key',NULL,77700000,'12 Creek Rd','Austin','TX','78704',NULL,NULL,NULL,'house','active',1763892060000000,1763892060000000,1,NULL,'USD',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'Active',20415,77700000,NULL,NULL,NULL,NULL,1,1,NULL,0,1763892060000000,NULL,NULL,NULL,0,NULL,NULL,'austin','tx','12 creek rd','made by key',NULL,NULL);
INSERT INTO "properties" VALUES(7,X'019ab028df607008a0fd5b9f0e4e585b',X'019ab027f5007004ad9fffde8a595af1','Imported once',NULL,10000000,'1 Old St','Austin','TX','78704',NULL,NULL,NULL,'house','active',1763892060000000,1763892060000000,1,NULL,'USD',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'Active',20415,10000000,NULL,NULL,'upgrade','1',1,1,NULL,0,1763892060000000,NULL,NULL,NULL,0,NULL,NULL,'austin','tx','1 old st','imported once',NULL,NULL);
INSERT INTO "properties" VALUES(8,X'019ab028df60700bb2b29bf144262eed',X'019ab027f5007004ad9fffde8a595af1','Imported too',NULL,20000000,'1 Old St','Austin','TX','78704',NULL,NULL,NULL,'house','active',1763892060000000,1763892060000000,1,NULL,'USD',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'Active',20415,20000000,NULL,NULL,'upgrade','2',1,1,NULL,0,1763892060000000,NULL,NULL,NULL,0,NULL,NULL,'austin','tx','1 old st','imported too',NULL,NULL);
CREATE UNIQUE INDEX "properties_source" ON "properties" ("source_system","source_key");
CREATE INDEX "properties_price" ON "properties" ("status","price","id");
CREATE INDEX "properties_created" ON "properties" ("status","created_at","id");
CREATE INDEX "properties_listed" ON "properties" ("status","list_date","id");
CREATE INDEX "properties_zip_price" ON "properties" ("zip_code","status","price","id");
CREATE INDEX "properties_agent_created" ON "properties" ("agent_id","status","created_at","id");
CREATE INDEX "properties_place" ON "properties" ("latitude","longitude","id");
CREATE VIRTUAL TABLE "properties_words" USING fts5("words_title","words_place","words_text","words_hidden",tokenize='ascii',detail=column,columnsize=0,prefix='3 4');
DELETE FROM "properties_words_data";
INSERT INTO "properties_words_data" VALUES(1,X'0823251103');
INSERT INTO "properties_words_data" VALUES(10,X'000000000107070007010101020101030101040101050101060101070101');
INSERT INTO "properties_words_data" VALUES(137438953473,X'0000011905307a7131320102030305373837303401020303016101020404026e640102040405757374696e010203030862756e67616c6f770102020401790102020305637265656b010402030305706563616e01020404046f7263680102040302726401020304046f6f6d730102040303746865010202050372656501020404037265650102040004317a7131010203030137010203030161010403030301620102020301630104020303017001020403017201040303030174010402040005327a713132010203030237380102030302616e0102040401750102030302627501020204017901020203026372010402030302706501020404016f0102040302726401020304016f010204030274680104020404017201020404090a06070a0d060b0a09070908080809060706070607070a0707060706080706070608');
INSERT INTO "properties_words_data" VALUES(274877906945,X'000000cb05307a71313202020303053738373034020203030661757374696e0202030305636f6e646f02020204047265656b02020303046c616b6502020203046f7665720202020302726402020303037468650202020004317a71310202030301370202030301610202030301630204020303016c02020203016f0202020301720202030301740202020005327a71313202020303023738020203030261750202030302636f02020204017202020303026c6102020203026f76020202030272640202030302746802020204090a0b0a090909070809060607060606060a07070706070707');
INSERT INTO "properties_words_data" VALUES(412316860417,X'0000011e05307a713132030203030537383730340302030303616e790302020405757374696e0302030305637265656b0302030303666f720302020302697303020203046c616e6403020203046d6f726503020203036e6f7403020203027264030203030473616c650302020304746861740302020004317a71310302030301370302030301610304020303016303020303016603020203016903020203016c03020203016d03020203016e0302020301720302030301730302020301740302020005327a713132030203030237380302030302616e030202040175030203030263720302030302666f0302020302697303020203026c6103020203026d6f03020203026e6f03020203027264030203030273610302020302746803020204090a080a0a08070909080709090906070606060606060606060a0707060707070707070707');
INSERT INTO "properties_words_data" VALUES(549755813889,X'000000d105307a713132040203030537383730340402030301610402020405757374696e0402030305637265656b0402030304646f6f720402020305686f75736504020203027264040203040265640402020304776974680402020004317a713104020303013704020303016104040203030163040203030164040202030168040202030172040402030301770402020005327a7131320402030302373804020303026175040203030263720402030302646f0402020302686f040202030272640402030401650402020302776904020204090a060a0a090a07070909060706060607060a07070707070706');
INSERT INTO "properties_words_data" VALUES(687194767361,X'000001ac05307a7131320502050305373837303405020303016105020404026c6c05020204026e640502040401740502020405757374696e0502030305637265656b050205030a65766572797468696e670502020304686572650502020302697405020203046c696e6505020403046f6e6365050202050165050204030571756f74650502040302726405020503017305020203037461620502040402776f0502040307756e69636f646505020403047769746805020403057a7768346d0502040004317a7131050205030137050203030161050602030303016305020503016505020203016805020203016905020203016c05020403016f0504020403017105020403017205020503017305020203017405020403017505020403017705020403017a0502040005327a713132050205030237380502030302616c05020204016e0502040401740502020401750502030302637205020503026576050202030268650502020302697405020203026c6905020403026f6e050402040302717505020403027264050205030274610502040401770502040302756e0502040302776905020403027a7705020404090a060707060a0a0f09070909060a070608070c090a090608060606060607060606060606060a0707060606070707070708070707060707');
INSERT INTO "properties_words_data" VALUES(824633720833,X'000000b905307a71313206020303053738373034060203030661757374696e060203030262790602020305637265656b06020303036b657906020203046d616465060202030272640602030004317a713106020303013706020303016106020303016206020203016306020303016b06020203016d0602020301720602030005327a7131320602030302373806020303026175060203030262790602020302637206020303026b6506020203026d610602020302726406020304090a0b070a08090709060606060606060a070707070707');
INSERT INTO "properties_words_data" VALUES(962072674305,X'000000e104307a713107020301020303053738373034070203010203030661757374696e0702030102030308696d706f7274656407020201020203036f6c6407020301020304036e6365070202030273740702030102030303746f6f0802020004317a713107020301020303013707020301020303016107020301020303016907020201020203016f070402030102030301730702030102030301740802020005327a713738070203010203030261750702030102030302696d07020201020203026f6c07020301020304016e070202030273740702030102030302746f080202040b0d0e100b080a080c0909090a09060d0a0a0a060a');
DELETE FROM "properties_words_idx";
INSERT INTO "properties_words_idx" VALUES(1,X'',2);
INSERT INTO "properties_words_idx" VALUES(2,X'',2);
INSERT INTO "properties_words_idx" VALUES(3,X'',2);
INSERT INTO "properties_words_idx" VALUES(4,X'',2);
INSERT INTO "properties_words_idx" VALUES(5,X'',2);
INSERT INTO "properties_words_idx" VALUES(6,X'',2);
INSERT INTO "properties_words_idx" VALUES(7,X'',2);
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
INSERT INTO "sessions" VALUES(1,X'019ab027f500701182dc58b593a4aade',X'019ab027f50070018eb5ca17a6f14eb4',0,1763892000000000,1763892000000000,1769076000000000,NULL,'203.0.113.0');
INSERT INTO "sessions" VALUES(2,X'019ab027f5007014937ed63c0dc2273b',X'019ab027f5007004ad9fffde8a595af1',0,1763892000000000,1763892000000000,1769076000000000,NULL,'203.0.113.0');
INSERT INTO "sessions" VALUES(3,X'019ab027f5007017bb73aefbbabe7395',X'019ab027f5007007ab34045fb7477f4e',0,1763892000000000,1763892000000000,1769076000000000,NULL,'203.0.113.0');
INSERT INTO "sessions" VALUES(4,X'019ab027f500701a9cb12ad9530c4b33',X'019ab027f500700a915adf554ede3a55',0,1763892000000000,1763892000000000,1769076000000000,NULL,'203.0.113.0');
CREATE INDEX "sessions_user" ON "sessions" ("user_id","created_at","id");
CREATE INDEX "sessions_expiry" ON "sessions" ("expires_at","id");
CREATE TABLE "events" (pk INTEGER PRIMARY KEY,
    "id" BLOB NOT NULL UNIQUE CONSTRAINT "id" CHECK (length("id") = 16),
    "resource" TEXT NOT NULL CONSTRAINT "resource" CHECK (length(CAST("resource" AS BLOB)) <= 32),
    "resource_id" BLOB NOT NULL CONSTRAINT "resource_id" CHECK (length("resource_id") = 16),
    "change" TEXT NOT NULL CONSTRAINT "change" CHECK ("change" = 'created' OR "change" = 'updated' OR "change" = 'deleted' OR "change" = 'restored' OR "change" = 'purged'),
    "version" INTEGER NOT NULL CONSTRAINT "version" CHECK ("version" BETWEEN 1 AND 2147483647),
    "actor_id" BLOB CONSTRAINT "actor_id" CHECK (length("actor_id") = 16),
    "created_at" INTEGER NOT NULL,
    "seq" INTEGER CONSTRAINT "seq" CHECK ("seq" BETWEEN 1 AND 9223372036854775807)) STRICT;
INSERT INTO "events" VALUES(1,X'019ab027f5007002b7893055dfbc1da0','user',X'019ab027f50070018eb5ca17a6f14eb4','created',1,NULL,1763892000000000,1);
INSERT INTO "events" VALUES(2,X'019ab027f50070058c0722cdd901c94a','user',X'019ab027f5007004ad9fffde8a595af1','created',1,NULL,1763892000000000,2);
INSERT INTO "events" VALUES(3,X'019ab027f5007008948d005130554343','user',X'019ab027f5007007ab34045fb7477f4e','created',1,NULL,1763892000000000,3);
INSERT INTO "events" VALUES(4,X'019ab027f500700b90ab449beaff0e33','user',X'019ab027f500700a915adf554ede3a55','created',1,NULL,1763892000000000,4);
INSERT INTO "events" VALUES(5,X'019ab027f500700db00b985d24249270','agent',X'019ab027f5007004ad9fffde8a595af1','created',1,NULL,1763892000000000,5);
INSERT INTO "events" VALUES(6,X'019ab027f500700faa787aba53f78c95','agent',X'019ab027f5007007ab34045fb7477f4e','created',1,NULL,1763892000000000,6);
INSERT INTO "events" VALUES(7,X'019ab027f500701e8d0717c711721d05','property',X'019ab027f500701db2bdea7e7eecd58a','created',1,X'019ab027f5007004ad9fffde8a595af1',1763892000000000,7);
INSERT INTO "events" VALUES(8,X'019ab027f500702098e2787f5d553bb1','property',X'019ab027f500701f89f946173789de36','created',1,X'019ab027f5007004ad9fffde8a595af1',1763892000000000,8);
INSERT INTO "events" VALUES(9,X'019ab027f50070229d11448a8d4027a3','property',X'019ab027f5007021a7920ec9485ffb57','created',1,X'019ab027f5007004ad9fffde8a595af1',1763892000000000,9);
INSERT INTO "events" VALUES(10,X'019ab027f5007024afc4610d0b9bbc57','property',X'019ab027f50070238e56dffbfcb7bf52','created',1,X'019ab027f5007007ab34045fb7477f4e',1763892000000000,10);
INSERT INTO "events" VALUES(11,X'019ab027f5007026b9c12006672c853d','property',X'019ab027f500702580a58e2dd624b985','created',1,X'019ab027f5007004ad9fffde8a595af1',1763892000000000,11);
INSERT INTO "events" VALUES(12,X'019ab028df607002aab43e1aa5466afe','property',X'019ab027f500701db2bdea7e7eecd58a','updated',2,X'019ab027f5007004ad9fffde8a595af1',1763892060000000,12);
INSERT INTO "events" VALUES(13,X'019ab028df607003960c6998520d3df3','property',X'019ab027f50070238e56dffbfcb7bf52','deleted',2,X'019ab027f5007007ab34045fb7477f4e',1763892060000000,13);
INSERT INTO "events" VALUES(14,X'019ab028df607007a21d2f1028ccfc75','property',X'019ab028df607005845d61454467e197','created',1,X'019ab027f5007004ad9fffde8a595af1',1763892060000000,14);
INSERT INTO "events" VALUES(15,X'019ab028df607009ba31d2dd57e12d9e','property',X'019ab028df607008a0fd5b9f0e4e585b','created',1,X'019ab027f5007004ad9fffde8a595af1',1763892060000000,15);
INSERT INTO "events" VALUES(16,X'019ab028df60700c8868683397cc8970','property',X'019ab028df60700bb2b29bf144262eed','created',1,X'019ab027f5007004ad9fffde8a595af1',1763892060000000,16);
INSERT INTO "events" VALUES(17,X'019ab028df607013a363e83a7f658f07','lead',X'019ab028df60700f92a373c5832695ee','created',1,X'019ab027f500700a915adf554ede3a55',1763892060000000,17);
INSERT INTO "events" VALUES(18,X'019ab028df607014b42e96956926af69','touch',X'019ab028df6070108652b6bb8f389c2b','created',1,X'019ab027f500700a915adf554ede3a55',1763892060000000,18);
INSERT INTO "events" VALUES(19,X'019ab028df60701bac4e7c3b16b2c8ee','lead',X'019ab028df607015bdc5945253561437','created',1,NULL,1763892060000000,19);
INSERT INTO "events" VALUES(20,X'019ab028df60701cb487722a24d6bfec','touch',X'019ab028df6070168fb6528c6ccf6e43','created',1,NULL,1763892060000000,20);
INSERT INTO "events" VALUES(21,X'019ab028df60701e8f772ca5382245b7','touch',X'019ab028df60701d99a0dcbea7d002b6','created',1,X'019ab027f5007004ad9fffde8a595af1',1763892060000000,21);
INSERT INTO "events" VALUES(22,X'019ab028df607020b1641c15c4c2c14c','lead',X'019ab028df60700f92a373c5832695ee','updated',2,X'019ab027f5007004ad9fffde8a595af1',1763892060000000,22);
INSERT INTO "events" VALUES(23,X'019ab028df60702892da2298a99b48b9','appointment',X'019ab028df607021b77c3643c7f045b2','created',1,X'019ab027f5007004ad9fffde8a595af1',1763892060000000,23);
INSERT INTO "events" VALUES(24,X'019ab028df60702fa5e1b01cc96e3b95','appointment',X'019ab028df607021b77c3643c7f045b2','updated',2,X'019ab027f5007004ad9fffde8a595af1',1763892060000000,24);
INSERT INTO "events" VALUES(25,X'019ab028df6070318b0d5854b64d38df','document',X'6922db5c85fc8f0bb1d01aeba85cae13','created',1,X'019ab027f5007004ad9fffde8a595af1',1763892060000000,25);
INSERT INTO "events" VALUES(26,X'019ab028df607034849f12de0645d459','document',X'6922db5c85fc8f0bb1d01aeba85cae13','updated',2,X'019ab027f5007004ad9fffde8a595af1',1763892060000000,26);
INSERT INTO "events" VALUES(27,X'019ab028df607037babe949cdef26657','share',X'019ab028df607036b72775c739a2aec8','created',1,X'019ab027f5007004ad9fffde8a595af1',1763892060000000,27);
INSERT INTO "events" VALUES(28,X'019ab028df60703bb7222037936a04b7','favorite',X'019ab028df60703a8fc40b40c66e4b66','created',1,X'019ab027f500700a915adf554ede3a55',1763892060000000,28);
INSERT INTO "events" VALUES(29,X'019ab028df60703d98c2868171af2efc','search',X'019ab028df60703c876d07e67bb4c423','created',1,X'019ab027f500700a915adf554ede3a55',1763892060000000,29);
CREATE TABLE "price_history" (pk INTEGER PRIMARY KEY,
    "id" BLOB NOT NULL UNIQUE CONSTRAINT "id" CHECK (length("id") = 16),
    "property_id" BLOB NOT NULL CONSTRAINT "property_id" CHECK (length("property_id") = 16),
    "old_price" INTEGER CONSTRAINT "old_price" CHECK ("old_price" BETWEEN 1 AND 99999999999999),
    "new_price" INTEGER NOT NULL CONSTRAINT "new_price" CHECK ("new_price" BETWEEN 1 AND 99999999999999),
    "currency" TEXT NOT NULL CONSTRAINT "currency" CHECK (length("currency") <= 3),
    "actor_id" BLOB CONSTRAINT "actor_id" CHECK (length("actor_id") = 16),
    "version" INTEGER NOT NULL CONSTRAINT "version" CHECK ("version" BETWEEN 1 AND 2147483647),
    "created_at" INTEGER NOT NULL) STRICT;
INSERT INTO "price_history" VALUES(1,X'019ab028df6070008093082eef1e3c04',X'019ab027f500701db2bdea7e7eecd58a',48900000,47500000,'USD',X'019ab027f5007004ad9fffde8a595af1',2,1763892060000000);
CREATE INDEX "price_history_property" ON "price_history" ("property_id","created_at","id");
CREATE TABLE "status_history" (pk INTEGER PRIMARY KEY,
    "id" BLOB NOT NULL UNIQUE CONSTRAINT "id" CHECK (length("id") = 16),
    "property_id" BLOB NOT NULL CONSTRAINT "property_id" CHECK (length("property_id") = 16),
    "old_status" TEXT CONSTRAINT "old_status" CHECK ("old_status" = 'Active' OR "old_status" = 'Active Under Contract' OR "old_status" = 'Canceled' OR "old_status" = 'Closed' OR "old_status" = 'Coming Soon' OR "old_status" = 'Delete' OR "old_status" = 'Expired' OR "old_status" = 'Hold' OR "old_status" = 'Incomplete' OR "old_status" = 'Pending' OR "old_status" = 'Withdrawn'),
    "new_status" TEXT NOT NULL CONSTRAINT "new_status" CHECK ("new_status" = 'Active' OR "new_status" = 'Active Under Contract' OR "new_status" = 'Canceled' OR "new_status" = 'Closed' OR "new_status" = 'Coming Soon' OR "new_status" = 'Delete' OR "new_status" = 'Expired' OR "new_status" = 'Hold' OR "new_status" = 'Incomplete' OR "new_status" = 'Pending' OR "new_status" = 'Withdrawn'),
    "actor_id" BLOB CONSTRAINT "actor_id" CHECK (length("actor_id") = 16),
    "version" INTEGER NOT NULL CONSTRAINT "version" CHECK ("version" BETWEEN 1 AND 2147483647),
    "created_at" INTEGER NOT NULL) STRICT;
INSERT INTO "status_history" VALUES(1,X'019ab028df6070019cf0a13d79b4f34d',X'019ab027f500701db2bdea7e7eecd58a','Active','Pending',X'019ab027f5007004ad9fffde8a595af1',2,1763892060000000);
CREATE INDEX "status_history_property" ON "status_history" ("property_id","created_at","id");
CREATE TABLE "idempotency_keys" (pk INTEGER PRIMARY KEY,
    "id" BLOB NOT NULL UNIQUE CONSTRAINT "id" CHECK (length("id") = 16),
    "actor_id" BLOB NOT NULL CONSTRAINT "actor_id" CHECK (length("actor_id") = 16),
    "operation" TEXT NOT NULL CONSTRAINT "operation" CHECK (length(CAST("operation" AS BLOB)) <= 64),
    "key" TEXT CONSTRAINT "key" CHECK (length(CAST("key" AS BLOB)) <= 255),
    "request_hash" BLOB CONSTRAINT "request_hash" CHECK (length("request_hash") <= 32),
    "result_id" BLOB CONSTRAINT "result_id" CHECK (length("result_id") = 16),
    "result_version" INTEGER CONSTRAINT "result_version" CHECK ("result_version" BETWEEN 1 AND 2147483647),
    "created_at" INTEGER NOT NULL) STRICT;
INSERT INTO "idempotency_keys" VALUES(1,X'019ab028df607006946cc7ffcdcb332f',X'019ab027f5007004ad9fffde8a595af1','property.create','upgrade-1',X'6729149bb3e4f69f65eafb0dd920573ed16d222f6804b7cbd0157dcdd4427a5f',X'019ab028df607005845d61454467e197',NULL,1763892060000000);
CREATE UNIQUE INDEX "idempotency_keys_key" ON "idempotency_keys" ("actor_id","operation","key");
CREATE INDEX "idempotency_keys_created" ON "idempotency_keys" ("created_at","id");
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
    "created_at" INTEGER NOT NULL, "seq" INTEGER CONSTRAINT "seq" CHECK ("seq" BETWEEN 1 AND 9223372036854775807), "pseudonym" BLOB CONSTRAINT "pseudonym" CHECK (length("pseudonym") <= 32), "seal" BLOB CONSTRAINT "seal" CHECK (length("seal") <= 32)) STRICT;
INSERT INTO "audit_log" VALUES(1,X'019ab027f500700380f94028661c28c5','user_created',NULL,NULL,NULL,NULL,'user',X'019ab027f50070018eb5ca17a6f14eb4','ok',NULL,1763892000000000,1,NULL,X'935c43974f260c2cf61973517c75839463b3aa69c67e034167c70c399d4653a3');
INSERT INTO "audit_log" VALUES(2,X'019ab027f5007006b74890dbba80480c','user_created',NULL,NULL,NULL,NULL,'user',X'019ab027f5007004ad9fffde8a595af1','ok',NULL,1763892000000000,2,NULL,X'806fd5226eb532303a221f800a3337d186b33c931be6bab4f873b6c4d2c79693');
INSERT INTO "audit_log" VALUES(3,X'019ab027f50070099da2f756c5245228','user_created',NULL,NULL,NULL,NULL,'user',X'019ab027f5007007ab34045fb7477f4e','ok',NULL,1763892000000000,3,NULL,X'9999d860752166ce98ea48fe3f936be1f747fcb00e4dba5314cdaebbe2325214');
INSERT INTO "audit_log" VALUES(4,X'019ab027f500700c9d3ada13e53b09b4','user_created',NULL,NULL,NULL,NULL,'user',X'019ab027f500700a915adf554ede3a55','ok',NULL,1763892000000000,4,NULL,X'ef2933118c3c1845a26d65c0a24b892cc54158c2bdb26039f0e47729e3e3fe81');
INSERT INTO "audit_log" VALUES(5,X'019ab027f500700eab2e3765395bc48e','user_updated',NULL,NULL,NULL,NULL,'agent',X'019ab027f5007004ad9fffde8a595af1','ok',NULL,1763892000000000,5,NULL,X'8d54c6fa8614868a77f6a9c8f18e7a4667c9fb0d10211fd45d6878bae4c86f19');
INSERT INTO "audit_log" VALUES(6,X'019ab027f5007010ac7101a2e18f0169','user_updated',NULL,NULL,NULL,NULL,'agent',X'019ab027f5007007ab34045fb7477f4e','ok',NULL,1763892000000000,6,NULL,X'6e90dd66d44f8172e6cdbea894c6fa8d6e2606f2ee3ce58c40ef6f9efa1b0d88');
INSERT INTO "audit_log" VALUES(7,X'019ab027f5007013ba91bb7dc4a1148c','authn_login_success',X'019ab027f50070018eb5ca17a6f14eb4',NULL,NULL,'203.0.113.0','user',X'019ab027f50070018eb5ca17a6f14eb4','ok',NULL,1763892000000000,7,X'fe4c133e3d9e7b0c7c4255ec867041b19c374b3b8d4a8de0fdc821136b37d6fb',X'8fdae032ecfe6d84b4ec7c6985b9da78c3e396e670e5aebb8916989f619909ac');
INSERT INTO "audit_log" VALUES(8,X'019ab027f50070168111035ba76a29a8','authn_login_success',X'019ab027f5007004ad9fffde8a595af1',NULL,NULL,'203.0.113.0','user',X'019ab027f5007004ad9fffde8a595af1','ok',NULL,1763892000000000,8,X'95b07b06a4eadcf1efa7d99b16877a4f9eaeee1d9cae5a6b22491226cfc5a335',X'aeb98f5f314fc08461b015995579a9c861680c1802f84c22bd9439a69bc4a000');
INSERT INTO "audit_log" VALUES(9,X'019ab027f500701983ecb918694baec2','authn_login_success',X'019ab027f5007007ab34045fb7477f4e',NULL,NULL,'203.0.113.0','user',X'019ab027f5007007ab34045fb7477f4e','ok',NULL,1763892000000000,9,X'49fec6df0347988f901cb6c8179f7f20c40bc00fdc8f8e884e18b4f7b88a496b',X'f17ca52730d5ec7ff4f2650befa1e8d7e5297fcd0f46231afc19765b8d865bc0');
INSERT INTO "audit_log" VALUES(10,X'019ab027f500701c8cb5be738f31bbaf','authn_login_success',X'019ab027f500700a915adf554ede3a55',NULL,NULL,'203.0.113.0','user',X'019ab027f500700a915adf554ede3a55','ok',NULL,1763892000000000,10,X'732fd91e9c930b85887cbd826dfecfee49f29957ea0b6eefa95ffc9859370ecc',X'75aeaea36bf4f9b2efda1aae52c3c2aed44b51a1ae44a79ec1a4aed73d67429b');
INSERT INTO "audit_log" VALUES(11,X'019ab028df607004befdcd2bb9dea4dd','sensitive_delete',X'019ab027f5007007ab34045fb7477f4e',X'019ab027f5007017bb73aefbbabe7395',NULL,'203.0.113.0','property',X'019ab027f50070238e56dffbfcb7bf52','ok',NULL,1763892060000000,11,X'49fec6df0347988f901cb6c8179f7f20c40bc00fdc8f8e884e18b4f7b88a496b',X'51905126c2cd2612b8d30884517f3828702b0eab2af87ff8a3d57d4cd27b4aac');
INSERT INTO "audit_log" VALUES(12,X'019ab028df60700e82bca0268be61128','authz_fail',X'019ab027f500700a915adf554ede3a55',X'019ab027f500701a9cb12ad9530c4b33',NULL,'203.0.113.0','property',X'019ab027f500701db2bdea7e7eecd58a','refused','delete a listing',1763892060000000,12,X'732fd91e9c930b85887cbd826dfecfee49f29957ea0b6eefa95ffc9859370ecc',X'e725d93ffbb67a3e1a0b334740022bbddcab0741d429df3b0b5cd42d7a8e497b');
INSERT INTO "audit_log" VALUES(13,X'019ab028df607032861cc6a409b022e4','sensitive_create',X'019ab027f5007004ad9fffde8a595af1',X'019ab027f5007014937ed63c0dc2273b',NULL,'203.0.113.0','document',X'019ab028df607030b5a5df8cead8fa16','ok',NULL,1763892060000000,13,X'95b07b06a4eadcf1efa7d99b16877a4f9eaeee1d9cae5a6b22491226cfc5a335',X'8a57a27299dc387b3ad20b79f37cdb6065b567ec5f98ef2d03296353e26323d8');
INSERT INTO "audit_log" VALUES(14,X'019ab028df607035b4ebf6f58b18ea06','sensitive_create',X'019ab027f5007004ad9fffde8a595af1',X'019ab027f5007014937ed63c0dc2273b',NULL,'203.0.113.0','document',X'019ab028df607033aa2e52210823f4e0','ok',NULL,1763892060000000,14,X'95b07b06a4eadcf1efa7d99b16877a4f9eaeee1d9cae5a6b22491226cfc5a335',X'f338ad489d4abde28256d30e922dfb253b69ca7da0fb5aed5d45ad0e96620a9d');
INSERT INTO "audit_log" VALUES(15,X'019ab028df607038a5549a4d710edb34','authz_change',X'019ab027f5007004ad9fffde8a595af1',X'019ab027f5007014937ed63c0dc2273b',NULL,'203.0.113.0','document',X'019ab028df607030b5a5df8cead8fa16','ok','shared with a buyer',1763892060000000,15,X'95b07b06a4eadcf1efa7d99b16877a4f9eaeee1d9cae5a6b22491226cfc5a335',X'5b32e96d0bf5b205466003cf0d3e9dbd0dbf26a1dbd3d680b457d7eaa86d4a7e');
CREATE INDEX "audit_log_actor" ON "audit_log" ("actor_id","created_at","id");
CREATE INDEX "audit_log_created" ON "audit_log" ("created_at","id");
CREATE TABLE "import_rows" (pk INTEGER PRIMARY KEY,
    "id" BLOB NOT NULL UNIQUE CONSTRAINT "id" CHECK (length("id") = 16),
    "source_system" TEXT NOT NULL CONSTRAINT "source_system" CHECK (length(CAST("source_system" AS BLOB)) <= 64),
    "source_key" TEXT NOT NULL CONSTRAINT "source_key" CHECK (length(CAST("source_key" AS BLOB)) <= 255),
    "property_id" BLOB NOT NULL CONSTRAINT "property_id" CHECK (length("property_id") = 16),
    "as_of" INTEGER,
    "row_hash" BLOB NOT NULL CONSTRAINT "row_hash" CHECK (length("row_hash") <= 32),
    "updated_at" INTEGER NOT NULL) STRICT;
INSERT INTO "import_rows" VALUES(1,X'019ab028df60700ab4d32d2b11bca94e','upgrade','1',X'019ab028df607008a0fd5b9f0e4e585b',NULL,X'ff9157ca19032582e2e4a150599a0ea4047f8979cb02cc8bc3a7ec8fe5dc9bfa',1763892060000000);
INSERT INTO "import_rows" VALUES(2,X'019ab028df60700da1dfbf5ff137363a','upgrade','2',X'019ab028df60700bb2b29bf144262eed',NULL,X'3762fab8c66e6d5b24ba7a2eca93c0a680d3c839d6a35935b4ca558bbbd8451c',1763892060000000);
CREATE UNIQUE INDEX "import_rows_source" ON "import_rows" ("source_system","source_key");
CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, hash INTEGER NOT NULL, applied_at INTEGER NOT NULL) STRICT;
INSERT INTO "schema_migrations" VALUES(1,-1969997057202251628,1796068975961139);
INSERT INTO "schema_migrations" VALUES(2,-7705851540544306543,1796068976032353);
INSERT INTO "schema_migrations" VALUES(3,6707021452746807608,1796068976039864);
INSERT INTO "schema_migrations" VALUES(4,1059210451979072271,1796068976047927);
INSERT INTO "schema_migrations" VALUES(5,-1395879515634251454,1796068976050696);
INSERT INTO "schema_migrations" VALUES(6,7021220646878750019,1796068976053633);
CREATE TABLE "leads" (pk INTEGER PRIMARY KEY,
    "id" BLOB NOT NULL UNIQUE CONSTRAINT "id" CHECK (length("id") = 16),
    "buyer_id" BLOB CONSTRAINT "buyer_id" CHECK (length("buyer_id") = 16),
    "agent_id" BLOB CONSTRAINT "agent_id" CHECK (length("agent_id") = 16),
    "property_id" BLOB CONSTRAINT "property_id" CHECK (length("property_id") = 16),
    "status" TEXT NOT NULL DEFAULT 'new' CONSTRAINT "status" CHECK ("status" = 'new' OR "status" = 'contacted' OR "status" = 'qualified' OR "status" = 'closed' OR "status" = 'lost'),
    "source" TEXT CONSTRAINT "source" CHECK (length("source") <= 50),
    "notes" TEXT CONSTRAINT "notes" CHECK (length("notes") <= 20000),
    "contact_name" TEXT CONSTRAINT "contact_name" CHECK (length("contact_name") <= 100),
    "contact_email" TEXT CONSTRAINT "contact_email" CHECK (length("contact_email") <= 255),
    "contact_phone" TEXT CONSTRAINT "contact_phone" CHECK (length("contact_phone") <= 20),
    "message" TEXT CONSTRAINT "message" CHECK (length("message") <= 4000),
    "budget_min" INTEGER CONSTRAINT "budget_min" CHECK ("budget_min" BETWEEN 1 AND 99999999999999),
    "budget_max" INTEGER CONSTRAINT "budget_max" CHECK ("budget_max" BETWEEN 1 AND 99999999999999),
    "timeline_days" INTEGER CONSTRAINT "timeline_days" CHECK ("timeline_days" BETWEEN 0 AND 3650),
    "financing" TEXT CONSTRAINT "financing" CHECK ("financing" = 'cash' OR "financing" = 'pre_approved' OR "financing" = 'applying' OR "financing" = 'not_started'),
    "consent_marketing" INTEGER NOT NULL DEFAULT 0 CONSTRAINT "consent_marketing" CHECK ("consent_marketing" BETWEEN 0 AND 1),
    "consent_at" INTEGER,
    "consent_source" TEXT CONSTRAINT "consent_source" CHECK (length("consent_source") <= 50),
    "score" INTEGER CONSTRAINT "score" CHECK ("score" BETWEEN 0 AND 100),
    "score_band" TEXT CONSTRAINT "score_band" CHECK ("score_band" = 'hot' OR "score_band" = 'warm' OR "score_band" = 'cool' OR "score_band" = 'cold'),
    "score_version" TEXT CONSTRAINT "score_version" CHECK (length("score_version") <= 32),
    "assigned_at" INTEGER,
    "assign_reason" TEXT CONSTRAINT "assign_reason" CHECK ("assign_reason" = 'listing_agent' OR "assign_reason" = 'area_pool' OR "assign_reason" = 'unassigned' OR "assign_reason" = 'creator' OR "assign_reason" = 'hand_over' OR "assign_reason" = 'admin' OR "assign_reason" = 'merge'),
    "response_due_at" INTEGER,
    "first_response_at" INTEGER,
    "response_seconds" INTEGER CONSTRAINT "response_seconds" CHECK ("response_seconds" BETWEEN 0 AND 2147483647),
    "response_late" INTEGER NOT NULL DEFAULT 0 CONSTRAINT "response_late" CHECK ("response_late" BETWEEN 0 AND 1),
    "status_changed_at" INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)),
    "lost_reason" TEXT CONSTRAINT "lost_reason" CHECK ("lost_reason" = 'no_response' OR "lost_reason" = 'bought_elsewhere' OR "lost_reason" = 'not_qualified' OR "lost_reason" = 'price' OR "lost_reason" = 'duplicate' OR "lost_reason" = 'withdrawn' OR "lost_reason" = 'opted_out' OR "lost_reason" = 'spam' OR "lost_reason" = 'other'),
    "close_price" INTEGER CONSTRAINT "close_price" CHECK ("close_price" BETWEEN 1 AND 99999999999999),
    "reopened_count" INTEGER NOT NULL DEFAULT 0 CONSTRAINT "reopened_count" CHECK ("reopened_count" BETWEEN 0 AND 2147483647),
    "contact_id" BLOB CONSTRAINT "contact_id" CHECK (length("contact_id") = 16),
    "merged_into" BLOB CONSTRAINT "merged_into" CHECK (length("merged_into") = 16),
    "version" INTEGER NOT NULL DEFAULT 1 CONSTRAINT "version" CHECK ("version" BETWEEN 1 AND 2147483647),
    "created_at" INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)),
    "updated_at" INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))) STRICT;
INSERT INTO "leads" VALUES(1,X'019ab028df60700f92a373c5832695ee',X'019ab027f500700a915adf554ede3a55',X'019ab027f5007004ad9fffde8a595af1',X'019ab027f500701f89f946173789de36','contacted','website',NULL,'Bea Buyer','bea@example.com',NULL,'Is it “still” available?',NULL,50000000,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,1763892060000000,'listing_agent',NULL,1763892060000000,0,0,1763892060000000,NULL,NULL,0,X'019ab028df607011952a3da4755e399a',NULL,2,1763892060000000,1763892060000000);
INSERT INTO "leads" VALUES(2,X'019ab028df607015bdc5945253561437',NULL,X'019ab027f5007004ad9fffde8a595af1',X'019ab027f500701f89f946173789de36','new','website',NULL,NULL,'guest@example.com',NULL,'Is it “still” available?',NULL,50000000,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,1763892060000000,'listing_agent',1763895660000000,NULL,NULL,0,1763892060000000,NULL,NULL,0,X'019ab028df6070199b235c6a9db947ec',NULL,1,1763892060000000,1763892060000000);
CREATE INDEX "leads_agent_status" ON "leads" ("agent_id","status","created_at","id");
CREATE INDEX "leads_agent_created" ON "leads" ("agent_id","created_at","id");
CREATE INDEX "leads_agent_due" ON "leads" ("agent_id","response_due_at","id");
CREATE INDEX "leads_buyer_created" ON "leads" ("buyer_id","created_at","id");
CREATE INDEX "leads_property_status" ON "leads" ("property_id","status","created_at","id");
CREATE INDEX "leads_contact" ON "leads" ("contact_id","property_id","created_at","id");
CREATE INDEX "leads_status" ON "leads" ("status","created_at","id");
CREATE INDEX "leads_created" ON "leads" ("created_at","id");
CREATE INDEX "leads_due" ON "leads" ("response_due_at","id");
CREATE TABLE "contacts" (pk INTEGER PRIMARY KEY,
    "id" BLOB NOT NULL UNIQUE CONSTRAINT "id" CHECK (length("id") = 16),
    "email_norm" TEXT CONSTRAINT "email_norm" CHECK (length(CAST("email_norm" AS BLOB)) <= 1020),
    "phone_norm" TEXT CONSTRAINT "phone_norm" CHECK (length(CAST("phone_norm" AS BLOB)) <= 32),
    "full_name" TEXT CONSTRAINT "full_name" CHECK (length("full_name") <= 100),
    "user_id" BLOB CONSTRAINT "user_id" CHECK (length("user_id") = 16),
    "created_at" INTEGER NOT NULL,
    "updated_at" INTEGER NOT NULL) STRICT;
INSERT INTO "contacts" VALUES(1,X'019ab028df607011952a3da4755e399a','bea@example.com',NULL,'Bea Buyer',X'019ab027f500700a915adf554ede3a55',1763892060000000,1763892060000000);
INSERT INTO "contacts" VALUES(2,X'019ab028df6070199b235c6a9db947ec','guest@example.com',NULL,NULL,NULL,1763892060000000,1763892060000000);
CREATE UNIQUE INDEX "contacts_email_norm" ON "contacts" ("email_norm");
CREATE UNIQUE INDEX "contacts_phone_norm" ON "contacts" ("phone_norm");
CREATE TABLE "lead_touches" (pk INTEGER PRIMARY KEY,
    "id" BLOB NOT NULL UNIQUE CONSTRAINT "id" CHECK (length("id") = 16),
    "lead_id" BLOB NOT NULL CONSTRAINT "lead_id" CHECK (length("lead_id") = 16),
    "kind" TEXT NOT NULL CONSTRAINT "kind" CHECK ("kind" = 'inquiry' OR "kind" = 'call' OR "kind" = 'message' OR "kind" = 'email' OR "kind" = 'note'),
    "property_id" BLOB CONSTRAINT "property_id" CHECK (length("property_id") = 16),
    "contact_name" TEXT CONSTRAINT "contact_name" CHECK (length("contact_name") <= 100),
    "contact_email" TEXT CONSTRAINT "contact_email" CHECK (length("contact_email") <= 255),
    "contact_phone" TEXT CONSTRAINT "contact_phone" CHECK (length("contact_phone") <= 20),
    "message" TEXT CONSTRAINT "message" CHECK (length("message") <= 4000),
    "budget_min" INTEGER CONSTRAINT "budget_min" CHECK ("budget_min" BETWEEN 1 AND 99999999999999),
    "budget_max" INTEGER CONSTRAINT "budget_max" CHECK ("budget_max" BETWEEN 1 AND 99999999999999),
    "timeline_days" INTEGER CONSTRAINT "timeline_days" CHECK ("timeline_days" BETWEEN 0 AND 3650),
    "financing" TEXT CONSTRAINT "financing" CHECK ("financing" = 'cash' OR "financing" = 'pre_approved' OR "financing" = 'applying' OR "financing" = 'not_started'),
    "consent_marketing" INTEGER CONSTRAINT "consent_marketing" CHECK ("consent_marketing" BETWEEN 0 AND 1),
    "actor_id" BLOB CONSTRAINT "actor_id" CHECK (length("actor_id") = 16),
    "token_hash" BLOB CONSTRAINT "token_hash" CHECK (length("token_hash") <= 32),
    "token_expires_at" INTEGER,
    "created_at" INTEGER NOT NULL) STRICT;
INSERT INTO "lead_touches" VALUES(1,X'019ab028df6070108652b6bb8f389c2b',X'019ab028df60700f92a373c5832695ee','inquiry',X'019ab027f500701f89f946173789de36','Bea Buyer','bea@example.com',NULL,'Is it “still” available?',NULL,50000000,NULL,NULL,0,X'019ab027f500700a915adf554ede3a55',NULL,NULL,1763892060000000);
INSERT INTO "lead_touches" VALUES(2,X'019ab028df6070168fb6528c6ccf6e43',X'019ab028df607015bdc5945253561437','inquiry',X'019ab027f500701f89f946173789de36',NULL,'guest@example.com',NULL,'Is it “still” available?',NULL,50000000,NULL,NULL,0,NULL,X'ab592e68c9db8ccdc67e1e91d1f9cb9a8f98fb6017e9611b2c64992c42ce16ee',1771668060000000,1763892060000000);
INSERT INTO "lead_touches" VALUES(3,X'019ab028df60701d99a0dcbea7d002b6',X'019ab028df60700f92a373c5832695ee','call',NULL,NULL,NULL,NULL,'Called back',NULL,NULL,NULL,NULL,NULL,X'019ab027f5007004ad9fffde8a595af1',NULL,NULL,1763892060000000);
CREATE INDEX "lead_touches_lead" ON "lead_touches" ("lead_id","created_at","id");
CREATE UNIQUE INDEX "lead_touches_token" ON "lead_touches" ("token_hash");
CREATE TABLE "lead_history" (pk INTEGER PRIMARY KEY,
    "id" BLOB NOT NULL UNIQUE CONSTRAINT "id" CHECK (length("id") = 16),
    "lead_id" BLOB NOT NULL CONSTRAINT "lead_id" CHECK (length("lead_id") = 16),
    "old_status" TEXT CONSTRAINT "old_status" CHECK ("old_status" = 'new' OR "old_status" = 'contacted' OR "old_status" = 'qualified' OR "old_status" = 'closed' OR "old_status" = 'lost'),
    "new_status" TEXT NOT NULL CONSTRAINT "new_status" CHECK ("new_status" = 'new' OR "new_status" = 'contacted' OR "new_status" = 'qualified' OR "new_status" = 'closed' OR "new_status" = 'lost'),
    "old_agent_id" BLOB CONSTRAINT "old_agent_id" CHECK (length("old_agent_id") = 16),
    "new_agent_id" BLOB CONSTRAINT "new_agent_id" CHECK (length("new_agent_id") = 16),
    "actor_id" BLOB CONSTRAINT "actor_id" CHECK (length("actor_id") = 16),
    "reason" TEXT CONSTRAINT "reason" CHECK (length("reason") <= 255),
    "version" INTEGER NOT NULL CONSTRAINT "version" CHECK ("version" BETWEEN 1 AND 2147483647),
    "created_at" INTEGER NOT NULL) STRICT;
INSERT INTO "lead_history" VALUES(1,X'019ab028df607012a7144f1d53c05961',X'019ab028df60700f92a373c5832695ee',NULL,'new',NULL,X'019ab027f5007004ad9fffde8a595af1',X'019ab027f500700a915adf554ede3a55',NULL,1,1763892060000000);
INSERT INTO "lead_history" VALUES(2,X'019ab028df60701a9ff2c1669716d39f',X'019ab028df607015bdc5945253561437',NULL,'new',NULL,X'019ab027f5007004ad9fffde8a595af1',NULL,NULL,1,1763892060000000);
INSERT INTO "lead_history" VALUES(3,X'019ab028df60701fa2fe06592ca3fe5a',X'019ab028df60700f92a373c5832695ee','new','contacted',X'019ab027f5007004ad9fffde8a595af1',X'019ab027f5007004ad9fffde8a595af1',X'019ab027f5007004ad9fffde8a595af1',NULL,2,1763892060000000);
CREATE INDEX "lead_history_lead" ON "lead_history" ("lead_id","created_at","id");
CREATE TABLE "agent_areas" (pk INTEGER PRIMARY KEY,
    "id" BLOB NOT NULL UNIQUE CONSTRAINT "id" CHECK (length("id") = 16),
    "user_id" BLOB NOT NULL CONSTRAINT "user_id" CHECK (length("user_id") = 16),
    "area" TEXT NOT NULL CONSTRAINT "area" CHECK (length(CAST("area" AS BLOB)) <= 700)) STRICT;
CREATE UNIQUE INDEX "agent_areas_area" ON "agent_areas" ("area","user_id");
CREATE INDEX "agent_areas_user" ON "agent_areas" ("user_id","id");
CREATE TABLE "agent_load" (pk INTEGER PRIMARY KEY,
    "user_id" BLOB NOT NULL UNIQUE CONSTRAINT "user_id" CHECK (length("user_id") = 16),
    "open_leads" INTEGER NOT NULL CONSTRAINT "open_leads" CHECK ("open_leads" BETWEEN 0 AND 2147483647),
    "last_assigned_at" INTEGER,
    "version" INTEGER NOT NULL CONSTRAINT "version" CHECK ("version" BETWEEN 1 AND 2147483647)) STRICT;
INSERT INTO "agent_load" VALUES(1,X'019ab027f5007004ad9fffde8a595af1',2,1763892060000000,3);
INSERT INTO "agent_load" VALUES(2,X'019ab027f5007007ab34045fb7477f4e',0,NULL,1);
CREATE INDEX "agent_load_last" ON "agent_load" ("last_assigned_at","user_id");
CREATE TABLE "rate_limits" (pk INTEGER PRIMARY KEY,
    "id" BLOB NOT NULL UNIQUE CONSTRAINT "id" CHECK (length("id") = 16),
    "scope" TEXT NOT NULL CONSTRAINT "scope" CHECK (length(CAST("scope" AS BLOB)) <= 32),
    "subject" BLOB NOT NULL CONSTRAINT "subject" CHECK (length("subject") <= 32),
    "window_start" INTEGER NOT NULL,
    "count" INTEGER NOT NULL CONSTRAINT "count" CHECK ("count" BETWEEN 0 AND 2147483647)) STRICT;
INSERT INTO "rate_limits" VALUES(1,X'019ab028df6070179aa74fd5f8d51a17','lead.address',X'0dfd8045f8abc47cf40ebc9bcc3a78f1ee9feca4bc5926b46a6df2202a207d4c',1763892000000000,1);
INSERT INTO "rate_limits" VALUES(2,X'019ab028df60701890c7750b06a79f63','lead.listing',X'403ba3dd476b40d894e814a4a44459eed4aa3f088cbb58ead9830d84f0e51609',1763892000000000,1);
CREATE UNIQUE INDEX "rate_limits_window" ON "rate_limits" ("scope","subject","window_start");
CREATE INDEX "rate_limits_start" ON "rate_limits" ("window_start","id");
CREATE TABLE "appointments" (pk INTEGER PRIMARY KEY,
    "id" BLOB NOT NULL UNIQUE CONSTRAINT "id" CHECK (length("id") = 16),
    "lead_id" BLOB CONSTRAINT "lead_id" CHECK (length("lead_id") = 16),
    "agent_id" BLOB CONSTRAINT "agent_id" CHECK (length("agent_id") = 16),
    "property_id" BLOB CONSTRAINT "property_id" CHECK (length("property_id") = 16),
    "buyer_id" BLOB CONSTRAINT "buyer_id" CHECK (length("buyer_id") = 16),
    "scheduled_time" INTEGER NOT NULL,
    "ends_at" INTEGER,
    "time_zone" TEXT CONSTRAINT "time_zone" CHECK (length("time_zone") <= 64),
    "status" TEXT NOT NULL DEFAULT 'scheduled' CONSTRAINT "status" CHECK ("status" = 'scheduled' OR "status" = 'completed' OR "status" = 'cancelled' OR "status" = 'pending' OR "status" = 'declined' OR "status" = 'no_show'),
    "method" TEXT DEFAULT 'in_person' CONSTRAINT "method" CHECK ("method" = 'in_person' OR "method" = 'virtual'),
    "contact_name" TEXT CONSTRAINT "contact_name" CHECK (length("contact_name") <= 100),
    "contact_email" TEXT CONSTRAINT "contact_email" CHECK (length("contact_email") <= 255),
    "contact_phone" TEXT CONSTRAINT "contact_phone" CHECK (length("contact_phone") <= 20),
    "notes" TEXT CONSTRAINT "notes" CHECK (length("notes") <= 20000),
    "touch_id" BLOB CONSTRAINT "touch_id" CHECK (length("touch_id") = 16),
    "hold_expires_at" INTEGER,
    "sequence" INTEGER NOT NULL DEFAULT 0 CONSTRAINT "sequence" CHECK ("sequence" BETWEEN 0 AND 2147483647),
    "cancel_reason" TEXT CONSTRAINT "cancel_reason" CHECK (length("cancel_reason") <= 255),
    "cancelled_by" TEXT CONSTRAINT "cancelled_by" CHECK ("cancelled_by" = 'buyer' OR "cancelled_by" = 'agent' OR "cancelled_by" = 'library'),
    "buffer_before" INTEGER NOT NULL DEFAULT 0 CONSTRAINT "buffer_before" CHECK ("buffer_before" BETWEEN 0 AND 480),
    "buffer_after" INTEGER NOT NULL DEFAULT 0 CONSTRAINT "buffer_after" CHECK ("buffer_after" BETWEEN 0 AND 480),
    "holds_property" INTEGER NOT NULL DEFAULT 0 CONSTRAINT "holds_property" CHECK ("holds_property" BETWEEN 0 AND 1),
    "version" INTEGER NOT NULL DEFAULT 1 CONSTRAINT "version" CHECK ("version" BETWEEN 1 AND 2147483647),
    "created_at" INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)),
    "updated_at" INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))) STRICT;
INSERT INTO "appointments" VALUES(1,X'019ab028df607021b77c3643c7f045b2',X'019ab028df60700f92a373c5832695ee',X'019ab027f5007004ad9fffde8a595af1',X'019ab027f500701f89f946173789de36',X'019ab027f500700a915adf554ede3a55',1764068400000000,1764070200000000,'UTC','scheduled','in_person','Bea Buyer','bea@example.com',NULL,NULL,NULL,NULL,1,NULL,NULL,0,0,0,2,1763892060000000,1763892060000000);
CREATE INDEX "appointments_agent_time" ON "appointments" ("agent_id","scheduled_time","id");
CREATE INDEX "appointments_agent_status" ON "appointments" ("agent_id","status","scheduled_time","id");
CREATE INDEX "appointments_buyer_time" ON "appointments" ("buyer_id","scheduled_time","id");
CREATE INDEX "appointments_property_status" ON "appointments" ("property_id","status","scheduled_time","id");
CREATE INDEX "appointments_lead_time" ON "appointments" ("lead_id","scheduled_time","id");
CREATE INDEX "appointments_status_time" ON "appointments" ("status","scheduled_time","id");
CREATE INDEX "appointments_time" ON "appointments" ("scheduled_time","id");
CREATE INDEX "appointments_hold" ON "appointments" ("hold_expires_at","id");
CREATE TABLE "appointment_slots" (pk INTEGER PRIMARY KEY,
    "id" BLOB NOT NULL UNIQUE CONSTRAINT "id" CHECK (length("id") = 16),
    "resource_kind" TEXT NOT NULL CONSTRAINT "resource_kind" CHECK ("resource_kind" = 'agent' OR "resource_kind" = 'property'),
    "resource_id" BLOB NOT NULL CONSTRAINT "resource_id" CHECK (length("resource_id") = 16),
    "slot_no" INTEGER NOT NULL,
    "appointment_id" BLOB NOT NULL CONSTRAINT "appointment_id" CHECK (length("appointment_id") = 16)) STRICT;
INSERT INTO "appointment_slots" VALUES(1,X'019ab028df607029a59852b0bafe3593','agent',X'019ab027f5007004ad9fffde8a595af1',5880228,X'019ab028df607021b77c3643c7f045b2');
INSERT INTO "appointment_slots" VALUES(2,X'019ab028df60702aa2d72f178602707f','agent',X'019ab027f5007004ad9fffde8a595af1',5880229,X'019ab028df607021b77c3643c7f045b2');
INSERT INTO "appointment_slots" VALUES(3,X'019ab028df60702ba8a5d890e1fb2988','agent',X'019ab027f5007004ad9fffde8a595af1',5880230,X'019ab028df607021b77c3643c7f045b2');
INSERT INTO "appointment_slots" VALUES(4,X'019ab028df60702c96fbf1b4764f26a8','agent',X'019ab027f5007004ad9fffde8a595af1',5880231,X'019ab028df607021b77c3643c7f045b2');
INSERT INTO "appointment_slots" VALUES(5,X'019ab028df60702d9e8f69885b7b5709','agent',X'019ab027f5007004ad9fffde8a595af1',5880232,X'019ab028df607021b77c3643c7f045b2');
INSERT INTO "appointment_slots" VALUES(6,X'019ab028df60702eac180a52a997fe41','agent',X'019ab027f5007004ad9fffde8a595af1',5880233,X'019ab028df607021b77c3643c7f045b2');
CREATE UNIQUE INDEX "appointment_slots_slot" ON "appointment_slots" ("resource_kind","resource_id","slot_no");
CREATE INDEX "appointment_slots_appointment" ON "appointment_slots" ("appointment_id","id");
CREATE TABLE "property_documents" (pk INTEGER PRIMARY KEY,
    "id" BLOB NOT NULL UNIQUE CONSTRAINT "id" CHECK (length("id") = 16),
    "property_id" BLOB NOT NULL CONSTRAINT "property_id" CHECK (length("property_id") = 16),
    "images" TEXT,
    "documents" TEXT,
    "virtual_tour_url" TEXT CONSTRAINT "virtual_tour_url" CHECK (length("virtual_tour_url") <= 2048),
    "version" INTEGER NOT NULL DEFAULT 1 CONSTRAINT "version" CHECK ("version" BETWEEN 1 AND 2147483647),
    "created_at" INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)),
    "updated_at" INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))) STRICT;
INSERT INTO "property_documents" VALUES(1,X'6922db5c85fc8f0bb1d01aeba85cae13',X'019ab027f500701f89f946173789de36','[{"caption":"Front","created_at":"2025-11-23T10:01:00Z","id":"019ab028-df60-7033-aa2e-52210823f4e0","is_primary":true,"position":0,"status":"ready","url":"https://files.example.com/front.jpg","visibility":"public"}]','[{"created_at":"2025-11-23T10:01:00Z","id":"019ab028-df60-7030-b5a5-df8cead8fa16","name":"Deed.pdf","position":0,"status":"ready","type":"legal","url":"https://files.example.com/deed.pdf","visibility":"private"}]',NULL,2,1763892060000000,1763892060000000);
CREATE UNIQUE INDEX "property_documents_property" ON "property_documents" ("property_id");
CREATE TABLE "document_shares" (pk INTEGER PRIMARY KEY,
    "id" BLOB NOT NULL UNIQUE CONSTRAINT "id" CHECK (length("id") = 16),
    "property_id" BLOB NOT NULL CONSTRAINT "property_id" CHECK (length("property_id") = 16),
    "item_id" BLOB NOT NULL CONSTRAINT "item_id" CHECK (length("item_id") = 16),
    "lead_id" BLOB NOT NULL CONSTRAINT "lead_id" CHECK (length("lead_id") = 16),
    "actor_id" BLOB CONSTRAINT "actor_id" CHECK (length("actor_id") = 16),
    "created_at" INTEGER NOT NULL) STRICT;
INSERT INTO "document_shares" VALUES(1,X'019ab028df607036b72775c739a2aec8',X'019ab027f500701f89f946173789de36',X'019ab028df607030b5a5df8cead8fa16',X'019ab028df60700f92a373c5832695ee',X'019ab027f5007004ad9fffde8a595af1',1763892060000000);
CREATE UNIQUE INDEX "document_shares_item" ON "document_shares" ("property_id","item_id","lead_id");
CREATE INDEX "document_shares_lead" ON "document_shares" ("lead_id","id");
CREATE TABLE "activity_logs" (pk INTEGER PRIMARY KEY,
    "id" BLOB NOT NULL UNIQUE CONSTRAINT "id" CHECK (length("id") = 16),
    "user_id" BLOB CONSTRAINT "user_id" CHECK (length("user_id") = 16),
    "action" TEXT NOT NULL CONSTRAINT "action" CHECK (length("action") <= 64),
    "target_id" BLOB CONSTRAINT "target_id" CHECK (length("target_id") = 16),
    "metadata" TEXT,
    "timestamp" INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)),
    "session_id" TEXT CONSTRAINT "session_id" CHECK (length("session_id") <= 64),
    "ip" TEXT CONSTRAINT "ip" CHECK (length("ip") <= 64),
    "event_class" TEXT NOT NULL DEFAULT 'analytics' CONSTRAINT "event_class" CHECK ("event_class" = 'analytics' OR "event_class" = 'activity')) STRICT;
INSERT INTO "activity_logs" VALUES(1,X'6922db5c8b9e8f0bb1d015410ab9f1cc',X'019ab027f500700a915adf554ede3a55','view_property',X'019ab027f500701f89f946173789de36','{"device":"mobile","duration_seconds":45}',1763892060000000,NULL,'203.0.113.0','analytics');
CREATE INDEX "activity_logs_user" ON "activity_logs" ("user_id","timestamp","id");
CREATE INDEX "activity_logs_target" ON "activity_logs" ("target_id","timestamp","id");
CREATE INDEX "activity_logs_time" ON "activity_logs" ("timestamp","id");
CREATE TABLE "ai_chat_history" (pk INTEGER PRIMARY KEY,
    "id" BLOB NOT NULL UNIQUE CONSTRAINT "id" CHECK (length("id") = 16),
    "user_id" BLOB CONSTRAINT "user_id" CHECK (length("user_id") = 16),
    "session_id" TEXT NOT NULL CONSTRAINT "session_id" CHECK (length("session_id") <= 64),
    "bucket" INTEGER NOT NULL DEFAULT 0 CONSTRAINT "bucket" CHECK ("bucket" BETWEEN 0 AND 2147483647),
    "message_count" INTEGER NOT NULL DEFAULT 0 CONSTRAINT "message_count" CHECK ("message_count" BETWEEN 0 AND 100),
    "summary" TEXT CONSTRAINT "summary" CHECK (length("summary") <= 4000),
    "version" INTEGER NOT NULL DEFAULT 1 CONSTRAINT "version" CHECK ("version" BETWEEN 1 AND 2147483647),
    "created_at" INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)),
    "updated_at" INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)),
    "messages" TEXT) STRICT;
INSERT INTO "ai_chat_history" VALUES(1,X'6922db5c51818f0bb1d0b9f1bd71d049',X'019ab027f500700a915adf554ede3a55','10d8d7e4f760b5287ce0acac47b07204',0,1,'Three beds',3,1763892060000000,1763892060000000,'[{"content":"Three beds?","role":"user","timestamp":"2025-11-23T10:01:00Z"}]');
CREATE UNIQUE INDEX "ai_chat_history_session" ON "ai_chat_history" ("session_id","bucket");
CREATE INDEX "ai_chat_history_user" ON "ai_chat_history" ("user_id","created_at","id");
CREATE TABLE "favorites" (pk INTEGER PRIMARY KEY,
    "id" BLOB NOT NULL UNIQUE CONSTRAINT "id" CHECK (length("id") = 16),
    "user_id" BLOB NOT NULL CONSTRAINT "user_id" CHECK (length("user_id") = 16),
    "property_id" BLOB NOT NULL CONSTRAINT "property_id" CHECK (length("property_id") = 16),
    "created_at" INTEGER NOT NULL) STRICT;
INSERT INTO "favorites" VALUES(1,X'019ab028df60703a8fc40b40c66e4b66',X'019ab027f500700a915adf554ede3a55',X'019ab027f500701f89f946173789de36',1763892060000000);
CREATE UNIQUE INDEX "favorites_user_property" ON "favorites" ("user_id","property_id");
CREATE INDEX "favorites_user" ON "favorites" ("user_id","created_at","id");
CREATE INDEX "favorites_property" ON "favorites" ("property_id","id");
CREATE TABLE "saved_searches" (pk INTEGER PRIMARY KEY,
    "id" BLOB NOT NULL UNIQUE CONSTRAINT "id" CHECK (length("id") = 16),
    "user_id" BLOB NOT NULL CONSTRAINT "user_id" CHECK (length("user_id") = 16),
    "name" TEXT NOT NULL CONSTRAINT "name" CHECK (length("name") <= 100),
    "filter" TEXT CONSTRAINT "filter" CHECK (length("filter") <= 8192),
    "words" TEXT CONSTRAINT "words" CHECK (length("words") <= 1024),
    "sort" TEXT CONSTRAINT "sort" CHECK (length("sort") <= 255),
    "matched_at" INTEGER,
    "version" INTEGER NOT NULL DEFAULT 1 CONSTRAINT "version" CHECK ("version" BETWEEN 1 AND 2147483647),
    "created_at" INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)),
    "updated_at" INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))) STRICT;
INSERT INTO "saved_searches" VALUES(1,X'019ab028df60703c876d07e67bb4c423',X'019ab027f500700a915adf554ede3a55','Austin','city eq ''austin'' and price le 900000.00',NULL,'price',1763892060000000,1,1763892060000000,1763892060000000);
CREATE INDEX "saved_searches_user" ON "saved_searches" ("user_id","created_at","id");
CREATE INDEX "audit_log_seq" ON "audit_log" ("seq","id");
CREATE INDEX "audit_log_event" ON "audit_log" ("event","created_at","id");
CREATE INDEX "audit_log_target" ON "audit_log" ("target_id","created_at","id");
CREATE TABLE "audit_heads" (pk INTEGER PRIMARY KEY,
    "id" BLOB NOT NULL UNIQUE CONSTRAINT "id" CHECK (length("id") = 16),
    "stream" TEXT NOT NULL CONSTRAINT "stream" CHECK (length(CAST("stream" AS BLOB)) <= 32),
    "seq" INTEGER NOT NULL CONSTRAINT "seq" CHECK ("seq" BETWEEN 0 AND 9223372036854775807),
    "seal" BLOB NOT NULL CONSTRAINT "seal" CHECK (length("seal") <= 32),
    "signature" BLOB NOT NULL CONSTRAINT "signature" CHECK (length("signature") <= 32),
    "updated_at" INTEGER NOT NULL) STRICT;
INSERT INTO "audit_heads" VALUES(1,X'019ab027f5007000b87b0d643aca9838','store',15,X'5b32e96d0bf5b205466003cf0d3e9dbd0dbf26a1dbd3d680b457d7eaa86d4a7e',X'e5152f7d963c4cfe5cca66eb6578652a83e120704d9f30fa3d19f86c914f9bbb',1763892060000000);
CREATE UNIQUE INDEX "audit_heads_stream" ON "audit_heads" ("stream");
CREATE INDEX "events_seq" ON "events" ("seq","id");
CREATE TABLE "document_heads" (pk INTEGER PRIMARY KEY,
    "id" BLOB NOT NULL UNIQUE CONSTRAINT "id" CHECK (length("id") = 16),
    "kind" TEXT NOT NULL CONSTRAINT "kind" CHECK (length(CAST("kind" AS BLOB)) <= 32),
    "key" TEXT NOT NULL CONSTRAINT "key" CHECK (length(CAST("key" AS BLOB)) <= 64),
    "bucket" INTEGER NOT NULL CONSTRAINT "bucket" CHECK ("bucket" BETWEEN 0 AND 2147483647),
    "owner_id" BLOB CONSTRAINT "owner_id" CHECK (length("owner_id") = 16),
    "version" INTEGER NOT NULL CONSTRAINT "version" CHECK ("version" BETWEEN 1 AND 2147483647),
    "items" INTEGER NOT NULL CONSTRAINT "items" CHECK ("items" BETWEEN 0 AND 2147483647),
    "bytes" INTEGER NOT NULL CONSTRAINT "bytes" CHECK ("bytes" BETWEEN 0 AND 9223372036854775807),
    "summary" TEXT CONSTRAINT "summary" CHECK (length("summary") <= 4000),
    "created_at" INTEGER NOT NULL,
    "updated_at" INTEGER NOT NULL) STRICT;
CREATE UNIQUE INDEX "document_heads_key" ON "document_heads" ("kind","key","bucket");
CREATE TABLE "outbox" (pk INTEGER PRIMARY KEY,
    "id" BLOB NOT NULL UNIQUE CONSTRAINT "id" CHECK (length("id") = 16),
    "target" TEXT NOT NULL CONSTRAINT "target" CHECK (length(CAST("target" AS BLOB)) <= 32),
    "kind" TEXT NOT NULL CONSTRAINT "kind" CHECK (length(CAST("kind" AS BLOB)) <= 32),
    "aggregate_id" BLOB NOT NULL CONSTRAINT "aggregate_id" CHECK (length("aggregate_id") = 16),
    "version" INTEGER NOT NULL CONSTRAINT "version" CHECK ("version" BETWEEN 1 AND 2147483647),
    "verb" TEXT NOT NULL CONSTRAINT "verb" CHECK ("verb" = 'append' OR "verb" = 'put' OR "verb" = 'set' OR "verb" = 'push' OR "verb" = 'remove'),
    "bytes" INTEGER NOT NULL CONSTRAINT "bytes" CHECK ("bytes" BETWEEN 0 AND 9223372036854775807),
    "actor_id" BLOB CONSTRAINT "actor_id" CHECK (length("actor_id") = 16),
    "created_at" INTEGER NOT NULL,
    "state" TEXT NOT NULL CONSTRAINT "state" CHECK ("state" = 'pending' OR "state" = 'delivered' OR "state" = 'dead'),
    "attempts" INTEGER NOT NULL CONSTRAINT "attempts" CHECK ("attempts" BETWEEN 0 AND 2147483647),
    "next_at" INTEGER,
    "settled_at" INTEGER,
    "reason" TEXT CONSTRAINT "reason" CHECK (length("reason") <= 500),
    "fence" INTEGER CONSTRAINT "fence" CHECK ("fence" BETWEEN 0 AND 9223372036854775807),
    "payload" BLOB NOT NULL) STRICT;
CREATE INDEX "outbox_state" ON "outbox" ("state","id");
CREATE INDEX "outbox_aggregate" ON "outbox" ("aggregate_id","version","id");
CREATE TABLE "leases" (pk INTEGER PRIMARY KEY,
    "id" BLOB NOT NULL UNIQUE CONSTRAINT "id" CHECK (length("id") = 16),
    "name" TEXT NOT NULL CONSTRAINT "name" CHECK (length(CAST("name" AS BLOB)) <= 32),
    "holder" BLOB CONSTRAINT "holder" CHECK (length("holder") = 16),
    "fence" INTEGER NOT NULL CONSTRAINT "fence" CHECK ("fence" BETWEEN 0 AND 9223372036854775807),
    "until" INTEGER,
    "delivered" INTEGER NOT NULL CONSTRAINT "delivered" CHECK ("delivered" BETWEEN 0 AND 9223372036854775807),
    "absorbed" INTEGER NOT NULL CONSTRAINT "absorbed" CHECK ("absorbed" BETWEEN 0 AND 9223372036854775807),
    "dropped" INTEGER NOT NULL CONSTRAINT "dropped" CHECK ("dropped" BETWEEN 0 AND 9223372036854775807)) STRICT;
CREATE UNIQUE INDEX "leases_name" ON "leases" ("name");
CREATE INDEX "properties_ranked" ON "properties" (pk,"status","display_ok","deleted_at","id");
CREATE INDEX "properties_city_price_beds" ON "properties" ("city_norm","status","price","id","property_type","beds","display_ok","deleted_at","currency");
CREATE INDEX "properties_city_created_beds" ON "properties" ("city_norm","status","created_at","id","property_type","beds","display_ok","deleted_at","currency");
COMMIT;
