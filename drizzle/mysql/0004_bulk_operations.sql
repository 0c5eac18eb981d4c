CREATE TABLE `bulk_operations` (
	`user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`kind` varchar(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`target_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`data` json NOT NULL,
	`step` int NOT NULL,
	`created_at` datetime(3) NOT NULL,
	`updated_at` datetime(3) NOT NULL,
	CONSTRAINT `bulk_operations_user_id` PRIMARY KEY(`user_id`)
);
--> statement-breakpoint
CREATE TABLE `bulk_parents` (
	`user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`task_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	CONSTRAINT `bulk_parents_user_id_task_id_pk` PRIMARY KEY(`user_id`,`task_id`)
);
--> statement-breakpoint
ALTER TABLE `users` ADD `deleted_at` datetime(3);--> statement-breakpoint
ALTER TABLE `bulk_operations` ADD CONSTRAINT `bulk_operations_user_id_users_id_fk` FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE `bulk_parents` ADD CONSTRAINT `bulk_parents_user_id_users_id_fk` FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX `task_labels_label_task` ON `task_labels` (`label_id`,`task_id`);--> statement-breakpoint
CREATE INDEX `tasks_parent_id` ON `tasks` (`parent_id`,`id`);--> statement-breakpoint
DROP INDEX `task_labels_label` ON `task_labels`;--> statement-breakpoint
DROP INDEX `tasks_parent` ON `tasks`;