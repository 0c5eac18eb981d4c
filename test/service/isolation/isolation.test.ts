// Two users cannot see, change, guess or attach to what is the other's, nor learn that it exists.
// One file for the runner, because its parts share two services and the people who use them.
import { afterAll } from 'vitest'
import { elsewhere, world } from './people.ts'
import './credentials.ts'
import './references.ts'
import './legacy-api.ts'
import './row-order.ts'

afterAll(async () => {
  await world.close()
  await elsewhere.close()
})
