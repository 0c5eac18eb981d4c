import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  CONFIGURATION_PAGE,
  configurationPage,
  ENVIRONMENT_EXAMPLE,
  environmentExample,
} from '../../scripts/print-configuration.ts'
import { parseConfig, variables } from '../../src/config.ts'
import { faults } from './faults.ts'

const defaults = {
  port: 7860,
  host: '0.0.0.0',
  dataDir: undefined,
  databaseUrl: undefined,
  databaseAuthToken: undefined,
  databasePoolSize: 10,
  storage: { reserve: undefined, limit: undefined },
  backup: undefined,
  migrate: 'auto',
  workers: 1,
  logLevel: 'info',
  logFormat: 'auto',
  sourceCommit: undefined,
  shutdownMs: 10_000,
  publicUrl: undefined,
  spaceId: undefined,
  trustedHops: 0,
  corsOrigins: '*',
  webhookHosts: [],
  rateLimits: { on: true, authAddress: 10, authAccount: 10, caller: 600 },
  bodies: { process: 64 * 2 ** 20, address: 16 * 2 ** 20, user: 8 * 2 ** 20 },
  connections: { total: 5_000, perAddress: 500 },
  quotas: { tasks: 100_000, projects: 1_000, labels: 1_000, keys: 100, bytes: 200_000_000 },
  trashDays: 30,
  activityDays: 180,
  registration: 'open',
  authSecret: undefined,
  sharedSecret: undefined,
  subjectClaim: undefined,
  jwksIssuer: undefined,
  openid: undefined,
  externalApiKeys: false,
  metricsToken: undefined,
  legacy: { list: 'array', deleted: 204 },
}

test('docs/configuration.md is what the table prints', () => {
  expect(readFileSync(CONFIGURATION_PAGE, 'utf8')).toBe(configurationPage())
})

