// What a person is asked at a terminal, and what is read from standard input elsewhere.
import { text } from 'node:stream/consumers'
import { Refusal } from '../../src/runtimes/node/refusal.ts'

const INTERRUPTED = 130
const ENTER = ['\r', '\n', '\u0004']
const CONTROL_C = '\u0003'
const ERASE = ['\u0008', '\u007f']

/** One line typed at a terminal, without showing it. Control-C ends the process. */
const typeHidden = (prompt: string): Promise<string> =>
  new Promise((resolve) => {
    const { stdin, stderr } = process
    let typed: string[] = []
    const end = () => {
      stdin.off('data', read)
      stdin.setRawMode(false)
      stdin.pause()
      stderr.write('\n')
    }
    const read = (chunk: string) => {
      for (const char of chunk) {
        if (char === CONTROL_C) {
          end()
          process.exit(INTERRUPTED)
        }
        if (ENTER.includes(char)) {
          end()
          resolve(typed.join(''))
          return
        }
        typed = ERASE.includes(char) ? typed.slice(0, -1) : [...typed, char]
      }
    }
    // Before it asks: what is typed at once must not be shown either.
    stdin.setRawMode(true)
    stderr.write(prompt)
    stdin.setEncoding('utf8').on('data', read).resume()
  })

/** A new password: typed twice at a terminal, else all of standard input. Throws Refusal. */
export const newPassword = async (): Promise<string> => {
  if (process.stdin.isTTY) {
    const password = await typeHidden('The new password, which is not shown: ')
    if ((await typeHidden('Once more: ')) === password) return password
    throw new Refusal('the two passwords are not the same')
  }
  const password = (await text(process.stdin)).replace(/\r?\n$/, '')
  if (password === '') throw new Refusal('standard input is empty, where the password is expected')
  return password
}

/** What is typed at a terminal in answer to a question; undefined where there is no terminal. */
export const answerTo = async (question: string): Promise<string | undefined> => {
  if (!process.stdin.isTTY) return undefined
  const { createInterface } = await import('node:readline/promises')
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await terminal.question(`${question} `).catch(() => '')
  terminal.close()
  return answer.trim()
}
