CREATE TABLE "task_occurrences" (
	"id" uuid PRIMARY KEY NOT NULL,
	"owner_id" uuid NOT NULL,
	"task_id" uuid NOT NULL,
	"slot_wall" varchar(19) COLLATE "C" NOT NULL,
	"slot_zone" varchar(64) COLLATE "C",
	"due_wall" varchar(19) COLLATE "C" NOT NULL,
	"due_zone" varchar(64) COLLATE "C",
	"start_wall" varchar(19) COLLATE "C" NOT NULL,
	"start_zone" varchar(64) COLLATE "C",
	"outcome" varchar(16) COLLATE "C" NOT NULL,
	"done_by" uuid NOT NULL,
	"done_at" timestamp (3) with time zone NOT NULL,
	"undo" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "recurrence" text;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "recurrence_left" integer;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "status_by" uuid;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "status_before" varchar(16) COLLATE "C";--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "completed_before" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "task_occurrences" ADD CONSTRAINT "task_occurrences_owner_id_users_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "task_occurrences" ADD CONSTRAINT "task_occurrences_task_id_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."tasks"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "task_occurrences_task" ON "task_occurrences" USING btree ("task_id","done_at","id");--> statement-breakpoint
CREATE INDEX "task_occurrences_slot" ON "task_occurrences" USING btree ("task_id","slot_wall");--> statement-breakpoint
CREATE INDEX "task_occurrences_owner" ON "task_occurrences" USING btree ("owner_id");