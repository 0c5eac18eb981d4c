UPDATE "users" SET "checked_seq" = 0;
