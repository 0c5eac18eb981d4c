ALTER TABLE "tasks" ADD COLUMN "labels" jsonb;--> statement-breakpoint
UPDATE "tasks" SET "labels" = (SELECT jsonb_agg("labels"."name") FROM "task_labels" INNER JOIN "labels" ON "labels"."id" = "task_labels"."label_id" WHERE "task_labels"."task_id" = "tasks"."id") WHERE "id" IN (SELECT "task_id" FROM "task_labels");
