-- get
SELECT `id`,`title`,`price` FROM `homes` WHERE `id` = ? LIMIT ?;
-- value id, number

-- get by the key's index
SELECT `id` FROM `homes` FORCE INDEX (`PRIMARY`) WHERE `id` = ?;
-- value id

-- no conditions
SELECT `id` FROM `homes`;
--

-- not equal
SELECT `id` FROM `homes` WHERE `beds` <> ?;
-- value beds

-- not equal, or null
SELECT `id` FROM `homes` WHERE (`beds` <> ? OR `beds` IS NULL);
-- value beds

-- not null
SELECT `id` FROM `homes` WHERE `beds` IS NOT NULL;
--

-- and, or, true
SELECT `id` FROM `homes` WHERE `city` = ? AND (`beds` <> ? OR `beds` IS NULL) AND TRUE;
-- value city, value beds

-- false
SELECT `id` FROM `homes` WHERE FALSE;
--

-- none of nothing
SELECT `id` FROM `homes` WHERE FALSE;
--

-- starts with
SELECT `id` FROM `homes` WHERE (`title` >= ? AND `title` < ?);
-- value title, below title

-- starts with nothing
SELECT `id` FROM `homes` WHERE `title` IS NOT NULL;
--

-- contains
SELECT `id` FROM `homes` WHERE locate(?, `title`) > 0;
-- value title

-- in five, padded
SELECT `id` FROM `homes` WHERE `beds` IN (?,?,?,?,?,?,?,?);
-- value beds, value beds, value beds, value beds, value beds, value beds, value beds, value beds

-- match
SELECT `id` FROM `homes` WHERE (MATCH(`words`,`words_open`) AGAINST(? IN BOOLEAN MODE) > 0 AND ((locate(?, `words`) > 0) AND (locate(?, `words`) > 0)));
-- match words, word words, word words

-- match in several fields
SELECT `id` FROM `homes` WHERE (MATCH(`words`,`words_open`) AGAINST(? IN BOOLEAN MODE) > 0 AND ((locate(?, `words`) > 0 OR locate(?, `words_open`) > 0) AND (locate(?, `words`) > 0 OR locate(?, `words_open`) > 0)));
-- match words, word words, word words_open, word words, word words_open

-- match in several fields, or not
SELECT `id` FROM `homes` WHERE ((MATCH(`words`,`words_open`) AGAINST(? IN BOOLEAN MODE) > 0 AND ((locate(?, `words`) > 0 OR locate(?, `words_open`) > 0) AND (locate(?, `words`) > 0 OR locate(?, `words_open`) > 0))) OR `city` = ?);
-- match words, word words, word words_open, word words, word words_open, value city

-- before the store's clock
SELECT `id` FROM `homes` WHERE `listed_at` < (utc_timestamp(6) + INTERVAL ? MICROSECOND);
-- value listed_at

-- exists by a field
SELECT `id` FROM `homes` WHERE EXISTS (SELECT 1 FROM `owners` AS e1 WHERE e1.`id` = `homes`.`owner_id` AND e1.`order` = ?);
-- value order

-- exists at all
SELECT `id` FROM `homes` WHERE EXISTS (SELECT 1 FROM `owners` AS e1 WHERE e1.`order` = ?);
-- value order

-- exists in the same kind, twice
SELECT `id` FROM `homes` WHERE EXISTS (SELECT 1 FROM `homes` AS e1 WHERE e1.`owner_id` = `homes`.`owner_id` AND EXISTS (SELECT 1 FROM `owners` AS e2 WHERE e2.`id` = e1.`owner_id` AND e2.`order` = ?));
-- value order

-- rows named by their ids exist
SELECT `homes`.`id` FROM `homes` FORCE INDEX (`homes_list`),`owners` AS e1,`homes` AS e2 WHERE e1.`order` = ? AND e1.`id` = ? AND `homes`.`status` = ? AND EXISTS (SELECT 1 FROM `owners` AS e1 WHERE e1.`order` = ?) AND e2.`id` = ? AND e1.`order` = ? AND e1.`id` = ? ORDER BY `homes`.`price`, `homes`.`id` LIMIT ?;
-- value order, value id, value status, value order, value id, value order, value id, number

