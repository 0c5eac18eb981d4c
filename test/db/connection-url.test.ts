import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseDatabaseUrl } from '../../src/db/connection-url.ts'

test.each([undefined, '', '  '])('%j is the data folder', (url) =>
  expect(parseDatabaseUrl(url)).toEqual({ kind: 'folder' }),
)

test.each([
  ['file:x.db', 'x.db'],
  ['file:./x.db', './x.db'],
  ['file:/srv/x.db', '/srv/x.db'],
  ['file:///srv/my%20tasks.db', '/srv/my tasks.db'],
  ['sqlite:///x.db', 'x.db'],
  ['sqlite:///./x.db', './x.db'],
  ['sqlite:////srv/x.db', '/srv/x.db'],
  ['sqlite+aiosqlite:////srv/x.db', '/srv/x.db'],
  ['FILE:x.db', 'x.db'],
])('%s is the file %s', (url, path) =>
  expect(parseDatabaseUrl(url)).toEqual({ kind: 'file', path }),
)

describe('libSQL', () => {
  test.each([
    ['libsql://tasks-me.turso.io', { url: 'https://tasks-me.turso.io/' }],
    [
      'libsql://tasks-me.turso.io?authToken=ey.J.a',
      { url: 'https://tasks-me.turso.io/', authToken: 'ey.J.a' },
    ],
    ['https://db.example.org:8443/base', { url: 'https://db.example.org:8443/base' }],
    ['wss://db.example.org', { url: 'https://db.example.org/' }],
    ['ws://127.0.0.1:8080', { url: 'http://127.0.0.1:8080/' }],
    ['http://127.0.0.1:8080', { url: 'http://127.0.0.1:8080/' }],
    ['libsql://127.0.0.1:8080?tls=0', { url: 'http://127.0.0.1:8080/' }],
    ['LIBSQL://[::1]:8080?tls=0', { url: 'http://[::1]:8080/' }],
  ])('%s', (url, expected) =>
    expect(parseDatabaseUrl(url)).toEqual({ kind: 'libsql', ...expected }),
  )
})

