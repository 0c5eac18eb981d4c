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
ALTER TABLE `tasks` ADD `recurrence` text;--> statement-breakpoint
ALTER TABLE `tasks` ADD `recurrence_left` integer;--> statement-breakpoint
ALTER TABLE `tasks` ADD `status_by` text;--> statement-breakpoint
ALTER TABLE `tasks` ADD `status_before` text;--> statement-breakpoint
ALTER TABLE `tasks` ADD `completed_before` integer;