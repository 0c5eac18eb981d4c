CREATE TABLE "leases" (
	"name" varchar(64) COLLATE "C" PRIMARY KEY NOT NULL,
	"holder" varchar(36) COLLATE "C" NOT NULL,
	"until" timestamp (3) with time zone NOT NULL,
	"data" jsonb NOT NULL
);
