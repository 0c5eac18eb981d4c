// The Dockerfile's steps where there is no builder: each stage is a folder, COPY copies, RUN runs
// in a shell there. The base image is this machine. Instructions that the Dockerfile does not use
// are refused, and so is a COPY of what .dockerignore keeps out.
import { cpSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { runToEnd } from '../servers/process.ts'

/**
 * The last stage: its files, what starts it, in which folder, with which variables, as which user.
 */
export type Laid = {
  readonly folder: string
  readonly workdir: string
  readonly command: readonly string[]
  readonly user: number
  readonly env: Readonly<Record<string, string>>
}
type Stage = {
  name: string
  folder: string
  workdir: string
  command: string[]
  user: number
  env: Record<string, string>
}

const MORE = { maxBuffer: 64 * 1024 * 1024 }

/** Takes the steps of `root`'s Dockerfile in an empty folder. */
export const takeSteps = async (root: string, scratch: string): Promise<Laid> => {
  const admitted = [...readFileSync(join(root, '.dockerignore'), 'utf8').matchAll(/^!(.*)$/gm)].map(
    ([, name]) => name,
  )
  const stages: Stage[] = []
  for (const [instruction, rest] of instructionsOf(
    readFileSync(join(root, 'Dockerfile'), 'utf8'),
  )) {
    const stage = stages.at(-1)
    if (instruction === 'FROM') {
      const name = /^node:24-slim(?: AS (\w+))?$/.exec(rest)?.[1] ?? 'last'
      stages.push({
        name,
        folder: join(scratch, name),
        workdir: '/',
        command: [],
        user: 0,
        env: {},
      })
      mkdirSync(join(scratch, name))
    } else if (stage === undefined) throw new Error(`${instruction} before FROM`)
    else if (instruction === 'WORKDIR') {
      stage.workdir = rest
      mkdirSync(join(stage.folder, rest), { recursive: true })
    } else if (instruction === 'COPY') copy(rest, stage, { root, stages, admitted })
    else if (instruction === 'RUN')
      await runToEnd('sh', ['-c', rest], {
        cwd: join(stage.folder, stage.workdir),
        env: { ...process.env, ...stage.env },
        ...MORE,
      })
    else if (instruction === 'ENV')
      Object.assign(stage.env, Object.fromEntries(rest.split(/\s+/).map((pair) => pair.split('='))))
    else if (instruction === 'USER') stage.user = Number(rest)
    else if (instruction === 'CMD') stage.command = JSON.parse(rest)
    else if (!['LABEL', 'EXPOSE', 'HEALTHCHECK'].includes(instruction))
      throw new Error(`${instruction} is not known here`)
  }
  return stages.at(-1) as Stage
}

const instructionsOf = (dockerfile: string): [string, string][] =>
  dockerfile
    .replace(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)])

type Sources = {
  readonly root: string
  readonly stages: readonly Stage[]
  readonly admitted: readonly (string | undefined)[]
}

const copy = (
  rest: string,
  { folder, workdir }: Stage,
  { root, stages, admitted }: Sources,
): void => {
  const [, from, paths] = /^(?:--from=(\w+) )?(.*)$/.exec(rest) ?? []
  const names = (paths as string).split(' ')
  const target = names.pop() as string
  const source = from === undefined ? root : stages.find(({ name }) => name === from)?.folder
  if (source === undefined) throw new Error(`there is no stage ${from}`)
  for (const name of names) {
    if (from === undefined && !admitted.includes(name))
      throw new Error(`.dockerignore keeps ${name} out`)
    const [path, place] = [join(source, name), join(folder, resolve(workdir, target))]
    const isFile = statSync(path).isFile()
    cpSync(
      path,
      isFile && (target.endsWith('/') || existsSync(place)) ? join(place, basename(name)) : place,
      { recursive: true },
    )
  }
}
