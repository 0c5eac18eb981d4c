import { run } from './scenario.mjs'

const [url, control] = process.argv.slice(2)
console.log(await run({ url, control }))
