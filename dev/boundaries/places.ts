import { posix } from 'node:path'

/** Our packages by the names they are imported by, and where they live. */
const PACKAGES: Readonly<Record<string, string>> = {
  '@stead/contracts': 'libs/contracts',
  '@stead/sdk': 'libs/sdk',
  '@stead/chassis': 'libs/chassis',
  '@stead/server': 'apps/server',
  '@stead/runner': 'apps/runner',
  '@stead/worker': 'apps/worker',
  '@stead/web': 'apps/web',
  stead: 'apps/cli',
}

/** What may be imported of a package besides the package itself. */
const ENTRIES: Readonly<Record<string, readonly string[]>> = { '@stead/sdk': ['/tracking'] }

/** The package a path of the repository lies in, such as `libs/sdk`; undefined for dev/, bench/ and the rest. */
export function packageOf(path: string): string | undefined {
  return /^(libs|apps)\/[^/]+(?=\/)/.exec(path)?.[0]
}

/** The package of ours that a bare specifier names, and what it reaches for inside of it. */
export function packageNamed(specifier: string): { home: string; inside: string } | undefined {
  const name = /^(@[^/]+\/[^/]+|[^@./][^/]*)/.exec(specifier)?.[0]
  const home = name === undefined ? undefined : PACKAGES[name]
  if (home === undefined || name === undefined) return undefined
  const inside = specifier.slice(name.length)
  return { home, inside: ENTRIES[name]?.includes(inside) ? '' : inside }
}

/** Tests, what only tests use, and the workshop: they may reach across. */
export function isTest(path: string): boolean {
  return (
    /^(dev|bench)\//.test(path) ||
    /\.(spec|conformance|soak|fixture)\.[cm]?tsx?$/.test(path) ||
    /\/(testing|fixtures)\//.test(path)
  )
}

/** The role that a file's suffix tells: `registry.sql.ts` is `sql`, `registry.ts` has none. */
export function roleOf(path: string): string | undefined {
  return /^[^.]+\.([a-z0-9]+)(?:\.[a-z]+)*\.tsx?$/.exec(posix.basename(path))?.[1]
}

/** What talks to a database, a disk or a bucket on the server. */
export function isServerAdapter(path: string): boolean {
  if (!path.startsWith('apps/server/src/')) return false
  return path.startsWith('apps/server/src/database/') || ['sql', 'files', 's3'].includes(roleOf(path) ?? '')
}

/** A file of a domain that holds decisions or a port: everything there that has no adapter's suffix. */
export function isUseCase(path: string): boolean {
  const speaksToCallers = ['http', 'mlflow'].includes(roleOf(path) ?? '')
  return path.startsWith('apps/server/src/domains/') && !isTest(path) && !isServerAdapter(path) && !speaksToCallers
}
