import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { RULES, violationsOf } from './boundaries/rules.ts'
import { readSource } from './boundaries/source.ts'

/** Checks that every rule still reports the file in dev/lint-proof/ that breaks it: `node dev/lint-proofs.ts`. */

const root = join(import.meta.dirname, '..')
const proofs = join(root, 'dev', 'lint-proof')

/** What is wrong with the proofs of the boundaries: rules without a proof, proofs without a rule, proofs not reported. */
export function silentBoundaries(): string[] {
  const folder = join(proofs, 'boundaries')
  const shown = readdirSync(folder)
  const unknown = shown.filter((name) => !RULES.some((rule) => rule.name === name))
  return [
    ...unknown.map((name) => `${name}: there is a proof of it, but no such rule`),
    ...RULES.flatMap(({ name }) => {
      const files = shown.includes(name) ? filesIn(join(folder, name)) : []
      if (files.length === 0) return [`${name}: has no file in dev/lint-proof/boundaries/ that breaks it`]
      return files
        .filter((file) => !isReported(name, join(folder, name), file))
        .map((file) => `${name}: does not report ${file}`)
    }),
  ]
}

function isReported(rule: string, folder: string, file: string): boolean {
  const source = readSource(file, readFileSync(join(folder, file), 'utf8'))
  return violationsOf(source).some((violation) => violation.rule === rule)
}

interface Diagnostic {
  code?: string
  severity: string
  filename: string
}

/** The files under dev/lint-proof/oxlint/ that the rule they are named after does not report as an error. */
export function silentLint(): string[] {
  const args = ['--type-aware', '--format=json', '-c', join(proofs, 'oxlint.json'), join(proofs, 'oxlint')]
  const linted = spawnSync(join(root, 'node_modules', '.bin', 'oxlint'), args, { cwd: root, encoding: 'utf8' })
  if (linted.error) throw linted.error
  const { diagnostics } = JSON.parse(linted.stdout) as { diagnostics: Diagnostic[] }
  const reported = new Set(
    diagnostics
      .filter(({ severity }) => severity === 'error')
      .map(({ code, filename }) => `${code} ${relative(proofs, join(root, filename))}`),
  )
  const files = filesIn(join(proofs, 'oxlint'))
  if (files.length === 0) return ['there is no proof of any oxlint rule']
  return files
    .filter((file) => !reported.has(`${codeOf(file)} ${join('oxlint', file)}`))
    .map((file) => `${codeOf(file)}: does not report oxlint/${file}`)
}

/** `import/no-cycle-back.ts` is the other half of `import/no-cycle.ts`. */
function codeOf(file: string): string {
  const [plugin = '', name = ''] = file.replace(/(-back)?\.ts$/, '').split('/')
  return `${plugin}(${name})`
}

function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)))
}

function main(): void {
  const silent = [...silentBoundaries(), ...silentLint()]
  for (const line of silent) console.log(line)
  console.log(`${silent.length} rules silent or without proof`)
  process.exitCode = silent.length > 0 ? 1 : 0
}

if (import.meta.main) main()
