import { type Refusal, refuse } from './file.ts'

/**
 * How a connection is encrypted, in libpq's modes: not; if the server can; always, without a check
 * of the server; with a certificate of a known authority; with one for this host.
 */
export type TlsMode = 'disable' | 'prefer' | 'require' | 'verify-ca' | 'verify-full'
/**
 * `caFile` is the path of the certificates of authorities (PEM). It needs a file system: Node, Bun,
 * Deno.
 */
export type Tls = { readonly mode: TlsMode; readonly caFile?: string }

/** What the drivers get: the same, with the certificates themselves. */
export type TlsOptions = { readonly mode: TlsMode; readonly ca?: string }

/**
 * The value of a parameter, one of `words` in any case. Refuses others with the parameter's name.
 */
export const choice = <T>(
  name: string,
  value: string,
  words: Readonly<Record<string, T>>,
): T | Refusal => {
  const word = value.toLowerCase()
  const found = Object.hasOwn(words, word) ? words[word] : undefined
  return (
    found ??
    refuse(
      `has a parameter ${name} with a value that is not known: write one of ${Object.keys(words).join(', ')}`,
    )
  )
}

/** How node:tls checks the server, in the modes that encrypt. */
export const nodeTls = ({
  mode,
  ca,
}: TlsOptions): {
  rejectUnauthorized: boolean
  ca?: string
  checkServerIdentity?: () => undefined
} => ({
  rejectUnauthorized: mode === 'verify-ca' || mode === 'verify-full',
  ...(ca !== undefined && { ca }),
  ...(mode !== 'verify-full' && { checkServerIdentity: () => undefined }),
})