describe('Postgres', () => {
  const at = (url: string, mode: string, more: object = {}) => ({
    kind: 'postgres',
    url,
    tls: { mode, ...more },
    pooled: false,
  })
  const url = 'postgres://me:pw@h/tasks'
  test.each([
    ['postgres://me:pw@h/tasks', at(url, 'prefer')],
    ['postgresql://me:pw@h:6543/tasks', at('postgres://me:pw@h:6543/tasks', 'prefer')],
    ['postgresql+asyncpg://me:pw@h/tasks', at(url, 'prefer')],
    ['postgresql+psycopg://me:pw@h/tasks', at(url, 'prefer')],
    ['POSTGRES://me@h/tasks', at('postgres://me@h/tasks', 'prefer')],
    [
      'postgres://me:p%40%23%2F@[::1]:5432/my%20tasks',
      at('postgres://me:p%40%23%2F@[::1]:5432/my%20tasks', 'prefer'),
    ],
    ['postgres://me:p@ss,word@h/tasks', at('postgres://me:p%40ss,word@h/tasks', 'prefer')],
    ['postgres://me:pw@h/tasks?sslmode=disable', at(url, 'disable')],
    ['postgres://me:pw@h/tasks?sslmode=allow', at(url, 'prefer')],
    ['postgres://me:pw@h/tasks?sslmode=require', at(url, 'require')],
    ['postgres://me:pw@h/tasks?sslmode=verify-ca', at(url, 'verify-ca')],
    ['postgres://me:pw@h/tasks?sslmode=verify-full', at(url, 'verify-full')],
    [
      'postgres://me:pw@h/tasks?sslmode=verify-full&sslrootcert=/etc/ca.pem',
      at(url, 'verify-full', { caFile: '/etc/ca.pem' }),
    ],
    [
      'postgres://me:pw@h/tasks?sslmode=require&sslrootcert=/etc/ca.pem',
      at(url, 'verify-ca', { caFile: '/etc/ca.pem' }),
    ],
    ['postgres://me:pw@h/tasks?sslrootcert=system', at(url, 'verify-full')],
    ['postgres://me:pw@h/tasks?sslmode=require&channel_binding=require', at(url, 'verify-full')],
    ['postgres://me:pw@h/tasks?sslmode=require&channel_binding=prefer', at(url, 'require')],
    ['postgresql+asyncpg://me:pw@h/tasks?ssl=require', at(url, 'require')],
    ['postgresql+asyncpg://me:pw@h/tasks?ssl=verify-full', at(url, 'verify-full')],
    ['postgres://me:pw@h/tasks?ssl=true', at(url, 'verify-full')],
    ['postgres://me:pw@h/tasks?ssl=no-verify', at(url, 'require')],
    ['postgres://me:pw@h/tasks?pgbouncer=true', { ...at(url, 'prefer'), pooled: true }],
    [
      'postgres://me:pw@h/tasks?keepalives=1&keepalives_idle=30&statement_timeout=5000&pool_timeout=0&target_session_attrs=read-write&gssencmode=disable&client_encoding=UTF8&timezone=UTC',
      at(url, 'prefer'),
    ],
    [
      'postgres://me:pw@h/tasks?application_name=mine&connect_timeout=10&connection_limit=3',
      {
        ...at(url, 'prefer'),
        settings: { application_name: 'mine' },
        connectTimeout: 10_000,
        poolSize: 3,
      },
    ],
    ['postgres://me:pw@h/tasks?connect_timeout=0&connection_limit=0', at(url, 'prefer')],
    [
      'postgres://me:pw@h/tasks?schema=My"app',
      { ...at(url, 'prefer'), settings: { search_path: '"My""app"' } },
    ],
    [
      'postgres://me:pw@h/tasks?currentSchema=app,public',
      { ...at(url, 'prefer'), settings: { search_path: 'app,public' } },
    ],
    [
      'postgres://me:pw@h/tasks?options=-c%20search_path%3Da%5C%20b%20--jit=off%20-cstatement_timeout=9',
      { ...at(url, 'prefer'), settings: { search_path: 'a b', jit: 'off' } },
    ],
    [
      'postgres://me:pw@h/tasks?sslmode=require&options=endpoint%3Dep-cool-1',
      { ...at(url, 'require'), settings: { options: 'endpoint=ep-cool-1' } },
    ],
    [
      'postgresql+asyncpg://me:pw@h/tasks?prepared_statement_cache_size=0',
      { ...at(url, 'prefer'), pooled: true },
    ],
    ['postgres://me:pw@h/tasks?prepareThreshold=0', { ...at(url, 'prefer'), pooled: true }],
    ['postgres://me:pw@h/tasks?sslmode=prefer&sslaccept=strict', at(url, 'verify-full')],
    ['postgres://x:y@z/w?host=h&user=me&password=pw&dbname=tasks', at(url, 'prefer')],
    [
      'postgres://me:pw@h/tasks?host=::1&port=6543',
      at('postgres://me:pw@[::1]:6543/tasks', 'prefer'),
    ],
  ])('%s', (given, expected) => expect(parseDatabaseUrl(given)).toEqual(expected))
})

describe('Postgres on a Unix socket', () => {
  const socket = '/var/run/postgresql/.s.PGSQL.5432'
  const on = (url: string, path = socket) => ({
    kind: 'postgres',
    url,
    tls: { mode: 'disable' },
    pooled: false,
    socket: path,
  })
  test.each([
    ['postgres:///tasks?host=/var/run/postgresql', on('postgres://localhost/tasks')],
    ['postgres:///tasks?host=%2Fvar%2Frun%2Fpostgresql%2F', on('postgres://localhost/tasks')],
    ['postgres://%2Fvar%2Frun%2Fpostgresql/tasks', on('postgres://localhost/tasks')],
    [
      'postgres://me:pw@%2fvar%2frun%2fpostgresql:5433/tasks?sslmode=require',
      on('postgres://me:pw@localhost:5433/tasks', '/var/run/postgresql/.s.PGSQL.5433'),
    ],
    [
      'postgresql+asyncpg://me:pw@/tasks?host=/cloudsql/a-b:europe-west1:db/.s.PGSQL.5432',
      on('postgres://me:pw@localhost/tasks', '/cloudsql/a-b:europe-west1:db/.s.PGSQL.5432'),
    ],
    [
      'postgres://me@:5433/tasks?host=/tmp',
      on('postgres://me@localhost:5433/tasks', '/tmp/.s.PGSQL.5433'),
    ],
    [
      'postgres://me@localhost/tasks?host=/tmp&port=1234',
      on('postgres://me@localhost:1234/tasks', '/tmp/.s.PGSQL.1234'),
    ],
  ])('%s', (given, expected) => expect(parseDatabaseUrl(given)).toEqual(expected))
})

