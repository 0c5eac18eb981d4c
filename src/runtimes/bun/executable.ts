// The single file that `npm run build:binary` makes: the command of the package on Bun, which is in
// the file with everything else.
import { runPackageCommand } from '../node/package-command.ts'
import { bun } from './platform.ts'

await runPackageCommand(bun, { bundles: import.meta.url, workers: false })
