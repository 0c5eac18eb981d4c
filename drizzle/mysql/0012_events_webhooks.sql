CREATE TABLE `deliveries` (
	`id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`webhook_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`event_id` char(36) CHARACTER SET ascii COLLATE ascii_bin,
	`event_type` varchar(40) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	`status` varchar(16) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	`attempts` int NOT NULL,
	`next_at` datetime(3),
	`rev` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`last_attempt_at` datetime(3),
	`response_status` int,
	`response_excerpt` mediumtext CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */,
	`error` varchar(191) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */,
	`duration_ms` int,
	`created_at` datetime(3) NOT NULL,
	CONSTRAINT `deliveries_id` PRIMARY KEY(`id`)
);--> statement-breakpoint
CREATE TABLE `webhooks` (
	`id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`user_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`url` mediumtext CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	`description` varchar(120) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	`event_types` json NOT NULL,
	`project_id` char(36) CHARACTER SET ascii COLLATE ascii_bin,
	`secret` mediumtext CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */ NOT NULL,
	`previous_secret` mediumtext CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */,
	`previous_until` datetime(3),
	`active` boolean NOT NULL,
	`disabled_reason` varchar(16) CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */,
	`disabled_at` datetime(3),
	`failing_since` datetime(3),
	`seq` int NOT NULL,
	`rev` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`created_at` datetime(3) NOT NULL,
	`updated_at` datetime(3) NOT NULL,
	CONSTRAINT `webhooks_id` PRIMARY KEY(`id`)
);--> statement-breakpoint
ALTER TABLE `events` ADD `seq` int DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `deliveries` ADD CONSTRAINT `deliveries_webhook_id_webhooks_id_fk` FOREIGN KEY (`webhook_id`) REFERENCES `webhooks`(`id`) ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE `webhooks` ADD CONSTRAINT `webhooks_user_id_users_id_fk` FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX `deliveries_status_next` ON `deliveries` (`status`,`next_at`,`id`);--> statement-breakpoint
CREATE INDEX `deliveries_webhook` ON `deliveries` (`webhook_id`,`id`);--> statement-breakpoint
CREATE INDEX `deliveries_webhook_status` ON `deliveries` (`webhook_id`,`status`,`next_at`);--> statement-breakpoint
CREATE INDEX `webhooks_user` ON `webhooks` (`user_id`,`id`);--> statement-breakpoint
CREATE INDEX `webhooks_active` ON `webhooks` (`active`,`id`);--> statement-breakpoint
CREATE INDEX `events_owner_seq` ON `events` (`owner_id`,`seq`,`id`);--> statement-breakpoint
DROP INDEX `events_owner` ON `events`;--> statement-breakpoint
DROP INDEX `events_at` ON `events`;--> statement-breakpoint
DROP INDEX `events_project` ON `events`;