// What has to hold where the service is a process: how it starts, refuses, listens and limits.
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { request as ask } from 'node:http'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { run } from '../support/process.ts'
import { until } from '../support/size.ts'
import { startProcess } from './process.ts'

const MIB = 1024 * 1024

export const describeMachine = (name: string, command: string, args: readonly string[]) =>
  describe(`${name} as a process`, () => {
    const folder = () => {
      const path = mkdtempSync(join(tmpdir(), 'taskport-machine-'))
      onTestFinished(() => rmSync(path, { recursive: true, force: true }))
      return path
    }
    const start = async (env: Record<string, string> = {}) => {
      const started = await startProcess(command, args, {
        PORT: '0',
        HOST: '127.0.0.1',
        DATA_DIR: folder(),
        ...env,
      })
      onTestFinished(async () => {
        await started.stop()
      })
      return { ...started, port: Number(new URL(started.url).port) }
    }
    const refused = async (env: Record<string, string>): Promise<string> => {
      const { exit, err } = run(command, args, {
        HOME: process.env['HOME'] ?? '',
        HOST: '127.0.0.1',
        DATA_DIR: folder(),
        ...env,
      })
      expect(await exit).toBe(1)
      return err()
    }
    const raw = async (port: number, text: string): Promise<string> => {
      const socket = connect(port, '127.0.0.1')
      socket.write(text)
      const [answer] = await once(socket, 'data')
      socket.destroy()
      return String(answer)
    }

    test('it says what does not fit in one line, and ends with 1', async () => {
      expect(await refused({ PORT: 'eighty' })).toMatch(
        /^taskport: PORT is not a whole number [^\n]+\n$/,
      )
      expect(await refused({ DATABASE_URL: 'mongodb://me:hunter2@x' })).toMatch(
        /^taskport: DATABASE_URL names a mongodb database[^\n]+\n$/,
      )
      expect(await refused({ DATABASE_REPLICA: 'file:x.db' })).toMatch(
        /^taskport: DATABASE_REPLICA is not supported any more, [^\n]+\n$/,
      )
      const taken = createServer().listen(0, '127.0.0.1')
      onTestFinished(() => void taken.close())
      await once(taken, 'listening')
      const PORT = String((taken.address() as AddressInfo).port)
      const DATA_DIR = folder()
      expect(await refused({ PORT, DATA_DIR })).toMatch(
        /^taskport: PORT \d+ is taken by another process[^\n]+\n$/,
      )
      expect(readdirSync(DATA_DIR), 'it is refused before a database is made').toEqual([])
      expect(await refused({ PORT: '0', HOST: '203.0.113.1' })).toMatch(
        /^taskport: HOST 203\.0\.113\.1 with PORT 0 cannot be [^\n]+\n$/,
      )
    })

    test('its database is nobody else’s to read', async () => {
      const DATA_DIR = folder()
      await start({ DATA_DIR })
      expect(statSync(join(DATA_DIR, 'taskport.db')).mode & 0o077).toBe(0)
    })

    test('what is not HTTP is refused, and harms nobody', async () => {
      const { url, port } = await start()
      for (const text of ['NOT HTTP\r\n\r\n', 'GET / HTTP/1.1\r\nHost: a b\r\n\r\n'])
        expect(await raw(port, text), text).toMatch(/^HTTP\/1\.1 400 /)
      expect(
        await raw(port, `GET / HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(100_000)}\r\n\r\n`),
      ).toMatch(/^HTTP\/1\.1 431 /)
      expect((await fetch(`${url}/health`)).status).toBe(200)
    })

    test('a body without an end is refused once it is too large, and not read on', async () => {
      const { port } = await start()
      const upload = ask({
        port,
        host: '127.0.0.1',
        path: '/api/v1/auth/register',
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
      })
      upload.on('error', () => {})
      const answered = once(upload, 'response').then(([response]) => response.statusCode as number)
      let [sent, status] = [0, 0]
      void answered.then((code) => {
        status = code
      })
      while (status === 0 && sent < 512 * MIB) {
        sent += MIB
        if (!upload.write(Buffer.alloc(MIB, 32)))
          await Promise.race([once(upload, 'drain'), answered])
      }
      upload.destroy()
      expect(status).toBe(413)
      expect(sent).toBeLessThan(128 * MIB)
    })

    test('who hangs up in the middle of a body is no fault of the service', async () => {
      const { port, said } = await start({ RATE_LIMIT: 'off' })
      const login =
        'POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n'
      for (const rest of [
        'Content-Length: 100\r\n\r\n{"email":',
        'Transfer-Encoding: chunked\r\n\r\n9\r\n{"email":\r\n',
      ]) {
        const socket = connect(port, '127.0.0.1')
        await new Promise((sent) => socket.write(login + rest, sent))
        socket.destroy()
      }
      const statuses = () =>
        [...said().matchAll(/"operation":"login","status":(\d+)/g)].map(([, status]) => status)
      await until(() => statuses().length >= 2)
      expect(statuses()).toEqual(['400', '400'])
      expect(said()).not.toContain('"level":"error"')
    })

    test('limits count the address at the other end of the socket', async () => {
      const { port } = await start({ RATE_LIMIT_SIGN_IN_PER_ADDRESS: '2' })
      const signIn = async (localAddress: string): Promise<number> => {
        const headers = { 'Content-Type': 'application/json' }
        const request = ask({
          port,
          host: '127.0.0.1',
          localAddress,
          path: '/api/v1/auth/login',
          method: 'POST',
          headers,
        })
        request.end(
          JSON.stringify({ email: `${crypto.randomUUID()}@example.org`, password: 'a guess' }),
        )
        const [response] = await once(request, 'response')
        response.resume()
        return response.statusCode
      }
      const statuses: number[] = []
      for (const address of ['127.0.0.1', '127.0.0.1', '127.0.0.1', '127.0.0.2'])
        statuses.push(await signIn(address))
      expect(statuses).toEqual([401, 401, 429, 401])
    })
  })
