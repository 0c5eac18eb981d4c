CREATE TABLE `task_occurrences` (
	`id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`owner_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`task_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`slot_wall` varchar(19) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	`slot_zone` varchar(64) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */,
	`due_wall` varchar(19) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	`due_zone` varchar(64) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */,
	`start_wall` varchar(19) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	`start_zone` varchar(64) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */,
	`outcome` varchar(16) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	`done_by` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`done_at` datetime(3) NOT NULL,
	`undo` mediumtext CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	CONSTRAINT `task_occurrences_id` PRIMARY KEY(`id`)
);
--> statement-breakpoint
ALTER TABLE `tasks` ADD `recurrence` mediumtext CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */, ALGORITHM=COPY;--> statement-breakpoint
ALTER TABLE `tasks` ADD `recurrence_left` int, ALGORITHM=COPY;--> statement-breakpoint
ALTER TABLE `tasks` ADD `status_by` char(36) CHARACTER SET ascii COLLATE ascii_bin, ALGORITHM=COPY;--> statement-breakpoint
ALTER TABLE `tasks` ADD `status_before` varchar(16) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */, ALGORITHM=COPY;--> statement-breakpoint
ALTER TABLE `tasks` ADD `completed_before` datetime(3), ALGORITHM=COPY;--> statement-breakpoint
ALTER TABLE `task_occurrences` ADD CONSTRAINT `task_occurrences_owner_id_users_id_fk` FOREIGN KEY (`owner_id`) REFERENCES `users`(`id`) ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE `task_occurrences` ADD CONSTRAINT `task_occurrences_task_id_tasks_id_fk` FOREIGN KEY (`task_id`) REFERENCES `tasks`(`id`) ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX `task_occurrences_task` ON `task_occurrences` (`task_id`,`done_at`,`id`);--> statement-breakpoint
CREATE INDEX `task_occurrences_slot` ON `task_occurrences` (`task_id`,`slot_wall`);--> statement-breakpoint
CREATE INDEX `task_occurrences_owner` ON `task_occurrences` (`owner_id`);