CREATE TABLE `bulk_results` (
	`user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`data` json NOT NULL,
	CONSTRAINT `bulk_results_user_id` PRIMARY KEY(`user_id`)
);
--> statement-breakpoint
ALTER TABLE `labels` ADD `made_of` varchar(64) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */, ALGORITHM=COPY;--> statement-breakpoint
ALTER TABLE `projects` ADD `made_of` varchar(64) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */, ALGORITHM=COPY;--> statement-breakpoint
ALTER TABLE `tasks` ADD `made_of` varchar(64) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */, ALGORITHM=COPY;--> statement-breakpoint
ALTER TABLE `bulk_results` ADD CONSTRAINT `bulk_results_user_id_users_id_fk` FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON DELETE cascade ON UPDATE no action;