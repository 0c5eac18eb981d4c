// Writes docs/configuration.md and .env.example from the table of variables: node
// scripts/print-configuration.ts
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { removedVariables } from '../src/config/removed-variables.ts'
import { NONE, type Variable } from '../src/config/variable.ts'
import type { VariableName } from '../src/config/variables.ts'
import { variables } from '../src/config.ts'
import { isProgram, runProgram } from './support/program.ts'

export const CONFIGURATION_PAGE = join(import.meta.dirname, '../docs/configuration.md')

export const ENVIRONMENT_EXAMPLE = join(import.meta.dirname, '../.env.example')

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

[.env.example](../.env.example) lists all of them, to be copied to \`.env\`. On Node and Deno, and by the single file, a file \`.env\` is not read; \`set -a; . ./.env; set +a\` takes its
variables into a shell. Bun reads it by itself. In a container they are \`-e\` or \`--env-file\`, on a Space its *variables* and *secrets*.`

const databaseUrls = `
## DATABASE_URL

| URL | What it is | Parameters |
| --- | --- | --- |
| \`file:/path/to/taskport.db\`, \`sqlite:////path/to/taskport.db\` | another file, whose folder has to exist | none |
| \`postgres://user:password@host/database\` | Postgres | \`sslmode\` (\`disable\`, \`prefer\`, \`require\`, \`verify-ca\`, \`verify-full\`), \`sslrootcert\` (a file, where there are files), \`ssl\`, \`channel_binding\` (\`require\` checks the certificate fully), \`pgbouncer=true\`, and those below |
| \`mysql://user:password@host/database\` | MySQL (8.0.17 or newer) or MariaDB (10.11 or newer) | \`ssl-mode\` (\`DISABLED\`, \`PREFERRED\`, \`REQUIRED\`, \`VERIFY_CA\`, \`VERIFY_IDENTITY\`), \`ssl_ca\` (a file), \`ssl\`, \`ssl_verify_cert\`, \`ssl_verify_identity\`, \`sslaccept\`, and those below |
| \`libsql://host\`, \`https://host\`, \`wss://host\` | a libSQL server or Turso | \`authToken\`, \`tls\` (\`0\`, \`1\`) |

Driver suffixes as in \`postgresql+asyncpg://\` do not matter.

Parameters that other clients write are understood:

| Parameters | Of | What they do |
| --- | --- | --- |
| \`host\` (a folder), \`postgres://%2Fvar%2Frun%2Fpostgresql/database\` | Postgres | a Unix socket: \`postgres:///database?host=/var/run/postgresql\`. Without a user it is the one that the process runs as |
| \`socketPath\`, \`unix_socket\`, \`socket\` (a path) | MySQL | a Unix socket: \`mysql://user@localhost/database?socketPath=/run/mysqld/mysqld.sock\` |
| \`host\`, \`port\`, \`user\`, \`password\`, \`dbname\` | Postgres | count instead of what stands before them |
| \`schema\`, \`search_path\`, \`currentSchema\`, \`options=-c search_path=…\` | Postgres | the schema of the tables, which has to exist |
| \`options\` | Postgres | settings of the sessions (\`-c name=value\`), or what a proxy wants to know (\`endpoint=…\`) |
| \`application_name\` | Postgres | the name of the sessions, otherwise \`taskport\` |
| \`connection_limit\`, \`pool_size\`, \`connectionLimit\` | all servers | connections at most, where that is less than \`DATABASE_POOL_SIZE\` |
| \`connect_timeout\` (seconds), \`connectTimeout\` (MySQL: milliseconds) | Postgres, MySQL | how long a connection may take |
| \`statement_cache_size=0\`, \`prepared_statement_cache_size=0\`, \`prepareThreshold=0\` | Postgres | as \`pgbouncer=true\` |
| \`keepalives…\`, \`statement_timeout\`, \`pool_timeout\`, \`socket_timeout\` and other limits of time or of pools | all servers | nothing: requests have their own limits |

A parameter that asks for what the service cannot do is refused, with what to write: a text encoding other than UTF-8 (\`client_encoding\`, \`charset\`, \`collation\`), a time zone other than UTC
(\`timezone\`), a server that is not written to (\`target_session_attrs=standby\`), \`autocommit=false\`. So is one that is not known: it may be one that keeps a connection safe.`

const removed = `
## Removed

Set to anything but blanks, these refuse the start:

${Object.entries(removedVariables)
  .map(([name, reason]) => `- \`${name}\` ${reason}.`)
  .join('\n')}`

/** The whole page, as text. */
export const configurationPage = (): string =>
  [intro, ...Object.entries(variables).flatMap(table), databaseUrls, removed, ''].join('\n')

/** Characters of a line of a comment. */
const WIDTH = 96

const comment = (text: string): string[] =>
  (
    text
      .replaceAll('`', '')
      .replace(
        /\[([^\]]*)\]\(([^)#]*)([^)]*)\)/g,
        (_, link, page, heading) => `${link} (docs/${page || 'configuration.md'}${heading})`,
      )
      .match(new RegExp(`\\S.{0,${WIDTH}}(?= |$)`, 'g')) ?? []
  ).map((line) => `# ${line}`)

/** A default that can be written down as it is; others depend on something. */
const literalOf = (shown: string): string => /^`([\w.*]+)`$/.exec(shown)?.[1] ?? ''

const exampleOf = ([name, { shown, doc }]: [string, Variable]): string[] => {
  const topic = topics[name as VariableName]
  const [literal, without] = [literalOf(shown), shown.replaceAll('`', '')]
  return [
    ...(topic === undefined ? [] : ['', `## ${topic}`]),
    '',
    ...comment(literal === '' && shown !== NONE ? `${doc} Default: ${without}.` : doc),
    `#${name}=${literal}`,
  ]
}

const exampleIntro = `# Every variable of Taskport, with its default. Printed by scripts/print-configuration.ts.
#
# Copy this file to .env, which is never committed, and take the # away from what you change. A
# shell takes it in by: set -a; . ./.env; set +a. docker run has --env-file, systemd has
# EnvironmentFile=. docs/configuration.md has the same with links.`

/** The whole of .env.example, as text. */
export const environmentExample = (): string =>
  [exampleIntro, ...Object.entries(variables).flatMap(exampleOf), ''].join('\n')

const program = {
  name: 'npm run docs:configuration',
  forms: ['[--dry-run]'],
  about: 'Writes docs/configuration.md and .env.example from the table of variables.',
  options: { 'dry-run': { doc: 'prints the page, and writes no file' } },
  examples: [['', 'writes both']],
} as const

if (isProgram(import.meta.filename))
  await runProgram(program, ({ options }) => {
    if (options['dry-run']) {
      process.stdout.write(configurationPage())
      return
    }
    writeFileSync(CONFIGURATION_PAGE, configurationPage())
    writeFileSync(ENVIRONMENT_EXAMPLE, environmentExample())
  })
