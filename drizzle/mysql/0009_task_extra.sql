ALTER TABLE `tasks` ADD `extra` mediumtext CHARACTER SET utf8mb4 /*!80000 COLLATE utf8mb4_0900_bin */ /*M!100202 COLLATE utf8mb4_nopad_bin */, ALGORITHM=COPY;
