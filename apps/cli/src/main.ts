import { processTerminal } from './terminal.ts'
import { runStead } from './stead.ts'

const code = await runStead(process.argv.slice(2), processTerminal())
// Connections kept for a next request would hold the process open; what is written must be out before it ends.
process.stdout.write('', () => process.stderr.write('', () => process.exit(code)))
