import type { Socket } from 'node:net'

/** A process that takes connections. */
export type ConnectionTarget = { take(socket: Socket): void }

/** Hands each connection to the next process. */
export type Rotation = {
  dispatch(socket: Socket): void
  add(target: ConnectionTarget): void
  remove(target: ConnectionTarget): void
}

/** `own` is the first target, and the one that is left when there are no others. */
export const createRotation = (own: ConnectionTarget): Rotation => {
  /** The first of them gets the next connection. */
  const targets: ConnectionTarget[] = [own]
  return {
    dispatch: (socket) => {
      const target = targets.shift() ?? own
      targets.push(target)
      target.take(socket)
    },
    add: (target) => {
      if (!targets.includes(target)) targets.push(target)
    },
    remove: (target) => {
      if (targets.includes(target)) targets.splice(targets.indexOf(target), 1)
    },
  }
}
