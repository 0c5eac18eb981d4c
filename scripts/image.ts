// Lays out what the image holds, behind npm run build: node scripts/image.ts FOLDER (the Dockerfile
// does).
import { layOut } from './image/layout.ts'

const [target] = process.argv.slice(2)
if (target === undefined) throw new Error('usage: node scripts/image.ts FOLDER')
console.log(`image: ${((await layOut(target)) / 1e6).toFixed(1)} MB in ${target}`)
