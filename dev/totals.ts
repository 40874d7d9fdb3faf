/** The part of vitest's JSON report that is counted. */
export interface VitestReport {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly message?: string
    readonly assertionResults: readonly {
      readonly status: string
      readonly fullName?: string
      readonly failureMessages?: readonly string[] | null
    }[]
  }[]
}

export interface Totals {
  readonly passed: number
  readonly failed: number
}

/** Counts tests, and what fails without being one: a file that cannot be loaded, an error outside of any test. */
export function totalsOf(report: VitestReport | undefined, exitCode: number | null): Totals {
  if (!report) return { passed: 0, failed: 1 }
  const failedTests = report.numFailedTests
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed'),
  )
  const failed = failedTests + brokenFiles.length
  return { passed: report.numPassedTests, failed: exitCode !== 0 && failed === 0 ? 1 : failed }
}

/** A line for each that failed, so that the end of a long transcript tells what it was. */
export function failuresOf(report: VitestReport): string[] {
  return report.testResults.flatMap(({ name, status, message = '', assertionResults }) => {
    const failed = assertionResults.filter((test) => test.status === 'failed')
    if (failed.length === 0) return status === 'failed' ? [`${name}: ${firstLine(message)}`] : []
    return failed.map(
      ({ fullName = '', failureMessages }) => `${name} > ${fullName}: ${firstLine(failureMessages?.[0] ?? '')}`,
    )
  })
}

const firstLine = (text: string) => (text.split('\n', 1)[0] ?? '').slice(0, 300)

export interface LeftOut {
  readonly suite: string
  readonly reason: string
}

/** Lines of `suite: reason`; empty ones and those that begin with # say nothing. A suite that says so twice counts once. */
export function parseLeftOut(text: string): LeftOut[] {
  const bySuite = new Map<string, LeftOut>()
  for (const line of text.split('\n')) {
    const [, suite, reason] = /^([^#\s].*?):\s+(.*\S)\s*$/.exec(line) ?? []
    if (suite !== undefined && reason !== undefined && !bySuite.has(suite)) bySuite.set(suite, { suite, reason })
  }
  return [...bySuite.values()]
}
