CREATE TABLE `bulk_results` (
	`user_id` text PRIMARY KEY NOT NULL,
	`id` text NOT NULL,
	`data` text NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
ALTER TABLE `labels` ADD `made_of` text;--> statement-breakpoint
ALTER TABLE `projects` ADD `made_of` text;--> statement-breakpoint
ALTER TABLE `tasks` ADD `made_of` text;