CREATE TABLE `leases` (
	`name` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`holder` varchar(36) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`until` datetime(3) NOT NULL,
	`data` json NOT NULL,
	CONSTRAINT `leases_name` PRIMARY KEY(`name`)
);
