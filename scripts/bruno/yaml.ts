// Values as YAML, in the form that Bruno's files have. Text is quoted as JSON does it, which YAML
// reads, too; text of several lines is a block.
type Scalar = string | number | boolean
export type Yaml = Scalar | readonly Yaml[] | { readonly [key: string]: Yaml | undefined }

/** Text that is the same without quotes. */
const PLAIN = /^[A-Za-z][\w-]*$/
const WORDS = new Set(['true', 'false', 'null', 'yes', 'no', 'on', 'off', 'y', 'n'])

const scalar = (value: Scalar, indent: string): string => {
  if (typeof value !== 'string') return String(value)
  if (PLAIN.test(value) && !WORDS.has(value.toLowerCase())) return value
  if (!value.includes('\n')) return JSON.stringify(value)
  return ['|-', ...value.split('\n').map((line) => (line === '' ? '' : `${indent}${line}`))].join(
    '\n',
  )
}

const isScalar = (value: Yaml): value is Scalar => typeof value !== 'object'

const lines = (value: Yaml, indent: string): string[] => {
  if (isScalar(value)) return [`${indent}${scalar(value, `${indent}  `)}`]
  if (Array.isArray(value))
    return value.flatMap((item: Yaml) => {
      const [first = '', ...rest] = lines(item, `${indent}  `)
      return [`${indent}- ${first.trimStart()}`, ...rest]
    })
  return Object.entries(value).flatMap(([key, inner]) => {
    if (inner === undefined) return []
    return isScalar(inner)
      ? [`${indent}${key}: ${scalar(inner, `${indent}  `)}`]
      : [`${indent}${key}:`, ...lines(inner, `${indent}  `)]
  })
}

export const toYaml = (value: Yaml): string => `${lines(value, '').join('\n')}\n`