-- rows named by their ids exist, newest first
SELECT `id` FROM `homes` WHERE EXISTS (SELECT 1 FROM `owners` AS e1 WHERE (e1.`order` = ? AND e1.`id` = ?)) AND `status` = ? AND EXISTS (SELECT 1 FROM `owners` AS e1 WHERE e1.`order` = ?) AND EXISTS (SELECT 1 FROM `homes` AS e1 WHERE e1.`id` = ?) ORDER BY `pk` DESC LIMIT ?;
-- value order, value id, value status, value order, value id, number

-- rows named by their ids exist, bounded
SELECT `homes`.`beds` >= ?,`homes`.`id`,`homes`.`price`,`homes`.`id` FROM `homes` FORCE INDEX (`homes_list`),`owners` AS e1,`homes` AS e2 WHERE e1.`order` = ? AND e1.`id` = ? AND `homes`.`status` = ? AND EXISTS (SELECT 1 FROM `owners` AS e1 WHERE e1.`order` = ?) AND e2.`id` = ? ORDER BY `homes`.`price`, `homes`.`id` LIMIT ?;
-- value beds, value order, value id, value status, value order, value id, number

-- list
SELECT `id` FROM `homes` FORCE INDEX (`homes_list`) WHERE `status` = ? AND `city` = ? AND `price` >= ? AND `price` <= ? AND `beds` >= ? ORDER BY `price`, `id` LIMIT ?;
-- value status, value city, value price, value price, value beds, number

-- list, next page
SELECT `id` FROM `homes` FORCE INDEX (`homes_list`) WHERE `status` = ? AND `city` = ? AND `price` >= ? AND `price` <= ? AND `price` >= ? AND (`price` > ? OR `price` = ? AND `id` > ?) ORDER BY `price`, `id` LIMIT ?;
-- value status, value city, value price, value price, value price, value price, value price, value id, number

-- list down, next page
SELECT `id` FROM `homes` WHERE `status` = ? AND `city` = ? AND `price` >= ? AND `price` <= ? AND `price` <= ? AND (`price` < ? OR `price` = ? AND `id` < ?) ORDER BY `price` DESC, `id` DESC LIMIT ?;
-- value status, value city, value price, value price, value price, value price, value price, value id, number

-- nulls last
SELECT `id` FROM `homes` ORDER BY `beds` IS NULL, `beds`, `id`;
--

-- nulls last, down
SELECT `id` FROM `homes` ORDER BY `beds` DESC, `id` DESC;
--

-- after a value that may be followed by null
SELECT `id` FROM `homes` WHERE ((`beds` > ? OR `beds` IS NULL) OR `beds` = ? AND `id` > ?) ORDER BY `beds` IS NULL, `beds`, `id`;
-- value beds, value beds, value id

-- after null
SELECT `id` FROM `homes` WHERE `beds` IS NULL AND `id` > ? ORDER BY `beds` IS NULL, `beds`, `id`;
-- value id

-- after null and a price
SELECT `id` FROM `homes` WHERE `beds` IS NULL AND `price` <= ? AND (`price` < ? OR `price` = ? AND `id` < ?) ORDER BY `beds` IS NULL, `beds`, `price` DESC, `id` DESC;
-- value price, value price, value price, value id

-- mixed directions
SELECT `id` FROM `homes` WHERE `price` >= ? AND (`price` > ? OR `price` = ? AND (`title` < ? OR `title` = ? AND `id` > ?)) ORDER BY `price`, `title` DESC, `id`;
-- value price, value price, value price, value title, value title, value id

-- newest first
SELECT `id` FROM `homes` ORDER BY `pk` DESC LIMIT ?;
-- number

-- newest matches
SELECT `id` FROM `homes` WHERE (MATCH(`words`,`words_open`) AGAINST(? IN BOOLEAN MODE) > 0 AND ((locate(?, `words`) > 0) AND (locate(?, `words`) > 0))) AND `status` = ? ORDER BY `pk` DESC LIMIT ?;
-- match words, word words, word words, value status, number

-- newest matches, bounded
SELECT `beds` >= ?,`id`,`pk` FROM `homes` WHERE (MATCH(`words`,`words_open`) AGAINST(? IN BOOLEAN MODE) > 0 AND ((locate(?, `words`) > 0) AND (locate(?, `words`) > 0))) AND `status` = ? ORDER BY `pk` DESC LIMIT ?;
-- value beds, match words, word words, word words, value status, number