describe('parseConfig', () => {
  test('needs nothing', () => expect(parseConfig({})).toEqual(defaults))

  test.each(['', '  ', '\t\n'])('takes %j as not set, for every variable', (blank) => {
    expect(
      parseConfig(Object.fromEntries(Object.keys(variables).map((name) => [name, blank]))),
    ).toEqual(defaults)
  })

  test('knows a Space', () => {
    const config = parseConfig({ SPACE_ID: 'me/tasks', SPACE_HOST: 'me-tasks.hf.space' })
    expect(config).toEqual({
      ...defaults,
      spaceId: 'me/tasks',
      publicUrl: 'https://me-tasks.hf.space',
      trustedHops: 1,
      connections: { total: 5_000, perAddress: Number.POSITIVE_INFINITY },
    })
    expect(
      parseConfig({
        SPACE_ID: 'me/tasks',
        TRUSTED_HOPS: '0',
        SPACE_HOST: 'x',
        PUBLIC_URL: 'https://tasks.example.org/',
      }),
    ).toMatchObject({
      trustedHops: 0,
      publicUrl: 'https://tasks.example.org',
    })
  })

  test('reads every variable', () => {
    const config = parseConfig({
      PORT: ' 8080 ',
      HOST: '::1',
      DATA_DIR: '/srv/tasks',
      DATABASE_URL: ' libsql://db.example.org\n',
      DATABASE_AUTH_TOKEN: 'token',
      DATABASE_POOL_SIZE: '20',
      MIGRATE: 'Check',
      LOG_LEVEL: 'DEBUG',
      SHUTDOWN_SECONDS: '60',
      WORKERS: 'Auto',
      CORS_ORIGINS: 'https://a.example.org/, http://localhost:3000',
      WEBHOOK_ALLOW_HOSTS: 'N8N, hooks.internal:5678,10.0.0.5:80,[fd00::1]',
      RATE_LIMIT: 'off',
      RATE_LIMIT_SIGN_IN_PER_ADDRESS: '1',
      RATE_LIMIT_SIGN_IN_PER_ACCOUNT: '2',
      RATE_LIMIT_PER_USER: '3',
      BODY_MEMORY: '32',
      BODY_MEMORY_PER_ADDRESS: '9',
      BODY_MEMORY_PER_USER: '2',
      CONNECTIONS: '300',
      CONNECTIONS_PER_ADDRESS: '20',
      QUOTA_TASKS: '4',
      QUOTA_PROJECTS: '5',
      QUOTA_LABELS: '6',
      QUOTA_KEYS: '7',
      QUOTA_BYTES: '8',
      TRASH_DAYS: '7',
      ACTIVITY_DAYS: '9',
      REGISTRATION: 'closed',
      AUTH_SECRET: 'a'.repeat(32),
      BETTER_AUTH_SECRET: 'ä'.repeat(16),
      EXTERNAL_API_KEYS: 'on',
      METRICS_TOKEN: 'm'.repeat(16),
      LEGACY_LIST: 'tasks',
      LEGACY_DELETE: '200',
    })
    expect(config).toEqual({
      ...defaults,
      port: 8080,
      host: '::1',
      dataDir: '/srv/tasks',
      databaseUrl: 'libsql://db.example.org',
      databaseAuthToken: 'token',
      databasePoolSize: 20,
      migrate: 'check',
      workers: 'auto',
      logLevel: 'debug',
      shutdownMs: 60_000,
      corsOrigins: ['https://a.example.org', 'http://localhost:3000'],
      webhookHosts: ['n8n', 'hooks.internal:5678', '10.0.0.5:80', '[fd00::1]'],
      rateLimits: { on: false, authAddress: 1, authAccount: 2, caller: 3 },
      bodies: { process: 32 * 2 ** 20, address: 9 * 2 ** 20, user: 2 * 2 ** 20 },
      connections: { total: 300, perAddress: 20 },
      quotas: { tasks: 4, projects: 5, labels: 6, keys: 7, bytes: 8 },
      trashDays: 7,
      activityDays: 9,
      registration: 'closed',
      authSecret: 'a'.repeat(32),
      sharedSecret: 'ä'.repeat(16),
      externalApiKeys: true,
      metricsToken: 'm'.repeat(16),
      legacy: { list: 'tasks', deleted: 200 },
    })
  })

  test('knows an issuer by its address, or by all three of its variables', () => {
    const base = 'https://app.example.org'
    expect(parseConfig({ BETTER_AUTH_URL: `${base}/` }).jwksIssuer).toEqual({
      url: `${base}/api/auth/jwks`,
      issuer: base,
      audience: base,
      subjectClaim: 'sub',
    })
    const named = {
      AUTH_JWKS_URL: 'https://id.example.org/keys?p=1',
      AUTH_ISSUER: 'https://id.example.org/',
      AUTH_AUDIENCE: 'tasks',
      AUTH_SUBJECT_CLAIM: 'oid',
    }
    expect(parseConfig(named).jwksIssuer).toEqual({
      url: 'https://id.example.org/keys?p=1',
      issuer: 'https://id.example.org/',
      audience: 'tasks',
      subjectClaim: 'oid',
    })
    expect(faults({ AUTH_JWKS_URL: 'https://id.example.org/keys' })).toEqual([
      "AUTH_ISSUER is required with AUTH_JWKS_URL: set it to the iss of the issuer's tokens",
      "AUTH_AUDIENCE is required with AUTH_JWKS_URL: set it to the aud of the issuer's tokens",
    ])
  })

  test('knows an OpenID provider by all of its variables, or not at all', () => {
    const space = {
      OPENID_PROVIDER_URL: 'https://huggingface.co',
      OAUTH_CLIENT_ID: 'me',
      OAUTH_CLIENT_SECRET: 'hunter2',
    }
    const openid = {
      url: 'https://huggingface.co',
      clientId: 'me',
      clientSecret: 'hunter2',
      scopes: 'openid profile',
    }
    expect(parseConfig(space).openid).toEqual(openid)
    expect(parseConfig({ ...space, OAUTH_SCOPES: 'email  openid' }).openid).toEqual({
      ...openid,
      scopes: 'email  openid',
    })
    const slash = 'https://id.example.org/app/'
    expect(
      parseConfig({ ...space, OPENID_PROVIDER_URL: slash }).openid?.url,
      'some issuers end in a slash',
    ).toBe(slash)
    expect(parseConfig({ ...space, OPENID_PROVIDER_URL: 'http://[::1]:3000' }).openid?.url).toBe(
      'http://[::1]:3000',
    )
    const missing = (name: string) =>
      `${name} is required to sign in with an OpenID provider: set it, or remove the other variables that begin with OPENID_ or OAUTH_`
    for (const name of Object.keys(space))
      expect(faults({ ...space, [name]: ' ' })).toEqual([missing(name)])
    expect(faults({ OAUTH_SCOPES: 'openid' })).toEqual(Object.keys(space).map(missing))
    expect(faults({ ...space, PUBLIC_URL: 'http://localhost:7860' })).toEqual([])
    expect(faults({ ...space, PUBLIC_URL: 'http://tasks.example.org' })).toEqual([
      expect.stringMatching(/^PUBLIC_URL has to be https/),
    ])
    const issuer = {
      AUTH_JWKS_URL: 'https://huggingface.co/keys',
      AUTH_ISSUER: 'https://huggingface.co',
      AUTH_AUDIENCE: 'me',
    }
    expect(faults({ ...space, ...issuer })).toEqual([])
    for (const AUTH_ISSUER of [
      'https://huggingface.co',
      'https://huggingface.co/',
      'HTTPS://HuggingFace.co:443',
    ])
      expect(faults({ ...space, ...issuer, AUTH_ISSUER, AUTH_SUBJECT_CLAIM: 'email' })).toEqual([
        expect.stringMatching(/^AUTH_SUBJECT_CLAIM has to be sub/),
      ])
    expect(
      faults({
        ...space,
        ...issuer,
        AUTH_ISSUER: 'https://elsewhere.example',
        AUTH_SUBJECT_CLAIM: 'email',
      }),
    ).toEqual([])
  })

  test.each([
    ['PORT', 'hunter2'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '0x50'],
    ['LOG_LEVEL', 'hunter2'],
    ['PUBLIC_URL', 'hunter2.example.org'],
    ['PUBLIC_URL', 'https://me:hunter2@example.org'],
    ['PUBLIC_URL', 'ftp://hunter2.org'],
    ['PUBLIC_URL', 'https://example.org/?hunter2'],
    ['SPACE_HOST', 'hunter2.org/path'],
    ['TRUSTED_HOPS', '1.5'],
    ['CORS_ORIGINS', 'https://a.example.org,hunter2'],
    ['CORS_ORIGINS', 'https://a.example.org/hunter2'],
    ['CORS_ORIGINS', ','],
    ['WEBHOOK_ALLOW_HOSTS', ','],
    ['WEBHOOK_ALLOW_HOSTS', 'n8n,http://hunter2'],
    ['WEBHOOK_ALLOW_HOSTS', 'hunter2/path'],
    ['WEBHOOK_ALLOW_HOSTS', 'hunter2@n8n'],
    ['WEBHOOK_ALLOW_HOSTS', '127.1'],
    ['CORS_ORIGINS', 'https://*hunter2.app'],
    ['CORS_ORIGINS', 'https://hunter2.*'],
    ['CORS_ORIGINS', 'https://*.*.hunter2.org'],
    ['CORS_ORIGINS', '*://hunter2.org'],
    ['CORS_ORIGINS', 'https://*.hunter2.org/*'],
    ['CORS_ORIGINS', 'https://*'],
    ['CORS_ORIGINS', 'http://localhost:3*'],
    ['RATE_LIMIT', 'hunter2'],
    ['RATE_LIMIT_PER_USER', '0'],
    ['QUOTA_TASKS', 'hunter2'],
    ['REGISTRATION', 'hunter2'],
    ['AUTH_SECRET', 'hunter2'],
    ['BETTER_AUTH_SECRET', 'hunter2'],
    ['JWT_SECRET', 'hunter2'],
    ['JWT_SECRET_KEY', 'hunter2'],
    ['SECRET_KEY', 'hunter2'],
    ['AUTH_ISSUER', 'better-auth-secret'],
    ['BETTER_AUTH_URL', 'hunter2'],
    ['AUTH_JWKS_URL', 'https://me:hunter2@example.org/keys'],
    ['AUTH_SUBJECT_CLAIM', 'hunter2 hunter2'],
    ['EXTERNAL_API_KEYS', 'hunter2'],
    ['METRICS_TOKEN', 'hunter2'],
    ['DATABASE_URL', 'hunter2'],
    ['DATABASE_REPLICA', 'hunter2'],
    ['DATABASE_POOL_SIZE', '0'],
    ['MIGRATE', 'hunter2'],
    ['WORKERS', 'hunter2'],
    ['WORKERS', '0'],
    ['WORKERS', '65'],
    ['WORKERS', '1.5'],
    ['DATABASE_AUTH_TOKEN', 'hunter2'],
  ])('%s=%s: one line that names it and says what to do, not what it was', (name, value) => {
    const lines = faults({ [name]: value })
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(new RegExp(`^${name} [^\\n]+: [^\\n]+$`))
    expect(lines[0]).not.toContain('hunter2')
  })

  test.each([
    ['OPENID_PROVIDER_URL', 'hunter2'],
    ['OPENID_PROVIDER_URL', 'http://hunter2.example.org'],
    ['OPENID_PROVIDER_URL', 'https://id.example.org/?hunter2'],
    ['OAUTH_SCOPES', 'profile hunter2'],
    ['OAUTH_SCOPES', 'openid "hunter2"'],
  ])('%s=%s among the others of a provider: the same', (name, value) => {
    const others = {
      OPENID_PROVIDER_URL: 'https://id.example.org',
      OAUTH_CLIENT_ID: 'me',
      OAUTH_CLIENT_SECRET: 'x',
    }
    const lines = faults({ ...others, [name]: value })
    expect(lines).toEqual([expect.stringMatching(new RegExp(`^${name} [^\\n]+: [^\\n]+$`))])
    expect(lines[0]).not.toContain('hunter2')
  })

  test('the token of a libSQL server is refused without one, and so are two tokens', () => {
    const lonely = [
      'DATABASE_AUTH_TOKEN is only for a libSQL server, and DATABASE_URL names none: set DATABASE_URL to it, or remove DATABASE_AUTH_TOKEN',
    ]
    const extras = { DATABASE_AUTH_TOKEN: 'hunter2' }
    expect(faults(extras)).toEqual(lonely)
    expect(faults({ ...extras, DATABASE_URL: 'postgres://me:hunter2@x/tasks' })).toEqual(lonely)
    expect(faults({ ...extras, DATABASE_URL: 'libsql://x' })).toEqual([])
    expect(faults({ ...extras, DATABASE_URL: 'libsql://x?authToken=hunter2' })).toEqual([])
    expect(faults({ ...extras, DATABASE_URL: 'libsql://x?authToken=hunter3' })).toEqual([
      'DATABASE_AUTH_TOKEN is another token than the authToken in DATABASE_URL: remove one of them',
    ])
    expect(faults({ ...extras, DATABASE_URL: 'hunter2' })).toHaveLength(1)
  })

  test('the bounds of a database in a file, in bytes; refused for a server', () => {
    expect(parseConfig({ DISK_RESERVE: '0', DATABASE_SIZE_LIMIT: '500' }).storage).toEqual({
      reserve: 0,
      limit: 500 * 2 ** 20,
    })
    expect(faults({ DISK_RESERVE: '1', DATABASE_URL: 'file:x.db' })).toEqual([])
    expect(
      faults({
        DISK_RESERVE: '1',
        DATABASE_SIZE_LIMIT: '1',
        DATABASE_URL: 'postgres://me:hunter2@x/tasks',
      }),
    ).toEqual(
      ['DISK_RESERVE', 'DATABASE_SIZE_LIMIT'].map(
        (name) =>
          `${name} is only for a database in a file, and DATABASE_URL names a server, which has limits of its own: remove ${name}`,
      ),
    )
  })

  test('a variable of an earlier version is refused with what to use instead, unless it is blank', () => {
    for (const DATABASE_URL of ['', 'libsql://x', 'postgres://me@x/tasks'])
      expect(faults({ DATABASE_URL, DATABASE_REPLICA: 'file:/hunter2.db' })).toEqual([
        expect.stringMatching(
          /^DATABASE_REPLICA is not supported any more, .*: remove it, and set DATABASE_URL to the libSQL server, .* BACKUP_URL/,
        ),
      ])
    expect(faults({ DATABASE_URL: 'libsql://x', DATABASE_REPLICA: ' \t' })).toEqual([])
  })

  test('collects what is wrong', () =>
    expect(faults({ PORT: 'x', RATE_LIMIT: 'x', DATABASE_URL: 'x' })).toHaveLength(3))
})

