// The Ed25519 keys that sign access tokens. They live in the database; every process reads and may
// make them.
import { asc, eq } from 'drizzle-orm'
import {
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JSONWebKeySet,
  type JWK,
} from 'jose'
import { isWithin } from '../../../core/clock.ts'
import { type Ctx, now } from '../../../core/context.ts'
import { createSealer, isSealed, type Sealer } from '../../../core/encryption.ts'
import { type SingleFlight, singleFlight } from '../../../core/single-flight.ts'
import { type Database, perDialect } from '../../../db/database.ts'
import { type Instant, instantOf } from '../../../db/instant.ts'
import { compile, everyColumn, query, value, write } from '../../../db/statement.ts'

export const ALGORITHM = 'EdDSA'

export type SigningKeys = {
  /** The key that signs now. Makes its successor a day before it retires. */
  signer(): Promise<{ readonly kid: string; readonly key: CryptoKey }>
  /** The public key of this id, from the database where another process may just have made it. */
  verifier(kid: string): Promise<CryptoKey | undefined>
  /** All public keys whose tokens may be alive, and the next one (RFC 7517). */
  jwks(): Promise<JSONWebKeySet>
}

const DAY_MS = 24 * 60 * 60 * 1000
/** A key signs for this long. */
const LIFE_MS = 30 * DAY_MS
/** A successor is published this long before it signs. */
const OVERLAP_MS = DAY_MS
/** The database is asked for keys of others at most this often. Maintenance deletes old ones. */
const REREAD_MS = 10_000

type Row = {
  kid: string
  publicJwk: JWK
  privateJwk: string
  createdAt: Instant
  retiresAt: Instant
}
type Key = {
  kid: string
  publicJwk: JWK
  publicKey: CryptoKey
  privateKey: CryptoKey | undefined
  retiresAt: number
}

const statements = perDialect(({ q, t: { signingKeys } }) => ({
  all: query<Row>(
    q
      .select({
        kid: signingKeys.kid,
        publicJwk: signingKeys.publicJwk,
        privateJwk: signingKeys.privateJwk,
        createdAt: signingKeys.createdAt,
        retiresAt: signingKeys.retiresAt,
      })
      .from(signingKeys)
      .orderBy(asc(signingKeys.retiresAt), asc(signingKeys.kid)),
  ),
  insert: compile<Row>(q.insert(signingKeys).values(everyColumn(signingKeys))),
  seal: compile<Pick<Row, 'kid' | 'privateJwk'>>(
    q
      .update(signingKeys)
      .set({ privateJwk: value(signingKeys.privateJwk, 'privateJwk') })
      .where(eq(signingKeys.kid, value(signingKeys.kid, 'kid'))),
  ),
}))

type Options = Pick<Ctx, 'clock' | 'log'> & {
  readonly db: Database
  /** Encrypts the private keys. */
  readonly secret: string | undefined
  /** How long a token lives after it is signed, in milliseconds. */
  readonly tokenLifeMs: number
  readonly sharing?: SingleFlight
}

export const createSigningKeys = async (options: Options): Promise<SigningKeys> => {
  const { db, clock, log, secret, tokenLifeMs, sharing = singleFlight } = options
  const sealer = await createSealer(secret, 'taskport signing keys')
  /** A key is believed until every token that it signed has expired, and a day longer. */
  const keptMs = tokenLifeMs + DAY_MS
  let keys: readonly Key[] = []
  let readAt = Number.NEGATIVE_INFINITY

  const read = async (): Promise<void> => {
    const began = clock.now()
    const rows = await db.all(statements(db).all)
    const alive = rows.filter(({ retiresAt }) => Date.parse(retiresAt) + keptMs > clock.now())
    keys = await Promise.all(alive.map((row) => keyOf(row, sealer)))
    readAt = began
    if (secret !== undefined) await sealPlain(rows)
  }
  const readOnce = sharing(read)
  const readAgain = async (): Promise<void> => {
    if (!isWithin(REREAD_MS, readAt, clock.now())) await readOnce()
  }
  /** Keys that were made before AUTH_SECRET was set. */
  const sealPlain = async (rows: readonly Row[]): Promise<void> => {
    const plain = rows.filter(({ privateJwk }) => !isSealed(privateJwk))
    if (plain.length === 0) return
    const sealed = plain.map(async ({ kid, privateJwk }) =>
      write(statements(db).seal, { kid, privateJwk: await sealer.seal(kid, privateJwk) }),
    )
    await db.atomic(await Promise.all(sealed))
  }

  const signers = () =>
    keys.filter(({ privateKey, retiresAt }) => privateKey !== undefined && retiresAt > clock.now())
  const lastRetires = () => signers().at(-1)?.retiresAt ?? clock.now()
  const lacksSuccessor = () => lastRetires() - clock.now() <= OVERLAP_MS

  const makeSuccessor = async (): Promise<void> => {
    await read()
    if (!lacksSuccessor()) return
    if (keys.length > 0 && signers().length === 0)
      log.warning(
        'no signing key can be used (retired, or AUTH_SECRET has changed): a new one is made',
      )
    const row = await newKey(sealer, now({ clock }), instantOf(lastRetires() + LIFE_MS))
    await db.atomic([write(statements(db).insert, row)])
    await read()
  }
  const makeOnce = sharing(makeSuccessor)

  const signer = async () => {
    if (lacksSuccessor()) await makeOnce()
    const [first] = signers()
    if (!first?.privateKey) throw new Error('there is no signing key right after one was made')
    return { kid: first.kid, key: first.privateKey }
  }

  await signer()
  return {
    signer,
    verifier: async (kid) => {
      const find = () =>
        keys.find((key) => key.kid === kid && key.retiresAt + keptMs > clock.now())?.publicKey
      const known = find()
      if (known) return known
      await readAgain()
      return find()
    },
    jwks: async () => {
      await readAgain()
      return {
        keys: keys
          .filter(({ retiresAt }) => retiresAt + keptMs > clock.now())
          .map(({ publicJwk }) => publicJwk),
      }
    },
  }
}

const newKey = async (sealer: Sealer, createdAt: Instant, retiresAt: Instant): Promise<Row> => {
  const pair = await generateKeyPair(ALGORITHM, { crv: 'Ed25519', extractable: true })
  const publicPart = await exportJWK(pair.publicKey)
  const kid = await calculateJwkThumbprint(publicPart)
  const privateJwk = await sealer.seal(kid, JSON.stringify(await exportJWK(pair.privateKey)))
  return {
    kid,
    publicJwk: { ...publicPart, kid, alg: ALGORITHM, use: 'sig' },
    privateJwk,
    createdAt,
    retiresAt,
  }
}

const keyOf = async (
  { kid, publicJwk, privateJwk, retiresAt }: Row,
  sealer: Sealer,
): Promise<Key> => {
  const opened = await sealer.open(kid, privateJwk)
  return {
    kid,
    publicJwk,
    publicKey: await keyIn(publicJwk),
    privateKey: opened === undefined ? undefined : await keyIn(JSON.parse(opened)),
    retiresAt: Date.parse(retiresAt),
  }
}

const keyIn = async (jwk: JWK): Promise<CryptoKey> => {
  const key = await importJWK(jwk, ALGORITHM)
  if (key instanceof Uint8Array)
    throw new Error('a signing key in the database is not an Ed25519 key')
  return key
}
