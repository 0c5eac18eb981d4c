import { parentPort } from 'node:worker_threads'

/**
 * Ends this thread when its messages are sent. Deno's port has no `close`. Its workers close
 * themselves.
 */
export const endThread = (): void => {
  if (typeof parentPort?.close === 'function') parentPort.close()
  else (globalThis as { close?: () => void }).close?.()
}
