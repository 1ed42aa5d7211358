CREATE TABLE `homes` (
    `id` binary(16) NOT NULL DEFAULT (unhex(replace(uuid(),'-',''))),
    `status` varchar(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL DEFAULT 'active',
    `city` varbinary(100) NOT NULL,
    `price` decimal(14,2) NOT NULL,
    `beds` int,
    `title` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
    `listed_at` datetime(6),
    `owner_id` binary(16),
    `words` longtext CHARACTER SET ascii COLLATE ascii_bin,
    pk bigint NOT NULL DEFAULT (cast(unix_timestamp(sysdate(6)) * 1000000 AS signed)),
    PRIMARY KEY (`id`),
    KEY `homes_list` (`status`,`city`,`price`,`id`),
    FULLTEXT KEY `homes_words` (`words`),
    CONSTRAINT `homes_status` CHECK (`status` IN ('active','sold')),
    CONSTRAINT `homes_price` CHECK (`price` BETWEEN 0.01 AND 999999999999.99),
    CONSTRAINT `homes_beds` CHECK (`beds` BETWEEN 0 AND 999)) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
CREATE TABLE `owners` (
    `id` binary(16) NOT NULL DEFAULT (unhex(replace(uuid(),'-',''))),
    `order` int NOT NULL,
    pk bigint NOT NULL DEFAULT (cast(unix_timestamp(sysdate(6)) * 1000000 AS signed)),
    PRIMARY KEY (`id`)) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
ALTER TABLE `homes` ADD COLUMN `words_open` longtext CHARACTER SET ascii COLLATE ascii_bin;
ALTER TABLE `homes` DROP INDEX `homes_words`;
ALTER TABLE `homes` ADD FULLTEXT INDEX `homes_words` (`words`,`words_open`);
ALTER TABLE `homes` ADD COLUMN `status` varchar(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL DEFAULT 'active', ADD CONSTRAINT `homes_status` CHECK (`status` IN ('active','sold'));
ALTER TABLE `homes` ADD UNIQUE INDEX `homes_title` (`title`);
ALTER TABLE `homes` ADD INDEX `homes_seen` (pk);
ALTER TABLE `homes` DROP INDEX `homes_list`;
