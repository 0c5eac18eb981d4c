// The address of the service.
import { anyText, whole } from '../values.ts'
import { variable } from '../variable.ts'

export const listening = {
  PORT: variable('`7860`', whole(0, 65535), 'The TCP port. `0` takes any free one and says which.'),
  HOST: variable(
    '`0.0.0.0`',
    anyText,
    'The address to listen at. The default is every IPv4 interface; `127.0.0.1` is this machine only.',
  ),
} as const
