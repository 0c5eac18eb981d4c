DROP INDEX "tasks_owner";--> statement-breakpoint
CREATE INDEX "projects_inbox" ON "projects" USING btree ("owner_id","inbox");--> statement-breakpoint
CREATE INDEX "tasks_owner_all" ON "tasks" USING btree ("owner_id","trashed","id","status","priority","position","title_key");