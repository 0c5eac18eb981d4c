CREATE TABLE `bulk_results` (
	`user_id` text PRIMARY KEY NOT NULL,
	`id` text NOT NULL,
	`data` text NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `comments` (
	`id` text PRIMARY KEY NOT NULL,
	`owner_id` text NOT NULL,
	`task_id` text NOT NULL,
	`text` text NOT NULL,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`edited` integer NOT NULL,
	`rev` text NOT NULL,
	FOREIGN KEY (`owner_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`task_id`) REFERENCES `tasks`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `comments_task` ON `comments` (`task_id`,`id`);--> statement-breakpoint
CREATE INDEX `comments_owner` ON `comments` (`owner_id`,`id`);--> statement-breakpoint
CREATE TABLE `events` (
	`id` text PRIMARY KEY NOT NULL,
	`owner_id` text NOT NULL,
	`user_id` text,
	`project_id` text,
	`task_id` text,
	`entity` text NOT NULL,
	`entity_id` text NOT NULL,
	`type` text NOT NULL,
	`actor_id` text,
	`credential` text NOT NULL,
	`at` integer NOT NULL,
	`data` text NOT NULL,
	FOREIGN KEY (`owner_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `events_owner` ON `events` (`owner_id`,`id`);--> statement-breakpoint
CREATE INDEX `events_project` ON `events` (`project_id`,`id`);--> statement-breakpoint
CREATE INDEX `events_task` ON `events` (`task_id`,`id`);--> statement-breakpoint
CREATE INDEX `events_at` ON `events` (`at`);--> statement-breakpoint
CREATE TABLE `import_notes` (
	`user_id` text NOT NULL,
	`import_id` text NOT NULL,
	`number` integer NOT NULL,
	`data` text NOT NULL,
	PRIMARY KEY(`user_id`, `import_id`, `number`),
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `import_pieces` (
	`user_id` text NOT NULL,
	`import_id` text NOT NULL,
	`number` integer NOT NULL,
	`text` text NOT NULL,
	PRIMARY KEY(`user_id`, `import_id`, `number`),
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `import_rows` (
	`user_id` text NOT NULL,
	`import_id` text NOT NULL,
	`number` integer NOT NULL,
	`level` integer NOT NULL,
	`parent` integer NOT NULL,
	`data` text NOT NULL,
	PRIMARY KEY(`user_id`, `import_id`, `number`),
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `import_rows_level` ON `import_rows` (`user_id`,`import_id`,`level`,`number`);--> statement-breakpoint
CREATE TABLE `imports` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`status` text NOT NULL,
	`format` text NOT NULL,
	`dry_run` integer NOT NULL,
	`project` text NOT NULL,
	`open` integer NOT NULL,
	`step` integer NOT NULL,
	`state` text NOT NULL,
	`counts` text NOT NULL,
	`error` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`finished_at` integer,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `imports_user` ON `imports` (`user_id`,`id`);--> statement-breakpoint
CREATE INDEX `imports_open` ON `imports` (`open`,`updated_at`);--> statement-breakpoint
CREATE TABLE `reminders` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`task_id` text NOT NULL,
	`trigger_spec` text NOT NULL,
	`fire_at` integer,
	`status` text NOT NULL,
	`fired_at` integer,
	`late` integer NOT NULL,
	`rev` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`task_id`) REFERENCES `tasks`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `reminders_status_fire` ON `reminders` (`status`,`fire_at`,`id`);--> statement-breakpoint
CREATE INDEX `reminders_user_fire` ON `reminders` (`user_id`,`fire_at`,`id`);--> statement-breakpoint
CREATE INDEX `reminders_user_status` ON `reminders` (`user_id`,`status`,`id`);--> statement-breakpoint
CREATE INDEX `reminders_task` ON `reminders` (`task_id`,`user_id`,`id`);--> statement-breakpoint
CREATE TABLE `task_blockers` (
	`task_id` text NOT NULL,
	`blocker_id` text NOT NULL,
	PRIMARY KEY(`task_id`, `blocker_id`),
	FOREIGN KEY (`task_id`) REFERENCES `tasks`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`blocker_id`) REFERENCES `tasks`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `task_blockers_blocker_task` ON `task_blockers` (`blocker_id`,`task_id`);--> statement-breakpoint
CREATE TABLE `task_occurrences` (
	`id` text PRIMARY KEY NOT NULL,
	`owner_id` text NOT NULL,
	`task_id` text NOT NULL,
	`slot_wall` text NOT NULL,
	`slot_zone` text,
	`due_wall` text NOT NULL,
	`due_zone` text,
	`start_wall` text NOT NULL,
	`start_zone` text,
	`outcome` text NOT NULL,
	`done_by` text NOT NULL,
	`done_at` integer NOT NULL,
	`undo` text NOT NULL,
	FOREIGN KEY (`owner_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`task_id`) REFERENCES `tasks`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `task_occurrences_task` ON `task_occurrences` (`task_id`,`done_at`,`id`);--> statement-breakpoint
CREATE INDEX `task_occurrences_slot` ON `task_occurrences` (`task_id`,`slot_wall`);--> statement-breakpoint
CREATE INDEX `task_occurrences_owner` ON `task_occurrences` (`owner_id`);--> statement-breakpoint
DROP INDEX `tasks_owner_all`;--> statement-breakpoint
ALTER TABLE `tasks` ADD `deadline` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `tasks` ADD `estimate_minutes` integer;--> statement-breakpoint
ALTER TABLE `tasks` ADD `url` text;--> statement-breakpoint
ALTER TABLE `tasks` ADD `external_id` text;--> statement-breakpoint
ALTER TABLE `tasks` ADD `blocked_by` text;--> statement-breakpoint
ALTER TABLE `tasks` ADD `blocked` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `tasks` ADD `child_count` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `tasks` ADD `children_done` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `tasks` ADD `comment_count` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `tasks` ADD `made_of` text;--> statement-breakpoint
ALTER TABLE `tasks` ADD `reminder_rev` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `tasks` ADD `recurrence` text;--> statement-breakpoint
ALTER TABLE `tasks` ADD `recurrence_left` integer;--> statement-breakpoint
ALTER TABLE `tasks` ADD `status_by` text;--> statement-breakpoint
ALTER TABLE `tasks` ADD `status_before` text;--> statement-breakpoint
ALTER TABLE `tasks` ADD `completed_before` integer;--> statement-breakpoint
CREATE INDEX `tasks_external_id` ON `tasks` (`owner_id`,`external_id`);--> statement-breakpoint
CREATE INDEX `tasks_owner_all` ON `tasks` (`owner_id`,`trashed`,`id`,`status`,`priority`,`position`,`title_key`,`deadline`);--> statement-breakpoint
ALTER TABLE `labels` ADD `made_of` text;--> statement-breakpoint
ALTER TABLE `projects` ADD `made_of` text;--> statement-breakpoint
ALTER TABLE `users` ADD `reminder_time` text DEFAULT '09:00' NOT NULL;--> statement-breakpoint
ALTER TABLE `users` ADD `blockers_rev` integer DEFAULT 0 NOT NULL;