-- newest matches, where their words stand
SELECT @hc_m,@hc_n,`id`,CASE WHEN locate(?, `words`) > 0 THEN 1 ELSE 0 END + CASE WHEN locate(?, `words`) > 0 THEN 2 ELSE 0 END,CASE WHEN locate(?, `words_open`) > 0 THEN 1 ELSE 0 END + CASE WHEN locate(?, `words_open`) > 0 THEN 2 ELSE 0 END,`pk` FROM `homes` FORCE INDEX (`homes_seen`) WHERE ((locate(?, `words`) > 0 OR locate(?, `words_open`) > 0) AND (locate(?, `words`) > 0 OR locate(?, `words_open`) > 0)) AND CASE WHEN (@hc_m := coalesce(`status` = ?,0)) | ((@hc_n := greatest(@hc_n, ?) + 1) >= ?) THEN TRUE ELSE `pk` < 0 END ORDER BY `pk` DESC LIMIT ?;
-- word words, word words, word words_open, word words_open, word words, word words_open, word words, word words_open, value status, scanned, scanned, number

-- bounded scan
SELECT @hc_m,@hc_n,`id`,`price` FROM `homes` FORCE INDEX (`homes_list`) WHERE `status` = ? AND `city` = ? AND `price` >= ? AND `price` <= ? AND CASE WHEN (@hc_m := coalesce(`beds` >= ?,0)) | ((@hc_n := greatest(@hc_n, ?) + 1) >= ?) THEN TRUE ELSE `pk` < 0 END ORDER BY `price`, `id` LIMIT ?;
-- value status, value city, value price, value price, value beds, scanned, scanned, number

-- bounded scan, next page
SELECT `beds` >= ?,`id`,`price`,`id` FROM `homes` FORCE INDEX (`homes_list`) WHERE `status` = ? AND `city` = ? AND `price` >= ? AND `price` <= ? AND `price` >= ? AND (`price` > ? OR `price` = ? AND `id` > ?) ORDER BY `price`, `id` LIMIT ?;
-- value beds, value status, value city, value price, value price, value price, value price, value price, value id, number

-- bounded scan of the owned
SELECT TRUE,`id`,`price`,`id` FROM `homes` FORCE INDEX (`homes_list`) WHERE `status` = ? AND EXISTS (SELECT 1 FROM `owners` AS e1 WHERE e1.`id` = `homes`.`owner_id` AND e1.`order` = ?) AND `beds` >= ? ORDER BY `price`, `id` LIMIT ?;
-- value status, value order, value beds, number

-- bounded scan without an index
SELECT `beds` >= ?,`id`,`price`,`id` FROM `homes` WHERE `status` = ? AND `city` = ? AND `price` >= ? AND `price` <= ? ORDER BY `price`, `id` LIMIT ?;
-- value beds, value status, value city, value price, value price, number

-- bounded scan of nulls, by the index
SELECT TRUE,`id`,`price`,`id` FROM `homes` FORCE INDEX (`homes_list`) WHERE `status` = ? AND `city` IS NULL ORDER BY `price` DESC, `id` DESC LIMIT ?;
-- value status, number

-- bounded scan of nulls before and behind the id, by the index
SELECT TRUE,`id`,`price`,`id` FROM `homes` FORCE INDEX (`homes_covering`) WHERE `status` = ? AND `city` IS NULL AND `beds` IS NULL ORDER BY `price` DESC, `id` DESC LIMIT ?;
-- value status, number

-- count
SELECT count(*) FROM `homes` WHERE `status` = ? AND `city` = ? AND `price` >= ? AND `price` <= ? AND `beds` >= ?;
-- value status, value city, value price, value price, value beds

-- count, capped
SELECT count(*) FROM (SELECT 1 FROM `homes` WHERE `status` = ? AND `city` = ? AND `price` >= ? AND `price` <= ? LIMIT ?) AS n;
-- value status, value city, value price, value price, number

-- group by value
SELECT `status`, count(*) FROM `homes` WHERE `city` = ? AND `beds` >= ? GROUP BY 1;
-- value city, value beds

-- group by day
SELECT date(`listed_at`), count(*) FROM `homes` GROUP BY 1;
--

-- group by bounds
SELECT CASE WHEN `price` IS NULL THEN NULL WHEN `price` >= ? THEN 2 WHEN `price` >= ? THEN 1 ELSE 0 END, count(*) FROM `homes` GROUP BY 1;
-- value price, value price