describe('.env.example', () => {
  const example = readFileSync(ENVIRONMENT_EXAMPLE, 'utf8')

  test('is printed from the table of variables: npm run docs:configuration', () => {
    expect(example).toBe(environmentExample())
  })

  test('names each variable once, sets none, and its defaults are the defaults', () => {
    const lines = example.split('\n').filter((line) => !/^(# |## |#$|$)/.test(line))
    const set = lines.map((line) => /^#([A-Z_]+)=(.*)$/.exec(line)?.slice(1) ?? [line])
    expect(set.map(([name]) => name)).toEqual(Object.keys(variables))
    // Those of backups are refused without BACKUP_URL.
    const alone = set.filter(([name]) => !name?.startsWith('BACKUP_'))
    expect(parseConfig(Object.fromEntries(alone))).toEqual(parseConfig({}))
    for (const line of example.split('\n')) expect(line.length, line).toBeLessThanOrEqual(100)
  })
})

test('.env.example with every # taken away is what nothing set is', () => {
  const all = [...environmentExample().matchAll(/^#([A-Z_]+)=(.*)$/gm)]
  expect(all.map(([, name]) => name)).toEqual(Object.keys(variables))
  const env = Object.fromEntries(all.map(([, name, value]) => [name, value]))
  expect(parseConfig(env)).toEqual(parseConfig({}))
})
