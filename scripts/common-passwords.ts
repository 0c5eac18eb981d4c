// Writes src/features/account/passwords/common-passwords.ts from the passwords that @zxcvbn-ts/language-common ranks
// by how common they are.
import { writeFileSync } from 'node:fs'
import { dictionary } from '@zxcvbn-ts/language-common'

const COUNT = 1_000
const MIN_LENGTH = 8

const common = dictionary['passwords-common']
  .filter((password) => [...password].length >= MIN_LENGTH && /^[^\s'\\]+$/.test(password))
  .slice(0, COUNT)

writeFileSync(
  new URL('../src/features/account/passwords/common-passwords.ts', import.meta.url),
  `// Made by scripts/common-passwords.ts; do not edit. Source: the ranked list of @zxcvbn-ts/language-common
// (https://github.com/zxcvbn-ts/zxcvbn, MIT license), which is lower case throughout.

/**
 * The ${common.length} most common passwords of ${MIN_LENGTH} characters or more, in lower case.
 */
export const commonPasswords: ReadonlySet<string> = new Set(
  '${common.join(' ')}'.split(
    ' ',
  ),
)
`,
)
