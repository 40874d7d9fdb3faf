import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { arch, cpus, hostname, platform, release, totalmem } from 'node:os'
import { dirname, join } from 'node:path'

/** What a program runs on. */
export interface Environment {
  readonly host: string
  readonly node: string
  readonly platform: string
  readonly architecture: string
  readonly processors: number
  readonly memoryMegabytes: number
  /** The file that pins the packages; undefined where there is none from the folder upwards. */
  readonly lock: { readonly file: string; readonly digest: string } | undefined
  /** Versions by the names of packages, as far as the lock or the manifest tells. */
  readonly packages: Readonly<Record<string, string>>
}

const LOCKS = ['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock']

export async function readEnvironment(folder: string): Promise<Environment> {
  const lock = await findLock(folder)
  return {
    host: hostname(),
    node: process.versions.node,
    platform: `${platform()} ${release()}`,
    architecture: arch(),
    processors: cpus().length,
    memoryMegabytes: Math.round(totalmem() / 2 ** 20),
    lock: lock && { file: lock.file, digest: `sha256:${createHash('sha256').update(lock.text).digest('hex')}` },
    packages: lock?.text.startsWith('{') ? lockedPackages(lock.text) : await declaredPackages(folder),
  }
}

async function findLock(folder: string): Promise<{ file: string; text: string } | undefined> {
  for (let place = folder; ; place = dirname(place)) {
    for (const file of LOCKS) {
      const text = await readFile(join(place, file), 'utf8').catch(() => undefined)
      if (text !== undefined) return { file, text }
    }
    if (dirname(place) === place) return undefined
  }
}

/** npm writes `node_modules/a/node_modules/b` for a copy of `b` that only `a` uses. */
function lockedPackages(text: string): Record<string, string> {
  const { packages } = parsed(text) as { packages?: Record<string, { version?: string; link?: boolean }> }
  const found = Object.entries(packages ?? {}).flatMap(([path, { version }]) => {
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
    return path.includes('node_modules/') && version !== undefined ? [[name, version] as const] : []
  })
  return Object.fromEntries(found)
}

async function declaredPackages(folder: string): Promise<Record<string, string>> {
  const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => '{}')
  const { dependencies } = parsed(text) as { dependencies?: Record<string, string> }
  return dependencies ?? {}
}

function parsed(text: string): object {
  try {
    return (JSON.parse(text) ?? {}) as object
  } catch {
    return {}
  }
}
