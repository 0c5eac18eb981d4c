ALTER TABLE `api_keys`
	MODIFY COLUMN `name` varchar(120) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	MODIFY COLUMN `prefix` varchar(16) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	MODIFY COLUMN `hash` varchar(64) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	ALGORITHM=COPY;--> statement-breakpoint
ALTER TABLE `bulk_operations`
	MODIFY COLUMN `kind` varchar(32) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	ALGORITHM=COPY;--> statement-breakpoint
ALTER TABLE `changes`
	MODIFY COLUMN `entity` varchar(16) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	ALGORITHM=COPY;--> statement-breakpoint
ALTER TABLE `identities`
	MODIFY COLUMN `issuer` varchar(191) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	MODIFY COLUMN `subject` varchar(191) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	ALGORITHM=COPY;--> statement-breakpoint
ALTER TABLE `labels`
	MODIFY COLUMN `name` varchar(60) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	MODIFY COLUMN `color` varchar(7) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */,
	ALGORITHM=COPY;--> statement-breakpoint
ALTER TABLE `leases`
	MODIFY COLUMN `name` varchar(64) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	MODIFY COLUMN `holder` varchar(36) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	ALGORITHM=COPY;--> statement-breakpoint
ALTER TABLE `projects`
	MODIFY COLUMN `name` varchar(120) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	MODIFY COLUMN `color` varchar(7) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */,
	MODIFY COLUMN `position` varchar(191) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	ALGORITHM=COPY;--> statement-breakpoint
ALTER TABLE `rate_limits`
	MODIFY COLUMN `key` varchar(64) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	ALGORITHM=COPY;--> statement-breakpoint
ALTER TABLE `receipts`
	MODIFY COLUMN `scope` varchar(64) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	MODIFY COLUMN `fingerprint` varchar(64) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	MODIFY COLUMN `body` mediumtext CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	ALGORITHM=COPY;--> statement-breakpoint
ALTER TABLE `refresh_tokens`
	MODIFY COLUMN `hash` varchar(64) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	MODIFY COLUMN `salt` varchar(64) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	ALGORITHM=COPY;--> statement-breakpoint
ALTER TABLE `sessions`
	MODIFY COLUMN `user_agent` varchar(300) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */,
	ALGORITHM=COPY;--> statement-breakpoint
ALTER TABLE `settings`
	MODIFY COLUMN `name` varchar(64) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	MODIFY COLUMN `value` mediumtext CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	ALGORITHM=COPY;--> statement-breakpoint
ALTER TABLE `sign_in_codes`
	MODIFY COLUMN `hash` varchar(64) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	MODIFY COLUMN `issuer` varchar(191) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	MODIFY COLUMN `subject` varchar(191) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	MODIFY COLUMN `name` varchar(120) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	MODIFY COLUMN `challenge` varchar(43) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	ALGORITHM=COPY;--> statement-breakpoint
ALTER TABLE `signing_keys`
	MODIFY COLUMN `kid` varchar(64) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	MODIFY COLUMN `private_jwk` mediumtext CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	ALGORITHM=COPY;--> statement-breakpoint
ALTER TABLE `tasks`
	MODIFY COLUMN `title` varchar(500) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	MODIFY COLUMN `title_key` varchar(120) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	MODIFY COLUMN `description` mediumtext CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	MODIFY COLUMN `haystack` mediumtext CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	MODIFY COLUMN `status` varchar(16) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	MODIFY COLUMN `start_wall` varchar(19) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	MODIFY COLUMN `start_zone` varchar(64) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */,
	MODIFY COLUMN `due_wall` varchar(19) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	MODIFY COLUMN `due_zone` varchar(64) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */,
	MODIFY COLUMN `position` varchar(191) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	ALGORITHM=COPY;--> statement-breakpoint
ALTER TABLE `users`
	MODIFY COLUMN `issuer` varchar(191) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	MODIFY COLUMN `subject` varchar(191) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	MODIFY COLUMN `email` varchar(191) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */,
	MODIFY COLUMN `email_shown` varchar(191) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */,
	MODIFY COLUMN `name` varchar(120) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	MODIFY COLUMN `time_zone` varchar(64) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	MODIFY COLUMN `password_hash` varchar(191) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */,
	ALGORITHM=COPY;--> statement-breakpoint
UPDATE `users` SET `checked_seq` = 0;