describe('MySQL on a Unix socket', () => {
  const on = {
    kind: 'mysql',
    product: 'mysql',
    url: 'mysql://me@localhost/tasks',
    tls: { mode: 'disable' },
    socket: '/run/mysqld/mysqld.sock',
  }
  test.each([
    'mysql://me@localhost/tasks?socketPath=/run/mysqld/mysqld.sock',
    'mysql+pymysql://me@/tasks?unix_socket=/run/mysqld/mysqld.sock&charset=utf8mb4',
    'mysql://me@localhost/tasks?socket=%2Frun%2Fmysqld%2Fmysqld.sock&ssl-mode=REQUIRED',
    'mysql://me@%2Frun%2Fmysqld%2Fmysqld.sock/tasks',
  ])('%s', (given) => expect(parseDatabaseUrl(given)).toEqual(on))
})

describe('MySQL and MariaDB', () => {
  const at = (mode: string, more: object = {}) => ({
    kind: 'mysql',
    product: 'mysql',
    url: 'mysql://me:pw@h/tasks',
    tls: { mode, ...more },
  })
  test.each([
    ['mysql://me:pw@h/tasks', at('prefer')],
    ['mysql+pymysql://me:pw@h/tasks?charset=utf8mb4', at('prefer')],
    ['mariadb://me:pw@h/tasks', { ...at('prefer'), product: 'mariadb' }],
    [
      'mariadb+mariadbconnector://me:pw@h:3307/tasks',
      { ...at('prefer'), product: 'mariadb', url: 'mysql://me:pw@h:3307/tasks' },
    ],
    ['mysql://me:pw@h/tasks?ssl-mode=DISABLED', at('disable')],
    ['mysql://me:pw@h/tasks?ssl-mode=PREFERRED', at('prefer')],
    ['mysql://me:pw@h/tasks?ssl-mode=REQUIRED', at('require')],
    ['mysql://me:pw@h/tasks?ssl_mode=VERIFY_CA', at('verify-ca')],
    [
      'mysql://me:pw@h/tasks?ssl-mode=verify_identity&ssl_ca=/etc/ca.pem',
      at('verify-full', { caFile: '/etc/ca.pem' }),
    ],
    ['mysql://me:pw@h/tasks?sslmode=require', at('require')],
    ['mysql://me:pw@h/tasks?sslaccept=strict', at('verify-full')],
    [
      'mysql://me:pw@h/tasks?collation=utf8mb4_unicode_ci&timezone=Z&serverTimezone=UTC&parseTime=true',
      at('prefer'),
    ],
    ['mysql://me:pw@h/tasks?timezone=+00:00&autocommit=true', at('prefer')],
    [
      'mysql://me:pw@h/tasks?connectTimeout=1500&connectionLimit=4',
      { ...at('prefer'), connectTimeout: 1500, poolSize: 4 },
    ],
    ['mysql://me:pw@h/tasks?connect_timeout=3', { ...at('prefer'), connectTimeout: 3000 }],
    ['mysql://me:pw@h/tasks?ssl_ca=/etc/ca.pem', at('verify-ca', { caFile: '/etc/ca.pem' })],
    [
      'mysql://me:pw@h/tasks?ssl_ca=/etc/ca.pem&ssl_verify_identity=true',
      at('verify-full', { caFile: '/etc/ca.pem' }),
    ],
    ['mysql://me:pw@h/tasks?ssl={"rejectUnauthorized":true}', at('verify-full')],
    ['mysql://me:pw@h/tasks?ssl=%7B%22rejectUnauthorized%22:false%7D', at('require')],
  ])('%s', (given, expected) => expect(parseDatabaseUrl(given)).toEqual(expected))
})

