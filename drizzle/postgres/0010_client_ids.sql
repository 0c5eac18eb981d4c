ALTER TABLE "labels" ADD COLUMN "made_of" varchar(64) COLLATE "C";--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "made_of" varchar(64) COLLATE "C";--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "made_of" varchar(64) COLLATE "C";