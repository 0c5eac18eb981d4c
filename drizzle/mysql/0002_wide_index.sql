DROP INDEX `tasks_owner` ON `tasks`;--> statement-breakpoint
CREATE INDEX `projects_inbox` ON `projects` (`owner_id`,`inbox`);--> statement-breakpoint
CREATE INDEX `tasks_owner_all` ON `tasks` (`owner_id`,`trashed`,`id`,`status`,`priority`,`position`,`title_key`);