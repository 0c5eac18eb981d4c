// Writes docs/configuration.md from the table of variables: node scripts/print-configuration.ts
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { removedVariables } from '../src/config/removed-variables.ts'
import type { Variable } from '../src/config/variable.ts'
import type { VariableName } from '../src/config/variables.ts'
import { variables } from '../src/config.ts'
import { isProgram, runProgram } from './support/program.ts'

export const CONFIGURATION_PAGE = join(import.meta.dirname, '../docs/configuration.md')

/** The topics, each from the variable on that it begins with. */
const topics: Readonly<Partial<Record<VariableName, string>>> = {
  PORT: 'Where it listens, and where the data is',
  BACKUP_URL: 'Backups of the data',
  MIGRATE: 'Start and log',
  PUBLIC_URL: 'Who reaches it',
  RATE_LIMIT: 'Limits and quotas',
  REGISTRATION: 'Accounts, and tokens of other issuers',
  OPENID_PROVIDER_URL: 'Sign-in with an OpenID provider',
  EXTERNAL_API_KEYS: 'More',
}

const table = ([name, { shown, doc }]: [string, Variable]): string[] => [
  ...(topics[name as VariableName] === undefined
    ? []
    : [
        '',
        `## ${topics[name as VariableName]}`,
        '',
        '| Variable | Without it | What it does |',
        '| --- | --- | --- |',
      ]),
  `| \`${name}\` | ${shown} | ${doc.replaceAll('|', '\\|')} |`,
]

const intro = `<!-- Printed by scripts/print-configuration.ts from src/config/variables.ts. Change it there. -->

# Configuration

Taskport is configured by environment variables. None is required. One that is empty or blank counts as not set. If one does not
fit, the process says which, why and what to do, in one line each, and exits with code 1: it never starts with something else instead.

    PORT=8080 DATABASE_URL=postgres://taskport:password@db.example.org/taskport npm start

On Node and Deno a file \`.env\` is not read; \`set -a; . ./.env; set +a\` takes its variables into a shell. Bun reads it by itself. In a
container they are \`-e\` or \`--env-file\`, on a Space its *variables* and *secrets*.`

const databaseUrls = `
## DATABASE_URL

| URL | What it is | Parameters |
| --- | --- | --- |
| \`file:/path/to/taskport.db\`, \`sqlite:////path/to/taskport.db\` | another file, whose folder has to exist | none |
| \`postgres://user:password@host/database\` | Postgres | \`sslmode\` (\`disable\`, \`prefer\`, \`require\`, \`verify-ca\`, \`verify-full\`), \`sslrootcert\` (a file, where there are files), \`ssl\`, \`channel_binding\` (\`require\` checks the certificate fully), \`pgbouncer=true\` |
| \`mysql://user:password@host/database\` | MySQL or MariaDB | \`ssl-mode\` (\`DISABLED\`, \`PREFERRED\`, \`REQUIRED\`, \`VERIFY_CA\`, \`VERIFY_IDENTITY\`), \`ssl_ca\` (a file), \`ssl\`, \`ssl_verify_cert\`, \`ssl_verify_identity\`, \`charset\` |
| \`libsql://host\`, \`https://host\`, \`wss://host\` | a libSQL server or Turso | \`authToken\`, \`tls\` (\`0\`, \`1\`) |

Driver suffixes as in \`postgresql+asyncpg://\` do not matter. Other parameters are refused.`

const removed = `
## Removed

Set to anything but blanks, these refuse the start:

${Object.entries(removedVariables)
  .map(([name, reason]) => `- \`${name}\` ${reason}.`)
  .join('\n')}`

/** The whole page, as text. */
export const configurationPage = (): string =>
  [intro, ...Object.entries(variables).flatMap(table), databaseUrls, removed, ''].join('\n')

const program = {
  name: 'npm run docs:configuration',
  forms: ['[--dry-run]'],
  about: 'Writes docs/configuration.md from the table of variables.',
  options: { 'dry-run': { doc: 'prints the page, and writes no file' } },
  examples: [['', 'writes the page']],
} as const

if (isProgram(import.meta.filename))
  await runProgram(program, ({ options }) => {
    if (options['dry-run']) process.stdout.write(configurationPage())
    else writeFileSync(CONFIGURATION_PAGE, configurationPage())
  })
