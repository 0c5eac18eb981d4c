// Runs before each program of scripts/ (node --import): says in a line what is missing, and lets
// versions of Node that do not run TypeScript run it.
import { register } from 'node:module'
import { expectNode, expectPackages, expectTools } from './installation.mjs'

/** Programs for developers, which use packages that npm ci leaves out. */
const NEED_TOOLS = /(?:bench|profile|size|build-binary|client-types|generate-migrations)\.ts$/

expectNode()
expectPackages()
if (NEED_TOOLS.test(process.argv[1] ?? '')) expectTools()

if (!process.features.typescript) register('./typescript.mjs', import.meta.url)
