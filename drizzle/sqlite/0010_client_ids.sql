ALTER TABLE `labels` ADD `made_of` text;--> statement-breakpoint
ALTER TABLE `projects` ADD `made_of` text;--> statement-breakpoint
ALTER TABLE `tasks` ADD `made_of` text;