CREATE TABLE `bulk_results` (
	`user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`data` json NOT NULL,
	CONSTRAINT `bulk_results_user_id` PRIMARY KEY(`user_id`)
);--> statement-breakpoint
CREATE TABLE `comments` (
	`id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`owner_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`task_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`text` mediumtext CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	`created_by` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`created_at` datetime(3) NOT NULL,
	`updated_at` datetime(3) NOT NULL,
	`edited` boolean NOT NULL,
	`rev` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	CONSTRAINT `comments_id` PRIMARY KEY(`id`)
);--> statement-breakpoint
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
);--> statement-breakpoint
CREATE TABLE `import_notes` (
	`user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`import_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`number` int NOT NULL,
	`data` mediumtext CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	CONSTRAINT `import_notes_user_id_import_id_number_pk` PRIMARY KEY(`user_id`,`import_id`,`number`)
);--> statement-breakpoint
CREATE TABLE `import_pieces` (
	`user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`import_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`number` int NOT NULL,
	`text` mediumtext CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	CONSTRAINT `import_pieces_user_id_import_id_number_pk` PRIMARY KEY(`user_id`,`import_id`,`number`)
);--> statement-breakpoint
CREATE TABLE `import_rows` (
	`user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`import_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`number` int NOT NULL,
	`level` int NOT NULL,
	`parent` int NOT NULL,
	`data` mediumtext CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	CONSTRAINT `import_rows_user_id_import_id_number_pk` PRIMARY KEY(`user_id`,`import_id`,`number`)
);--> statement-breakpoint
CREATE TABLE `imports` (
	`id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`status` varchar(16) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	`format` varchar(16) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	`dry_run` boolean NOT NULL,
	`project` varchar(120) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	`open` boolean NOT NULL,
	`step` int NOT NULL,
	`state` json NOT NULL,
	`counts` json NOT NULL,
	`error` varchar(500) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */,
	`created_at` datetime(3) NOT NULL,
	`updated_at` datetime(3) NOT NULL,
	`finished_at` datetime(3),
	CONSTRAINT `imports_id` PRIMARY KEY(`id`)
);--> statement-breakpoint
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
);--> statement-breakpoint
CREATE TABLE `task_blockers` (
	`task_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`blocker_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	CONSTRAINT `task_blockers_task_id_blocker_id_pk` PRIMARY KEY(`task_id`,`blocker_id`)
);--> statement-breakpoint
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
);--> statement-breakpoint
DROP INDEX `tasks_owner_all` ON `tasks`;--> statement-breakpoint
ALTER TABLE `labels` ADD `made_of` varchar(64) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */, ALGORITHM=COPY;--> statement-breakpoint
ALTER TABLE `projects` ADD `made_of` varchar(64) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */, ALGORITHM=COPY;--> statement-breakpoint
ALTER TABLE `tasks` ADD `deadline` varchar(10) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ DEFAULT '' NOT NULL,
  ADD `estimate_minutes` int,
  ADD `url` mediumtext CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */,
  ADD `external_id` varchar(191) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */,
  ADD `blocked_by` json,
  ADD `blocked` boolean DEFAULT false NOT NULL,
  ADD `child_count` int DEFAULT 0 NOT NULL,
  ADD `children_done` int DEFAULT 0 NOT NULL,
  ADD `comment_count` int DEFAULT 0 NOT NULL,
  ADD `made_of` varchar(64) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */,
  ADD `reminder_rev` int DEFAULT 0 NOT NULL,
  ADD `recurrence` mediumtext CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */,
  ADD `recurrence_left` int,
  ADD `status_by` char(36) CHARACTER SET ascii COLLATE ascii_bin,
  ADD `status_before` varchar(16) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */,
  ADD `completed_before` datetime(3), ALGORITHM=COPY;--> statement-breakpoint
ALTER TABLE `users` ADD `reminder_time` varchar(5) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ DEFAULT '09:00' NOT NULL,
  ADD `blockers_rev` int DEFAULT 0 NOT NULL, ALGORITHM=COPY;--> statement-breakpoint
ALTER TABLE `bulk_results` ADD CONSTRAINT `bulk_results_user_id_users_id_fk` FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE `comments` ADD CONSTRAINT `comments_owner_id_users_id_fk` FOREIGN KEY (`owner_id`) REFERENCES `users`(`id`) ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE `comments` ADD CONSTRAINT `comments_task_id_tasks_id_fk` FOREIGN KEY (`task_id`) REFERENCES `tasks`(`id`) ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE `events` ADD CONSTRAINT `events_owner_id_users_id_fk` FOREIGN KEY (`owner_id`) REFERENCES `users`(`id`) ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE `import_notes` ADD CONSTRAINT `import_notes_user_id_users_id_fk` FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE `import_pieces` ADD CONSTRAINT `import_pieces_user_id_users_id_fk` FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE `import_rows` ADD CONSTRAINT `import_rows_user_id_users_id_fk` FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE `imports` ADD CONSTRAINT `imports_user_id_users_id_fk` FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE `reminders` ADD CONSTRAINT `reminders_user_id_users_id_fk` FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE `reminders` ADD CONSTRAINT `reminders_task_id_tasks_id_fk` FOREIGN KEY (`task_id`) REFERENCES `tasks`(`id`) ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE `task_blockers` ADD CONSTRAINT `task_blockers_task_id_tasks_id_fk` FOREIGN KEY (`task_id`) REFERENCES `tasks`(`id`) ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE `task_blockers` ADD CONSTRAINT `task_blockers_blocker_id_tasks_id_fk` FOREIGN KEY (`blocker_id`) REFERENCES `tasks`(`id`) ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE `task_occurrences` ADD CONSTRAINT `task_occurrences_owner_id_users_id_fk` FOREIGN KEY (`owner_id`) REFERENCES `users`(`id`) ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE `task_occurrences` ADD CONSTRAINT `task_occurrences_task_id_tasks_id_fk` FOREIGN KEY (`task_id`) REFERENCES `tasks`(`id`) ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX `comments_task` ON `comments` (`task_id`,`id`);--> statement-breakpoint
CREATE INDEX `comments_owner` ON `comments` (`owner_id`,`id`);--> statement-breakpoint
CREATE INDEX `events_owner` ON `events` (`owner_id`,`id`);--> statement-breakpoint
CREATE INDEX `events_project` ON `events` (`project_id`,`id`);--> statement-breakpoint
CREATE INDEX `events_task` ON `events` (`task_id`,`id`);--> statement-breakpoint
CREATE INDEX `events_at` ON `events` (`at`);--> statement-breakpoint
CREATE INDEX `import_rows_level` ON `import_rows` (`user_id`,`import_id`,`level`,`number`);--> statement-breakpoint
CREATE INDEX `imports_user` ON `imports` (`user_id`,`id`);--> statement-breakpoint
CREATE INDEX `imports_open` ON `imports` (`open`,`updated_at`);--> statement-breakpoint
CREATE INDEX `reminders_status_fire` ON `reminders` (`status`,`fire_at`,`id`);--> statement-breakpoint
CREATE INDEX `reminders_user_fire` ON `reminders` (`user_id`,`fire_at`,`id`);--> statement-breakpoint
CREATE INDEX `reminders_user_status` ON `reminders` (`user_id`,`status`,`id`);--> statement-breakpoint
CREATE INDEX `reminders_task` ON `reminders` (`task_id`,`user_id`,`id`);--> statement-breakpoint
CREATE INDEX `task_blockers_blocker_task` ON `task_blockers` (`blocker_id`,`task_id`);--> statement-breakpoint
CREATE INDEX `task_occurrences_task` ON `task_occurrences` (`task_id`,`done_at`,`id`);--> statement-breakpoint
CREATE INDEX `task_occurrences_slot` ON `task_occurrences` (`task_id`,`slot_wall`);--> statement-breakpoint
CREATE INDEX `task_occurrences_owner` ON `task_occurrences` (`owner_id`);--> statement-breakpoint
CREATE INDEX `tasks_external_id` ON `tasks` (`owner_id`,`external_id`);--> statement-breakpoint
CREATE INDEX `tasks_owner_all` ON `tasks` (`owner_id`,`trashed`,`id`,`status`,`priority`,`position`,`title_key`,`deadline`);
