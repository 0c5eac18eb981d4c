ALTER TABLE `tasks` ADD `labels` json;--> statement-breakpoint
UPDATE `tasks` SET `labels` = (SELECT json_arrayagg(`labels`.`name`) FROM `task_labels` INNER JOIN `labels` ON `labels`.`id` = `task_labels`.`label_id` WHERE `task_labels`.`task_id` = `tasks`.`id`) WHERE `id` IN (SELECT `task_id` FROM `task_labels`);
