import { spawn } from 'node:child_process'
import { delimiter, join } from 'node:path'

/** What is checked before any test runs. Each counts as one test of the total. */
export interface Check {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  /** What the output of a check that really read something says; a check that read nothing has not passed. */
  readonly proves?: RegExp
}

export const CHECKS: readonly Check[] = [
  { name: 'every type checks', command: 'tsc', args: ['--noEmit', '-p', '.'] },
  { name: 'every type of the console checks', command: 'tsc', args: ['--noEmit', '-p', 'apps/web'] },
  {
    name: 'no lint is reported',
    command: 'oxlint',
    args: ['--type-aware', '--deny-warnings'],
    proves: /on [1-9]\d* files/,
  },
  { name: 'every file is formatted', command: 'oxfmt', args: ['--check'], proves: /on [1-9]\d* files/ },
  { name: 'no boundary is crossed', command: 'node', args: ['dev/boundaries.ts'], proves: /^[1-9]\d* files read/m },
  { name: 'every rule reports the file that breaks it', command: 'node', args: ['dev/lint-proofs.ts'] },
  { name: 'nothing is left unused', command: 'knip', args: ['--no-progress', '--no-config-hints'] },
]

/** The environment in which tools of the project, and its own Node, come first. */
export function toolEnvironment(root: string): NodeJS.ProcessEnv {
  return { ...process.env, PATH: [join(root, 'node_modules', '.bin'), process.env.PATH ?? ''].join(delimiter) }
}

/** Runs one check; resolves with what it said if it failed, and with undefined if it passed. */
export function failureOf(check: Check, root: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(check.command, [...check.args], {
      cwd: root,
      env: toolEnvironment(root),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    child.stdout.on('data', (chunk: Buffer) => (said += chunk))
    child.stderr.on('data', (chunk: Buffer) => (said += chunk))
    child.on('error', (error) => resolve(error.message))
    child.on('close', (code, signal) => {
      if (code !== 0)
        return resolve(`${said.trimEnd()}\n(${check.command} ended with ${signal ?? `exit code ${code}`})`)
      if (check.proves && !check.proves.test(said))
        return resolve(`${said.trimEnd()}\n(it succeeded without having read a file)`)
      resolve(undefined)
    })
  })
}
