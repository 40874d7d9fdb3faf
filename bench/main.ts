import { mkdir, writeFile } from 'node:fs/promises'
import { fileOf } from './processes.ts'
import type { BenchCase, Effort } from './cases/bench-case.ts'
import { binary } from './cases/binary.ts'
import { loading, swaps } from './cases/changes.ts'
import { consoleViews } from './cases/console.ts'
import { grpc } from './cases/grpc.ts'
import { keys } from './cases/keys.ts'
import { healthy } from './cases/healthy.ts'
import { idleMemory, swapMemory } from './cases/memory.ts'
import { oneRow } from './cases/one-row.ts'
import { start } from './cases/start.ts'
import { tracking } from './cases/tracking.ts'
import { startGenerator } from './generator.ts'
import { conditions } from './machine.ts'
import { markdownTable, page, targetsTable } from './report.ts'
import type { Finding } from './report.ts'

/* npm run bench [-- NAME…] [--quick]: without names all of them, and docs/benchmarks.md is written. */

const CASES: Readonly<Record<string, BenchCase>> = {
  'one-row': oneRow,
  grpc,
  binary,
  keys,
  swaps,
  loading,
  'swap-memory': swapMemory,
  'idle-memory': idleMemory,
  start,
  healthy,
  console: consoleViews,
  tracking,
}
const FULL: Effort = { rounds: 5, warmMs: 300, countMs: 1_500, quick: false }
const QUICK: Effort = { rounds: 3, warmMs: 200, countMs: 700, quick: true }

const asked = process.argv.slice(2).filter((word) => !word.startsWith('--'))
const quick = process.argv.includes('--quick')
const unknown = asked.filter((name) => !Object.hasOwn(CASES, name))
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(', ')}. There are: ${Object.keys(CASES).join(', ')}.`)
  process.exit(2)
}

const findings: Finding[] = []
const failures: string[] = []
for (const [name, measure] of Object.entries(CASES)) {
  if (asked.length > 0 && !asked.includes(name)) continue
  const began = performance.now()
  const generator = startGenerator()
  try {
    const finding = await measure(generator, quick ? QUICK : FULL)
    findings.push(finding)
    console.log(`\n${finding.title} (${name}, ${Math.round((performance.now() - began) / 1000)} s)`)
    for (const table of [targetsTable([finding]), ...finding.tables]) console.log(`\n${markdownTable(table)}`)
  } catch (error) {
    failures.push(`${name} (${String(error).split('\n')[0]})`)
    console.error(`\n${name} could not be measured:`, error)
  } finally {
    await generator.stop()
  }
}
if (asked.length === 0) {
  await mkdir(fileOf('../docs'), { recursive: true })
  await writeFile(fileOf('../docs/benchmarks.md'), page(await conditions(quick), findings, failures))
  console.log('\nwritten to docs/benchmarks.md')
}
process.exitCode = failures.length > 0 ? 1 : 0
