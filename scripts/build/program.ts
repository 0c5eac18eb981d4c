import { runProgram } from '../support/program.ts'
import { unwritable } from './unwritable.ts'

type Build = {
  readonly name: string
  readonly about: string
  /** Where it goes, as an absolute path. */
  readonly folder: string
}

/** Runs a build, which takes no options. Says so where this user cannot write to its folder. */
export const runBuild = ({ name, about, folder }: Build, work: () => unknown): Promise<void> =>
  runProgram({ name, forms: [''], about, options: {}, examples: [['', 'builds']] }, work, {
    explain: unwritable(folder),
  })
