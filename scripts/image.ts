// Lays out what the image holds, behind npm run build: node scripts/image.ts FOLDER (the Dockerfile
// does).
import { layOut } from './image/layout.ts'
import { runProgram } from './support/program.ts'

const program = {
  name: 'node scripts/image.ts',
  forms: ['FOLDER'],
  about: 'Lays out what the image holds in an empty folder, from what npm run build has made.',
  options: {},
  operands: [1, 1],
  examples: [['image', 'lays it out in image/']],
} as const

await runProgram(program, async ({ operands: [target = ''] }) => {
  console.log(`image: ${((await layOut(target)) / 1e6).toFixed(1)} MB in ${target}`)
})
