// Writes docs/configuration.md from the table of variables: node scripts/print-configuration.ts
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { variables } from '../src/config.ts'

export const CONFIGURATION_PAGE = join(import.meta.dirname, '../docs/configuration.md')

/** The whole page, as text. */
export const configurationPage = (): string =>
  [
    '<!-- Printed by scripts/print-configuration.ts from src/config/variables.ts. Change it there. -->',
    '',
    '# Configuration',
    '',
    'Taskport is configured by environment variables. None is required. One that is empty or blank counts as not set. If one does not',
    'fit, the process says which, why and what to do, in one line each, and exits with code 1: it never starts with something else instead.',
    '',
    '| Variable | Without it | What it does |',
    '| --- | --- | --- |',
    ...Object.entries(variables).map(([name, { shown, doc }]) => `| \`${name}\` | ${shown} | ${doc.replaceAll('|', '\\|')} |`),
    '',
  ].join('\n')

if (import.meta.main) writeFileSync(CONFIGURATION_PAGE, configurationPage())
