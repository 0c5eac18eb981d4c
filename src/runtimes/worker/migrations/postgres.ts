// Every migration of drizzle/postgres, in order: a Worker has no files. test/worker.test.ts holds this list against the folder.

import accountsAndTasks from '../../../../drizzle/postgres/0000_accounts_and_tasks.sql'
import { parseMigration } from '../../../db/migrate.ts'

export const migrations = [parseMigration('0000_accounts_and_tasks.sql', accountsAndTasks)]
