import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { cacheDirectory, oneMaker } from '../services/cache.ts'
import { run, startServer } from '../services/children.ts'

const INSTALL_TIME_MS = 15 * 60_000

export type PythonOrReason = { readonly python: string } | { readonly missing: string }

/** A Python with these packages, kept outside of the repository; or why there is none here. */
export async function pythonWith(requirements: readonly string[]): Promise<PythonOrReason> {
  const name = `python-${createHash('sha256').update(requirements.join('\n')).digest('hex').slice(0, 12)}`
  const home = join(cacheDirectory(), name)
  const python = join(home, 'bin', 'python')
  // Written last: an installation that was interrupted must not look like one that is there.
  const complete = join(home, 'complete')
  try {
    return await oneMaker(name, async () => {
      if (existsSync(complete)) return { python }
      await rm(home, { recursive: true, force: true })
      await run('python3', ['-m', 'venv', home])
      await run(python, ['-m', 'pip', 'install', '--quiet', ...requirements], { timeout: INSTALL_TIME_MS })
      await writeFile(complete, `${requirements.join('\n')}\n`)
      return { python }
    })
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { missing: `no Python with ${requirements.join(', ')}: ${message.trim().slice(-300)}` }
  }
}

const script = (name: string) => fileURLToPath(new URL(`./clients/${name}`, import.meta.url))

/** A refusal that the foreign client raised. */
export class ForeignError extends Error {
  readonly type: string
  readonly status: string | null

  constructor({ type, status, message }: { type: string; status: string | null; message: string }) {
    super(message)
    this.name = 'ForeignError'
    this.type = type
    this.status = status
  }
}

type Line = { value: unknown } | { error: { type: string; status: string | null; message: string } }

/** A client of others in a process of its own, which does one thing after the other. */
export interface ForeignClient {
  do<T>(action: string, asked?: object): Promise<T>
  stop(): Promise<void>
}

/** Starts a script of clients/ that answers each JSON line with one: `{value}` or `{error}`. */
export function startClient(python: string, name: string, parameters: readonly string[]): ForeignClient {
  return clientIn(name, startServer(python, ['-u', script(name), ...parameters], { stdio: ['pipe', 'pipe', 'pipe'] }))
}

/** The client in a process whose input and output are pipes. */
export function clientIn(name: string, server: ReturnType<typeof startServer>): ForeignClient {
  const waiting: { resolve(line: Line): void; reject(error: Error): void }[] = []
  createInterface({ input: server.child.stdout! }).on('line', (line) => waiting.shift()?.resolve(JSON.parse(line)))
  server.child.stdin!.on('error', () => {}) // told by its exit
  server.child.once('exit', () => {
    for (const { reject } of waiting.splice(0)) reject(new Error(`${name} ended: ${server.said()}`))
  })
  return {
    async do<T>(action: string, asked: object = {}) {
      const line = await new Promise<Line>((resolve, reject) => {
        if (server.child.exitCode !== null) return reject(new Error(`${name} has ended: ${server.said()}`))
        waiting.push({ resolve, reject })
        server.child.stdin!.write(`${JSON.stringify({ do: action, ...asked })}\n`)
      })
      if ('error' in line) throw new ForeignError(line.error)
      return line.value as T
    },
    stop: () => server.stop(),
  }
}
