// Every migration of drizzle/postgres, in order: a Worker has no files. Written by
// scripts/generate-migrations.ts.

import accountsAndTasks from '../../../../drizzle/postgres/0000_accounts_and_tasks.sql'
import signIn from '../../../../drizzle/postgres/0001_sign_in.sql'
import wideIndex from '../../../../drizzle/postgres/0002_wide_index.sql'
import labelNames from '../../../../drizzle/postgres/0003_label_names.sql'
import bulkOperations from '../../../../drizzle/postgres/0004_bulk_operations.sql'
import storedBytes from '../../../../drizzle/postgres/0005_stored_bytes.sql'
import checkedSeq from '../../../../drizzle/postgres/0006_checked_seq.sql'
import leases from '../../../../drizzle/postgres/0007_leases.sql'
import textComparison from '../../../../drizzle/postgres/0008_text_comparison.sql'
import taskExtra from '../../../../drizzle/postgres/0009_task_extra.sql'
import taskModel from '../../../../drizzle/postgres/0010_task_model.sql'
import sync from '../../../../drizzle/postgres/0011_sync.sql'
import eventsWebhooks from '../../../../drizzle/postgres/0012_events_webhooks.sql'
import { parseMigration } from '../../../db/migrate.ts'

export const migrations = [
  parseMigration('0000_accounts_and_tasks.sql', accountsAndTasks),
  parseMigration('0001_sign_in.sql', signIn),
  parseMigration('0002_wide_index.sql', wideIndex),
  parseMigration('0003_label_names.sql', labelNames),
  parseMigration('0004_bulk_operations.sql', bulkOperations),
  parseMigration('0005_stored_bytes.sql', storedBytes),
  parseMigration('0006_checked_seq.sql', checkedSeq),
  parseMigration('0007_leases.sql', leases),
  parseMigration('0008_text_comparison.sql', textComparison),
  parseMigration('0009_task_extra.sql', taskExtra),
  parseMigration('0010_task_model.sql', taskModel),
  parseMigration('0011_sync.sql', sync),
  parseMigration('0012_events_webhooks.sql', eventsWebhooks),
]
