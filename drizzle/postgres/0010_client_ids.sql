CREATE TABLE "bulk_results" (
	"user_id" uuid PRIMARY KEY NOT NULL,
	"id" uuid NOT NULL,
	"data" jsonb NOT NULL
);
--> statement-breakpoint
ALTER TABLE "labels" ADD COLUMN "made_of" varchar(64) COLLATE "C";--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "made_of" varchar(64) COLLATE "C";--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "made_of" varchar(64) COLLATE "C";--> statement-breakpoint
ALTER TABLE "bulk_results" ADD CONSTRAINT "bulk_results_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;