test.each([
  ['"postgres://x"', 'has quotes around it'],
  ["psql 'postgres://me:hunter2@x/y'", 'looks like a psql command'],
  ['postgres:/x', 'misses the slashes after postgres'],
  ['postgresql+asyncpg//x', 'misses the colon after postgresql'],
  ['mysql:x', 'misses the slashes after mysql'],
  ['postgres://', 'is not a well-formed URL|names no host'],
  ['postgres:///tasks', 'names no host'],
  ['postgres://h/tasks', 'names no user: write postgres://user:password@host/database'],
  ['postgres://me@h', 'names no database behind the host'],
  ['postgres://me@h/', 'names no database behind the host'],
  ['postgres://me@h/a/b', 'names no database behind the host'],
  ['postgres://me@a:1,b:2/tasks', 'names more than one host'],
  ['postgres://me@var%2Frun/tasks', 'names a host with a % in it'],
  ['postgres:///tasks?host=', 'names no host'],
  ['postgres:///tasks?host=var/run', 'names no host|has a parameter host'],
  ['postgres:///tasks?host=/a,/b', 'names more than one host'],
  ['postgres://me@h/tasks?host=h2,h3', 'names more than one host'],
  ['postgres://me@h/tasks?port=70000', 'has a parameter port that is no port'],
  [`postgres:///tasks?host=/${'x'.repeat(100)}`, 'names a Unix socket by a path that is too long'],
  ['postgres://me@h/tasks?schema=a%00b', 'has a control character in its parameter schema'],
  ['postgres://me@h/tasks?connection_limit=many', 'connection_limit that is not a whole number'],
  ['postgres://me@h/tasks?client_encoding=latin1', 'has a parameter client_encoding with a value'],
  ['postgres://me@h/tasks?target_session_attrs=standby', 'has a parameter target_session_attrs'],
  ['postgres://me@h/tasks?gssencmode=require', 'has a parameter gssencmode with a value'],
  ['postgres://me@h/tasks?timezone=Asia/Tokyo', 'has a parameter timezone with a value'],
  ['postgres://me@h/tasks?options=-c%20datestyle%3DGerman', 'sets datestyle in its options'],
  ['postgres://me@h/tasks?sslcert=/x.pem', 'has a parameter sslcert that is not known here'],
  ['mysql://me@h/tasks?timezone=%2B09:00', 'has a parameter timezone with a value'],
  ['mysql://me@h/tasks?collation=latin1_bin', 'has a parameter collation that cannot hold all'],
  ['mysql://me@h/tasks?autocommit=false', 'has a parameter autocommit with a value'],
  ['mysql:///tasks', 'names no host'],
  ['postgres://me@h:port/tasks', 'is not a well-formed URL'],
  ['postgres://me:hunter2#@h/tasks', 'has a # in it: percent-encode special characters'],
  [
    'postgres://me:1/hunter2@h/tasks',
    'has an @ behind a / or ?: percent-encode special characters',
  ],
  [
    'postgres://me:1?hunter2=@h/tasks',
    'has an @ behind a / or ?: percent-encode special characters',
  ],
  ['postgres://me:%zz@h/tasks', 'is not percent-encoded correctly'],
  [
    'postgres://me@h/tasks?sslmode=on',
    'has a parameter sslmode with a value that is not known: write one of disable, allow',
  ],
  [
    'postgres://me@h/tasks?options=-csearch_path',
    'has a parameter options that is not understood: write -c name=value',
  ],
  ['postgres://me@h/tasks?sslmode=require&sslmode=disable', 'has the parameter sslmode twice'],
  ['postgres://me@h/tasks?channel_binding=yes', 'has a parameter channel_binding with a value'],
  ['mysql://h/tasks', 'names no user: write mysql://user:password@host/database'],
  ['mariadb://me@h', 'names no database behind the host: write mariadb://'],
  [
    'mysql://me@h/tasks?ssl-mode=on',
    'has a parameter ssl_mode with a value that is not known: write one of disabled',
  ],
  [
    'mysql://me@10.0.0.1/tasks?ssl-mode=VERIFY_IDENTITY',
    'asks for a certificate of this very host, and names an address',
  ],
  [
    'mysql://me@[::1]/tasks?ssl=true',
    'asks for a certificate of this very host, and names an address',
  ],
  [
    'mysql://me@h/tasks?charset=latin1',
    'has a parameter charset that cannot hold all text: write utf8mb4',
  ],
  [
    'mysql://me@h/tasks?multipleStatements=true',
    'has a parameter multipleStatements that is not known here',
  ],
  ['libsql://me:hunter2@h', 'has a user name or a password, which libSQL servers do not take'],
  [
    'libsql://h?token=x',
    'has a parameter token that is not known here: remove it (known are authtoken, tls, connection_limit)',
  ],
  ['http://h?tls=1', 'asks for tls=1 behind a scheme without encryption'],
  [
    'mongodb://x',
    'names a mongodb database, which is not supported: write postgres://, mysql:// or libsql://',
  ],
  ['constructor://x', 'names a constructor database, which is not supported'],
  ['/srv/x.db', 'has no scheme'],
  ['x.db', 'has no scheme'],
  ['C:\\x.db', 'is not the URL of a database'],
  ['me:hunter2@x', 'is not the URL of a database'],
  ['file:', 'names no file'],
  ['file::memory:', 'names no file'],
  ['sqlite://', 'names no file'],
  ['sqlite:///:memory:', 'names no file'],
  ['sqlite:x.db', 'misses slashes after sqlite'],
  ['sqlite://host/x.db', 'names a host'],
  ['file://host/x.db', 'names a host'],
  ['file:x.db?mode=memory', 'has parameters'],
  ['file:/srv/', 'names a folder'],
  ['file:%zz', 'is not percent-encoded correctly'],
  ['file:a%00b', 'is not percent-encoded correctly'],
])('%s is refused', (url, reason) => {
  const location = parseDatabaseUrl(url)
  const refused = 'refused' in location ? location.refused : JSON.stringify(location)
  expect(reason.split('|').some((text) => refused.includes(text)) ? '' : refused).toBe('')
  expect(refused).toMatch(/^[^\n]+: [^\n]+$/)
  expect(refused).not.toContain('hunter2')
})

