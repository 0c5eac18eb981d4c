import { parentPort } from 'node:worker_threads'

/**
 * Ends the thread that calls it, once what it has said is sent. Deno's port cannot be closed; its
 * workers close themselves.
 */
export const endThread = (): void => {
  if (typeof parentPort?.close === 'function') parentPort.close()
  else (globalThis as { close?: () => void }).close?.()
}
