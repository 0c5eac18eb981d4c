// Properties are checked with the same values in each run, but at full size: FC_SEED=n repeats the
// run of a seed.
import fc from 'fast-check'
import { seedFrom } from './size.ts'

fc.configureGlobal({ seed: seedFrom('FC_SEED') })
