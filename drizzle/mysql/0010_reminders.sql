CREATE TABLE `events` (
	`id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`owner_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin,
	`project_id` char(36) CHARACTER SET ascii COLLATE ascii_bin,
	`task_id` char(36) CHARACTER SET ascii COLLATE ascii_bin,
	`entity` varchar(16) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	`entity_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`type` varchar(40) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	`actor_id` char(36) CHARACTER SET ascii COLLATE ascii_bin,
	`credential` varchar(191) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	`at` datetime(3) NOT NULL,
	`data` json NOT NULL,
	CONSTRAINT `events_id` PRIMARY KEY(`id`)
);
--> statement-breakpoint
CREATE TABLE `reminders` (
	`id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`task_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`trigger_spec` json NOT NULL,
	`fire_at` datetime(3),
	`status` varchar(16) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	`fired_at` datetime(3),
	`late` boolean NOT NULL,
	`rev` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`created_at` datetime(3) NOT NULL,
	`updated_at` datetime(3) NOT NULL,
	CONSTRAINT `reminders_id` PRIMARY KEY(`id`)
);
--> statement-breakpoint
ALTER TABLE `tasks` ADD `reminder_rev` int DEFAULT 0 NOT NULL, ALGORITHM=COPY;--> statement-breakpoint
ALTER TABLE `users` ADD `reminder_time` varchar(5) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ DEFAULT '09:00' NOT NULL, ALGORITHM=COPY;--> statement-breakpoint
ALTER TABLE `events` ADD CONSTRAINT `events_owner_id_users_id_fk` FOREIGN KEY (`owner_id`) REFERENCES `users`(`id`) ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE `reminders` ADD CONSTRAINT `reminders_user_id_users_id_fk` FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE `reminders` ADD CONSTRAINT `reminders_task_id_tasks_id_fk` FOREIGN KEY (`task_id`) REFERENCES `tasks`(`id`) ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX `events_owner` ON `events` (`owner_id`,`id`);--> statement-breakpoint
CREATE INDEX `events_project` ON `events` (`project_id`,`id`);--> statement-breakpoint
CREATE INDEX `events_task` ON `events` (`task_id`,`id`);--> statement-breakpoint
CREATE INDEX `events_at` ON `events` (`at`);--> statement-breakpoint
CREATE INDEX `reminders_status_fire` ON `reminders` (`status`,`fire_at`,`id`);--> statement-breakpoint
CREATE INDEX `reminders_user_fire` ON `reminders` (`user_id`,`fire_at`,`id`);--> statement-breakpoint
CREATE INDEX `reminders_user_status` ON `reminders` (`user_id`,`status`,`id`);--> statement-breakpoint
CREATE INDEX `reminders_task` ON `reminders` (`task_id`,`user_id`,`id`);