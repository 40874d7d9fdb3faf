import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CHECKS, failureOf, toolEnvironment } from './checks.ts'
import { failuresOf, parseLeftOut, totalsOf } from './totals.ts'
import type { LeftOut, Totals, VitestReport } from './totals.ts'

/** Runs a suite and closes with one line of totals: `node dev/test.ts [test|conformance|soak] [vitest arguments …]`.
 *  The suite `test` begins with the checks of the sources, unless some test files are named. */

const root = join(import.meta.dirname, '..')
const SUITES = ['test', 'conformance', 'soak'] as const
type Suite = (typeof SUITES)[number]

const isSuite = (word: string | undefined): word is Suite => SUITES.some((suite) => suite === word)

/** The names of the checks that failed, in their order; all are run. */
async function runChecks(): Promise<string[]> {
  const failed: string[] = []
  for (const check of CHECKS) {
    const started = performance.now()
    const failure = await failureOf(check, root)
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    if (failure === undefined) console.log(`passed  ${check.name} (${seconds} s)`)
    else console.log(`FAILED  ${check.name} (${seconds} s)\n${failure.replaceAll(/^/gm, '        ')}`)
    if (failure !== undefined) failed.push(check.name)
  }
  return failed
}

async function runVitest(suite: Suite, args: readonly string[], folder: string): Promise<Totals> {
  const report = join(folder, 'report.json')
  // A suite of foreign clients may have no file yet; the laws of the product always have some.
  const none = suite === 'test' ? [] : ['--passWithNoTests']
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const env = { ...toolEnvironment(root), STEAD_SUITE: suite, STEAD_LEFT_OUT: join(folder, 'left-out') }
  const child = spawn('vitest', ['run', ...reporters, ...none, ...args], {
    cwd: root,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const exitCode = await new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null))
    child.once('close', resolve)
  })
  const text = readIfThere(report)
  if (text === undefined && none.length > 0 && exitCode === 0) return { passed: 0, failed: 0 }
  const told = text === undefined ? undefined : (JSON.parse(text) as VitestReport)
  for (const failure of told ? failuresOf(told) : []) console.log(`FAILED  ${failure.replace(`${root}/`, '')}`)
  return totalsOf(told, exitCode)
}

/** Tells what did not run. In CI that is a failure unless the repository says why it may be so. */
function tellLeftOut(leftOut: readonly LeftOut[]): number {
  const allowed = new Map(
    parseLeftOut(readIfThere(join(root, '.ci', 'allowed-to-skip')) ?? '').map(({ suite, reason }) => [suite, reason]),
  )
  const isCi = process.env.CI !== undefined && process.env.CI !== '' && process.env.CI !== 'false'
  let failed = 0
  for (const { suite, reason } of leftOut) {
    const permission = allowed.get(suite)
    const counts = isCi && permission === undefined
    const remark = permission === undefined ? '' : ` (allowed: ${permission})`
    console.log(`${counts ? 'FAILED  left out in CI' : 'left out'}  ${suite}: ${reason}${remark}`)
    failed += counts ? 1 : 0
  }
  return failed
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

async function main([first, ...rest]: readonly string[]): Promise<void> {
  const suite: Suite = isSuite(first) ? first : 'test'
  const args = isSuite(first) || first === undefined ? rest : [first, ...rest]
  const namesFiles = args.some((arg) => !arg.startsWith('-'))
  const folder = mkdtempSync(join(tmpdir(), 'stead-test-'))
  try {
    const checks = suite === 'test' && !namesFiles ? CHECKS : []
    const broken = checks.length > 0 ? await runChecks() : []
    const tests = await runVitest(suite, args, folder)
    const missing = tellLeftOut(parseLeftOut(readIfThere(join(folder, 'left-out')) ?? ''))
    for (const name of broken) console.log(`FAILED  ${name} (told above)`)
    const failed = broken.length + tests.failed + missing
    console.log(`${checks.length - broken.length + tests.passed} passed, ${failed} failed`)
    process.exitCode = failed > 0 ? 1 : 0
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

await main(process.argv.slice(2))
