CREATE TABLE `bulk_operations` (
	`user_id` text PRIMARY KEY NOT NULL,
	`id` text NOT NULL,
	`kind` text NOT NULL,
	`target_id` text NOT NULL,
	`data` text NOT NULL,
	`step` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `bulk_parents` (
	`user_id` text NOT NULL,
	`task_id` text NOT NULL,
	PRIMARY KEY(`user_id`, `task_id`),
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
DROP INDEX `task_labels_label`;--> statement-breakpoint
CREATE INDEX `task_labels_label_task` ON `task_labels` (`label_id`,`task_id`);--> statement-breakpoint
DROP INDEX `tasks_parent`;--> statement-breakpoint
CREATE INDEX `tasks_parent_id` ON `tasks` (`parent_id`,`id`);--> statement-breakpoint
ALTER TABLE `users` ADD `deleted_at` integer;