-- group, bounded
SELECT g, count(CASE WHEN m THEN 1 END), count(*) FROM (SELECT `status` AS g, `beds` >= ? AS m FROM `homes` WHERE `city` = ? LIMIT ?) AS n GROUP BY 1;
-- value beds, value city, number

-- insert
INSERT INTO `homes` (`id`,`title`,`words`,`beds`,`owner_id`,`listed_at`) VALUES (?,?,?,?,?,(utc_timestamp(6) + INTERVAL ? MICROSECOND));
-- value id, value title, value words, value beds, value owner_id, value listed_at

-- insert when
INSERT INTO `homes` (`id`,`title`,`words`,`beds`,`owner_id`,`listed_at`) SELECT ?,?,?,?,?,(utc_timestamp(6) + INTERVAL ? MICROSECOND) FROM DUAL WHERE EXISTS (SELECT 1 FROM `owners` AS e1 WHERE e1.`order` = ?);
-- value id, value title, value words, value beds, value owner_id, value listed_at, value order

-- insert when its owner is there
INSERT INTO `homes` (`id`,`title`,`words`,`beds`,`owner_id`,`listed_at`) SELECT ?,?,?,?,?,(utc_timestamp(6) + INTERVAL ? MICROSECOND) FROM DUAL WHERE EXISTS (SELECT 1 FROM `owners` AS e1 WHERE e1.`id` = ? AND e1.`order` = ?);
-- value id, value title, value words, value beds, value owner_id, value listed_at, value owner_id, value order

-- insert if absent
INSERT INTO `homes` (`id`,`title`,`words`,`beds`,`owner_id`,`listed_at`) SELECT ?,?,?,?,?,(utc_timestamp(6) + INTERVAL ? MICROSECOND) FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM `homes` AS u WHERE u.`id` = ?) AND NOT EXISTS (SELECT 1 FROM `homes` AS u WHERE u.`title` = ?);
-- value id, value title, value words, value beds, value owner_id, value listed_at, value id, value title

-- update
UPDATE `homes` SET `price` = ?, `beds` = `beds` + ? WHERE `id` = ?;
-- value price, value beds, value id

-- hold
UPDATE `homes` SET `beds` = `beds` + ? WHERE `id` = ?;
-- value beds, value id

-- update of words
UPDATE `homes` SET `words` = ? WHERE EXISTS (SELECT 1 FROM `owners` AS e1 WHERE e1.`id` = `homes`.`owner_id` AND e1.`order` = ?);
-- value words, value order

-- remove
DELETE FROM `homes` WHERE `listed_at` < (utc_timestamp(6) + INTERVAL ? MICROSECOND);
-- value listed_at

-- bounded scan of one order, limited
SELECT @hc_m,@hc_n,`id`,`price` FROM `homes` FORCE INDEX (`homes_list`) WHERE `status` = ? AND `city` = ? AND `price` >= ? AND `price` <= ? AND CASE WHEN (@hc_m := coalesce(`beds` >= ?,0)) | ((@hc_n := greatest(@hc_n, ?) + 1) >= ?) THEN TRUE ELSE `pk` < 0 END ORDER BY `price`, `id` LIMIT ?;
-- value status, value city, value price, value price, value beds, scanned, scanned, number

-- bounded scan of one order without a filter, limited
SELECT TRUE,`id`,`price`,`id` FROM `homes` FORCE INDEX (`homes_list`) WHERE `status` = ? AND `city` = ? AND `price` >= ? AND `price` <= ? ORDER BY `price`, `id` LIMIT ?;
-- value status, value city, value price, value price, number

-- count, bounded
SELECT count(CASE WHEN hc_m AND hc_n <= ? THEN 1 END), count(*) FROM (SELECT hc_m, row_number() OVER () AS hc_n FROM (SELECT `beds` >= ? AS hc_m FROM `homes` FORCE INDEX (`homes_list`) WHERE `status` = ? AND `city` = ? AND `price` >= ? AND `price` <= ? LIMIT ?) AS hc_r) AS hc_s;

-- two of rows named by their ids, in one statement
SELECT 0,`id` FROM `homes` FORCE INDEX (`PRIMARY`) WHERE `id` = ? UNION ALL SELECT 1,`id` FROM `homes` FORCE INDEX (`PRIMARY`) WHERE `id` = ?;
