import { type Refusal, refuse } from './file.ts'

/**
 * How a connection is encrypted, in libpq's words: not at all; where the server can; always,
 * without a check of the server; with a certificate from a known authority; and with one for this
 * very host.
 */
export type TlsMode = 'disable' | 'prefer' | 'require' | 'verify-ca' | 'verify-full'
/**
 * `caFile` is the path of the authorities' certificates (PEM). It takes a file system: Node, Bun,
 * Deno.
 */
export type Tls = { readonly mode: TlsMode; readonly caFile?: string }

/** What the openers hand to the drivers: the same, with the certificates themselves. */
export type TlsOptions = { readonly mode: TlsMode; readonly ca?: string }

/** The value of a parameter among `words`, in any case; refuses others by the parameter's name. */
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

/** How node:tls is to check the other end, where the mode encrypts at all. */
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
