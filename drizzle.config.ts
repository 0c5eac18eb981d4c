import { defineConfig } from 'drizzle-kit'

const dialects = { sqlite: 'sqlite', postgres: 'postgresql', mysql: 'mysql' } as const
const name = (process.env['DIALECT'] ?? 'sqlite') as keyof typeof dialects

export default defineConfig({
  dialect: dialects[name],
  schema: `./src/db/dialect/${name}.ts`,
  out: `./drizzle/${name}`,
})
