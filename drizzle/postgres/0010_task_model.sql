CREATE TABLE "bulk_results" (
	"user_id" uuid PRIMARY KEY NOT NULL,
	"id" uuid NOT NULL,
	"data" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "comments" (
	"id" uuid PRIMARY KEY NOT NULL,
	"owner_id" uuid NOT NULL,
	"task_id" uuid NOT NULL,
	"text" text NOT NULL,
	"created_by" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"edited" boolean NOT NULL,
	"rev" uuid NOT NULL
);
--> statement-breakpoint
CREATE TABLE "events" (
	"id" uuid PRIMARY KEY NOT NULL,
	"owner_id" uuid NOT NULL,
	"user_id" uuid,
	"project_id" uuid,
	"task_id" uuid,
	"entity" varchar(16) COLLATE "C" NOT NULL,
	"entity_id" uuid NOT NULL,
	"type" varchar(40) COLLATE "C" NOT NULL,
	"actor_id" uuid,
	"credential" varchar(191) COLLATE "C" NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"data" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "import_notes" (
	"user_id" uuid NOT NULL,
	"import_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"data" text NOT NULL,
	CONSTRAINT "import_notes_user_id_import_id_number_pk" PRIMARY KEY("user_id","import_id","number")
);
--> statement-breakpoint
CREATE TABLE "import_pieces" (
	"user_id" uuid NOT NULL,
	"import_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"text" text NOT NULL,
	CONSTRAINT "import_pieces_user_id_import_id_number_pk" PRIMARY KEY("user_id","import_id","number")
);
--> statement-breakpoint
CREATE TABLE "import_rows" (
	"user_id" uuid NOT NULL,
	"import_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"level" integer NOT NULL,
	"parent" integer NOT NULL,
	"data" text NOT NULL,
	CONSTRAINT "import_rows_user_id_import_id_number_pk" PRIMARY KEY("user_id","import_id","number")
);
--> statement-breakpoint
CREATE TABLE "imports" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"status" varchar(16) COLLATE "C" NOT NULL,
	"format" varchar(16) COLLATE "C" NOT NULL,
	"dry_run" boolean NOT NULL,
	"project" varchar(120) COLLATE "C" NOT NULL,
	"open" boolean NOT NULL,
	"step" integer NOT NULL,
	"state" jsonb NOT NULL,
	"counts" jsonb NOT NULL,
	"error" varchar(500) COLLATE "C",
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"finished_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "reminders" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"task_id" uuid NOT NULL,
	"trigger_spec" jsonb NOT NULL,
	"fire_at" timestamp (3) with time zone,
	"status" varchar(16) COLLATE "C" NOT NULL,
	"fired_at" timestamp (3) with time zone,
	"late" boolean NOT NULL,
	"rev" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "task_blockers" (
	"task_id" uuid NOT NULL,
	"blocker_id" uuid NOT NULL,
	CONSTRAINT "task_blockers_task_id_blocker_id_pk" PRIMARY KEY("task_id","blocker_id")
);
--> statement-breakpoint
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
DROP INDEX "tasks_owner_all";--> statement-breakpoint
ALTER TABLE "labels" ADD COLUMN "made_of" varchar(64) COLLATE "C";--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "made_of" varchar(64) COLLATE "C";--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "deadline" varchar(10) COLLATE "C" DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "estimate_minutes" integer;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "url" text;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "external_id" varchar(191) COLLATE "C";--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "blocked_by" jsonb;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "blocked" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "child_count" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "children_done" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "comment_count" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "made_of" varchar(64) COLLATE "C";--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "reminder_rev" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "recurrence" text;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "recurrence_left" integer;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "status_by" uuid;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "status_before" varchar(16) COLLATE "C";--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "completed_before" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "reminder_time" varchar(5) COLLATE "C" DEFAULT '09:00' NOT NULL;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "blockers_rev" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "bulk_results" ADD CONSTRAINT "bulk_results_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "comments" ADD CONSTRAINT "comments_owner_id_users_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "comments" ADD CONSTRAINT "comments_task_id_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."tasks"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "events" ADD CONSTRAINT "events_owner_id_users_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "import_notes" ADD CONSTRAINT "import_notes_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "import_pieces" ADD CONSTRAINT "import_pieces_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "import_rows" ADD CONSTRAINT "import_rows_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "imports" ADD CONSTRAINT "imports_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reminders" ADD CONSTRAINT "reminders_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reminders" ADD CONSTRAINT "reminders_task_id_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."tasks"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "task_blockers" ADD CONSTRAINT "task_blockers_task_id_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."tasks"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "task_blockers" ADD CONSTRAINT "task_blockers_blocker_id_tasks_id_fk" FOREIGN KEY ("blocker_id") REFERENCES "public"."tasks"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "task_occurrences" ADD CONSTRAINT "task_occurrences_owner_id_users_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "task_occurrences" ADD CONSTRAINT "task_occurrences_task_id_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."tasks"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "comments_task" ON "comments" USING btree ("task_id","id");--> statement-breakpoint
CREATE INDEX "comments_owner" ON "comments" USING btree ("owner_id","id");--> statement-breakpoint
CREATE INDEX "events_owner" ON "events" USING btree ("owner_id","id");--> statement-breakpoint
CREATE INDEX "events_project" ON "events" USING btree ("project_id","id");--> statement-breakpoint
CREATE INDEX "events_task" ON "events" USING btree ("task_id","id");--> statement-breakpoint
CREATE INDEX "events_at" ON "events" USING btree ("at");--> statement-breakpoint
CREATE INDEX "import_rows_level" ON "import_rows" USING btree ("user_id","import_id","level","number");--> statement-breakpoint
CREATE INDEX "imports_user" ON "imports" USING btree ("user_id","id");--> statement-breakpoint
CREATE INDEX "imports_open" ON "imports" USING btree ("open","updated_at");--> statement-breakpoint
CREATE INDEX "reminders_status_fire" ON "reminders" USING btree ("status","fire_at","id");--> statement-breakpoint
CREATE INDEX "reminders_user_fire" ON "reminders" USING btree ("user_id","fire_at","id");--> statement-breakpoint
CREATE INDEX "reminders_user_status" ON "reminders" USING btree ("user_id","status","id");--> statement-breakpoint
CREATE INDEX "reminders_task" ON "reminders" USING btree ("task_id","user_id","id");--> statement-breakpoint
CREATE INDEX "task_blockers_blocker_task" ON "task_blockers" USING btree ("blocker_id","task_id");--> statement-breakpoint
CREATE INDEX "task_occurrences_task" ON "task_occurrences" USING btree ("task_id","done_at","id");--> statement-breakpoint
CREATE INDEX "task_occurrences_slot" ON "task_occurrences" USING btree ("task_id","slot_wall");--> statement-breakpoint
CREATE INDEX "task_occurrences_owner" ON "task_occurrences" USING btree ("owner_id");--> statement-breakpoint
CREATE INDEX "tasks_external_id" ON "tasks" USING btree ("owner_id","external_id");--> statement-breakpoint
CREATE INDEX "tasks_owner_all" ON "tasks" USING btree ("owner_id","trashed","id","status","priority","position","title_key","deadline");