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
ALTER TABLE `tasks` ADD `reminder_rev` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `users` ADD `reminder_time` text DEFAULT '09:00' NOT NULL;