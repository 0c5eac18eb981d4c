CREATE TABLE "deliveries" (
	"id" uuid PRIMARY KEY NOT NULL,
	"webhook_id" uuid NOT NULL,
	"event_id" uuid,
	"event_type" varchar(40) COLLATE "C" NOT NULL,
	"status" varchar(16) COLLATE "C" NOT NULL,
	"attempts" integer NOT NULL,
	"next_at" timestamp (3) with time zone,
	"rev" uuid NOT NULL,
	"last_attempt_at" timestamp (3) with time zone,
	"response_status" integer,
	"response_excerpt" text,
	"error" varchar(191) COLLATE "C",
	"duration_ms" integer,
	"created_at" timestamp (3) with time zone NOT NULL
);--> statement-breakpoint
CREATE TABLE "webhooks" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"url" text NOT NULL,
	"description" varchar(120) COLLATE "C" NOT NULL,
	"event_types" jsonb NOT NULL,
	"project_id" uuid,
	"secret" text NOT NULL,
	"previous_secret" text,
	"previous_until" timestamp (3) with time zone,
	"active" boolean NOT NULL,
	"disabled_reason" varchar(16) COLLATE "C",
	"disabled_at" timestamp (3) with time zone,
	"failing_since" timestamp (3) with time zone,
	"seq" integer NOT NULL,
	"rev" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL
);--> statement-breakpoint
ALTER TABLE "events" ADD COLUMN "seq" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_webhook_id_webhooks_id_fk" FOREIGN KEY ("webhook_id") REFERENCES "public"."webhooks"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhooks" ADD CONSTRAINT "webhooks_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "deliveries_status_next" ON "deliveries" USING btree ("status","next_at","id");--> statement-breakpoint
CREATE INDEX "deliveries_webhook" ON "deliveries" USING btree ("webhook_id","id");--> statement-breakpoint
CREATE INDEX "deliveries_webhook_status" ON "deliveries" USING btree ("webhook_id","status","next_at");--> statement-breakpoint
CREATE INDEX "webhooks_user" ON "webhooks" USING btree ("user_id","id");--> statement-breakpoint
CREATE INDEX "webhooks_active" ON "webhooks" USING btree ("active","id");--> statement-breakpoint
CREATE INDEX "events_owner_seq" ON "events" USING btree ("owner_id","seq","id");--> statement-breakpoint
DROP INDEX "events_owner";--> statement-breakpoint
DROP INDEX "events_at";--> statement-breakpoint
DROP INDEX "events_project";