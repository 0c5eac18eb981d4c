CREATE TABLE `import_notes` (
	`user_id` text NOT NULL,
	`import_id` text NOT NULL,
	`number` integer NOT NULL,
	`data` text NOT NULL,
	PRIMARY KEY(`user_id`, `import_id`, `number`),
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `import_pieces` (
	`user_id` text NOT NULL,
	`import_id` text NOT NULL,
	`number` integer NOT NULL,
	`text` text NOT NULL,
	PRIMARY KEY(`user_id`, `import_id`, `number`),
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `import_rows` (
	`user_id` text NOT NULL,
	`import_id` text NOT NULL,
	`number` integer NOT NULL,
	`level` integer NOT NULL,
	`parent` integer NOT NULL,
	`data` text NOT NULL,
	PRIMARY KEY(`user_id`, `import_id`, `number`),
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `import_rows_level` ON `import_rows` (`user_id`,`import_id`,`level`,`number`);--> statement-breakpoint
CREATE TABLE `imports` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`status` text NOT NULL,
	`format` text NOT NULL,
	`dry_run` integer NOT NULL,
	`project` text NOT NULL,
	`open` integer NOT NULL,
	`step` integer NOT NULL,
	`state` text NOT NULL,
	`counts` text NOT NULL,
	`error` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`finished_at` integer,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `imports_user` ON `imports` (`user_id`,`id`);--> statement-breakpoint
CREATE INDEX `imports_open` ON `imports` (`open`,`updated_at`);