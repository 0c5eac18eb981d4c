// Forms (`application/x-www-form-urlencoded`), as browsers and OAuth 2.0 clients send them.
import { HttpProblem } from './problem.ts'

const ENCODED = /(?:%[0-9a-f]{2})+/gi

const utf8Of = (run: string): string => {
  try {
    return decodeURIComponent(run)
  } catch {
    throw new HttpProblem('malformed_text', 'The form is not in UTF-8.')
  }
}
const decoded = (text: string): string => text.replaceAll('+', ' ').replace(ENCODED, utf8Of)

/**
 * A form's fields, each once: of repeated ones the last. Throws `malformed_text` for bytes that are
 * not UTF-8: URLSearchParams reads all of them as one character, so that passwords that differ would
 * be one; Node's does so with whole texts beside a `%` that encodes nothing.
 */
export const fieldsOfForm = (form: string): Record<string, string> =>
  Object.fromEntries(
    form
      .split('&')
      .filter((pair) => pair !== '')
      .map((pair) => {
        const [name = '', ...value] = pair.split('=')
        return [decoded(name), decoded(value.join('='))]
      }),
  )
