// Which failures of a database pass: the client may send its request again later (503).
import { causes, type DriverError, isStorageFull, isTransient } from './portable.ts'

type Failure = DriverError & { severity?: unknown; fatal?: unknown; syscall?: unknown }

const outOfReach = [
  // SQLite, in a file or behind a server
  /^SQLITE_(BUSY|LOCKED|IOERR|CANTOPEN|READONLY|PROTOCOL|NOMEM|MISUSE)/,
  // the network: node, its fetch, and the deadline of this service
  /^(ECONN|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_|EHOST|ENET|EADDRNOTAVAIL|ERR_SOCKET_|ERR_STREAM_|UND_ERR_|DATABASE_(TIMEOUT|BUSY|BEHIND))/,
  // postgres.js, and SQLSTATE: connection (08), resources (53), shutdown (57P), cancelled (57014),
  // locked (55P03), read-only (25006)
  /^(CONNECTION_|CONNECT_TIMEOUT|08|53|57P0|57014|55P03|25006)/,
  // MySQL and MariaDB, and mysql2
  /^(PROTOCOL_|ER_CON_COUNT|ER_TOO_MANY_USER_CON|ER_SERVER_SHUTDOWN|ER_LOCK_WAIT|ER_QUERY_(TIMEOUT|INTERRUPTED)|ER_STATEMENT_TIMEOUT)/,
  /^(ER_OPTION_PREVENTS|ER_CANT_EXECUTE_IN_READ_ONLY|ER_READ_ONLY_MODE|ER_CONNECTION_KILLED|ER_NEW_ABORTING)/,
  // libSQL's client
  /^(HRANA_|STREAM_EXPIRED)/,
]
/**
 * Errors without a code: of undici's fetch, of libSQL's HTTP client behind a proxy, and of mysql2
 * on a connection that was just lost.
 */
const outOfReachWords =
  /fetch failed|aborted due to timeout|Server returned HTTP status (408|429|5\d\d)|in closed state|Pool is closed|Connection lost/
/**
 * D1 has no codes. Its service was moved, restarted or is overloaded
 * (developers.cloudflare.com/d1/observability/debug-d1), or this request has asked as often as the
 * plan allows.
 */
const outOfReachD1 =
  /Too many (subrequests|API requests by single worker invocation)|D1 DB is overloaded|D1 DB (reset|exceeded|storage)|storage caused object to be reset|Cannot resolve D1 DB|Network connection lost/i

const isOutOfReach = ({ code, message, syscall }: Failure): boolean =>
  outOfReach.some((codes) => codes.test(String(code))) ||
  [outOfReachWords, outOfReachD1].some((words) => words.test(String(message))) ||
  // A Unix socket that is not there is ENOENT, and EACCES where this user may not use it.
  syscall === 'connect'

const refused = [
  // the session has other settings than the service asked for
  /^DATABASE_SETTINGS/,
  // SQLSTATE: authorization (28), no such database (3D000), schema (3F000) or table (42P01), no right (42501);
  // how postgres.js fails to authenticate
  /^(28|3D000|3F000|42P01|42501|SASL_|AUTH_TYPE_)/,
  // MySQL and MariaDB: credentials, accounts and hosts that are locked out, rights, limits of a user,
  // a database or a table that is gone
  /^ER_(ACCESS_DENIED|ACCOUNT_|DBACCESS_DENIED|TABLEACCESS_DENIED|COLUMNACCESS_DENIED|SPECIFIC_ACCESS_DENIED|MUST_CHANGE_PASSWORD|HOST_|USER_|SERVER_OFFLINE|SECURE_TRANSPORT|NOT_SUPPORTED_AUTH|BAD_DB|NO_DB|NO_SUCH_TABLE|MAX_PREPARED_STMT_COUNT)/,
  /^(AUTH_SWITCH_|HANDSHAKE_)/,
  // TLS, with the codes of OpenSSL: certificates that have expired or are not trusted any more
  /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|EPROTO|ERR_TLS_|ERR_SSL_)/,
  // libSQL servers and Turso
  /^(BLOCKED|SQL_READ_BLOCKED|SQL_WRITE_BLOCKED|AUTH_)/,
]
/**
 * A token that is wrong or has expired, a database that is gone, archived or blocked (libSQL, Turso, D1),
 * and tables that are gone.
 */
const refusedWords =
  /Server returned HTTP status (401|402|403|404|410|423|451)|Operation was blocked|(reads|writes) are blocked|database is (archived|blocked|suspended|paused)|D1_ERROR: .*(not authorized|unauthorized|internal error)|no such table/i

/** The server has said no to the connection, or to this user, for reasons that an operator can mend. */
const saysNo = ({ code, message, severity, fatal }: Failure): boolean =>
  refused.some((codes) => codes.test(String(code))) ||
  refusedWords.test(String(message)) ||
  // Postgres ends a connection with these only; its reason may be any.
  severity === 'FATAL' ||
  severity === 'PANIC' ||
  // mysql2 says so of a connection that could not be made.
  fatal === true

const anyCause = (error: unknown, test: (failure: Failure) => boolean): boolean =>
  causes(error).some(test)

/**
 * Whether there is no connection that works until an operator does something: the server does not let this
 * user in, or the database is gone. To wait a moment does not help.
 */
export const isRefused = (error: unknown): boolean =>
  !isTransient(error) && !anyCause(error, isOutOfReach) && anyCause(error, saysNo)

/**
 * Whether the database is out of reach, slow, locked, overloaded or read-only, or refuses its
 * connections, so that the client may try again later.
 */
export const isUnavailable = (error: unknown): boolean =>
  !isStorageFull(error) &&
  (isTransient(error) || anyCause(error, isOutOfReach) || anyCause(error, saysNo))