const SECRET = 'hunter2'
const scheme = fc.constantFrom(
  'postgres',
  'postgresql+asyncpg',
  'mysql',
  'mysql+pymysql',
  'mariadb',
  'libsql',
  'https',
  'http',
  'wss',
  'file',
  'sqlite',
  'mongodb',
)
const awkward = fc.string({ unit: fc.constantFrom(...'@:/?#%&= ,[]\\"\'a1'), maxLength: 6 })

test('no refusal repeats a password, encoded or not, wherever it stands', () => {
  let refusals = 0
  fc.assert(
    fc.property(
      scheme,
      awkward,
      awkward,
      fc.constantFrom(
        'h/tasks',
        'h',
        'h:1/tasks',
        'h:port/tasks',
        '[::1/tasks',
        'h/tasks?sslmode=on',
        'h?authToken=',
        'h/tasks?nonsense=1',
      ),
      fc.constantFrom('://me:', ':/me:', '//me:', '://', ':'),
      (name, before, after, rest, joint) => {
        const password = `${before}${SECRET}${after}`
        for (const text of [password, encodeURIComponent(password)]) {
          for (const url of [
            `${name}${joint}${text}@${rest}`,
            `${name}://me@${rest}${text}`,
            `${name}://me@h/tasks?sslmode=${text}`,
          ]) {
            const location = parseDatabaseUrl(url)
            if (!('refused' in location)) continue
            refusals++
            expect(location.refused.toLowerCase()).not.toContain(SECRET)
            expect(location.refused).toMatch(/^[^\n]+: [^\n]+$/)
          }
        }
      },
    ),
    { numRuns: 2_000 },
  )
  expect(refusals).toBeGreaterThan(2_000)
})

test('an encoded password arrives as it is', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('postgres', 'mysql'),
      fc.string({ unit: 'grapheme', minLength: 1 }),
      (name, password) => {
        const location = parseDatabaseUrl(`${name}://me:${encodeURIComponent(password)}@h/tasks`)
        const url = 'url' in location ? new URL(location.url) : undefined
        expect(decodeURIComponent(url?.password ?? '')).toBe(password)
        expect(url?.host).toBe('h')
      },
    ),
  )
})
