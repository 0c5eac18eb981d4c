DROP INDEX `tasks_owner`;--> statement-breakpoint
CREATE INDEX `tasks_owner_all` ON `tasks` (`owner_id`,`trashed`,`id`,`status`,`priority`,`position`,`title_key`);--> statement-breakpoint
CREATE INDEX `projects_inbox` ON `projects` (`owner_id`,`inbox`);