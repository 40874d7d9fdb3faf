import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { violationsOf } from './boundaries/rules.ts'
import type { Violation } from './boundaries/rules.ts'
import { readSource } from './boundaries/source.ts'

/** Checks who imports whom in every TypeScript file of the repository: `node dev/boundaries.ts`. */

/** Every TypeScript file that git tracks or would track, except those that are wrong on purpose. */
export function sourcePaths(root: string): string[] {
  const listed = spawnSync(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', '*.ts', '*.tsx'],
    { cwd: root, encoding: 'utf8' },
  )
  if (listed.status !== 0) throw new Error(`git could not list the files: ${listed.error?.message ?? listed.stderr}`)
  return listed.stdout
    .split('\0')
    .filter((path) => path !== '' && !path.startsWith('dev/lint-proof/') && existsSync(join(root, path)))
}

export function checkBoundaries(root: string): { files: number; violations: Violation[] } {
  const paths = sourcePaths(root)
  return { files: paths.length, violations: paths.flatMap((path) => violationsAt(root, path)) }
}

function violationsAt(root: string, path: string): Violation[] {
  const text = readFileSync(join(root, path), 'utf8')
  try {
    return violationsOf(readSource(path, text))
  } catch (error) {
    return [{ rule: 'readable', path, line: 1, says: error instanceof Error ? error.message : String(error) }]
  }
}

function main(): void {
  const { files, violations } = checkBoundaries(join(import.meta.dirname, '..'))
  for (const { path, line, rule, says } of violations) console.log(`${path}:${line}  ${rule}: ${says}`)
  // A check that read nothing has not passed.
  if (files === 0) console.log('no TypeScript file was found, so nothing was checked')
  console.log(`${files} files read, ${violations.length} boundaries broken`)
  process.exitCode = files === 0 || violations.length > 0 ? 1 : 0
}

if (import.meta.main) main()
