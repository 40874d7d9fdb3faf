import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { HIDDEN, isSecretFile, maskAddress, maskSecrets } from './masking.ts'

const run = promisify(execFile)

/** The code of a working copy. */
export interface Code {
  readonly commit: string
  /** Undefined where none is checked out. */
  readonly branch: string | undefined
  /** Without credentials. */
  readonly remote: string | undefined
  /** Undefined where nothing differs from the commit. */
  readonly difference: Difference | undefined
}

export interface Difference {
  /** `sha256:…` of all of it, secrets included: equal digests are equal working copies. */
  readonly digest: string
  /** For people: with secrets hidden, and cut where it is long. */
  readonly text: string
}

const PATIENCE_MS = 20_000
/** What is more than this differs too much to be read. */
const LONGEST_TEXT = 2 ** 20
const MOST_READ = 64 * 2 ** 20
const MOST_UNTRACKED = 1_000
const LONGEST_UNTRACKED = 64 * 1024

/** Reads the working copy that a folder lies in; undefined where it lies in none, or there is no git. Changes nothing,
 *  not even git's own index. */
export async function readCode(folder: string): Promise<Code | undefined> {
  const git = async (...args: string[]): Promise<string | undefined> => {
    try {
      const { stdout } = await run('git', ['--no-optional-locks', '-C', folder, ...args], {
        timeout: PATIENCE_MS,
        maxBuffer: MOST_READ,
        windowsHide: true,
      })
      return stdout
    } catch {
      return undefined
    }
  }
  const commit = (await git('rev-parse', '--verify', 'HEAD'))?.trim()
  const top = (await git('rev-parse', '--show-toplevel'))?.trim()
  if (!commit || !top) return undefined
  const branch = (await git('symbolic-ref', '--short', '-q', 'HEAD'))?.trim()
  const remote = (await git('config', '--get', 'remote.origin.url'))?.trim()
  const changed = await git('diff', 'HEAD', '--no-color', '--no-ext-diff', '--no-textconv', '--binary')
  const untracked = await git('ls-files', '--others', '--exclude-standard', '-z', '--full-name', top)
  return {
    commit,
    branch: branch || undefined,
    remote: remote ? maskAddress(remote) : undefined,
    difference: await differenceOf(top, changed, untracked),
  }
}

async function differenceOf(
  top: string,
  changed: string | undefined,
  untracked: string | undefined,
): Promise<Difference | undefined> {
  const paths = (untracked ?? '').split('\0').filter(Boolean).toSorted()
  if (changed === '' && paths.length === 0) return undefined
  const hash = createHash('sha256')
  const texts: string[] = []
  hash.update(changed ?? 'too long to be read')
  texts.push(changed === undefined ? 'The difference is too long to be read.\n' : maskDifference(changed))
  for (const path of paths.slice(0, MOST_UNTRACKED)) {
    const { digest, text } = await readUntracked(top, path)
    hash.update(`\0${path}\0${digest}`)
    texts.push(text)
  }
  const left = paths.length - MOST_UNTRACKED
  if (left > 0) texts.push(`… and ${left} more untracked files\n`)
  return { digest: `sha256:${hash.digest('hex')}`, text: cut(texts.join('')) }
}

/** As git would tell of it if it were added; a long or a binary one by its digest alone. */
async function readUntracked(top: string, path: string): Promise<{ digest: string; text: string }> {
  const hash = createHash('sha256')
  const begin: Buffer[] = []
  let size = 0
  try {
    const file = await open(join(top, path), 'r')
    try {
      for await (const chunk of file.createReadStream({ autoClose: false })) {
        const bytes = chunk as Buffer
        hash.update(bytes)
        if (size <= LONGEST_UNTRACKED) begin.push(bytes)
        size += bytes.length
      }
    } finally {
      await file.close()
    }
  } catch {
    return { digest: 'unreadable', text: `untracked: ${path} (cannot be read)\n` }
  }
  const digest = `sha256:${hash.digest('hex')}`
  const bytes = Buffer.concat(begin)
  if (isSecretFile(path)) return { digest, text: `untracked: ${path} (${HIDDEN})\n` }
  if (size > LONGEST_UNTRACKED || bytes.includes(0))
    return { digest, text: `untracked: ${path} (${size} bytes, ${digest})\n` }
  const lines = maskSecrets(bytes.toString('utf8')).replace(/\n$/, '').split('\n')
  const head = `diff --git a/${path} b/${path}\nnew file mode 100644\n--- /dev/null\n+++ b/${path}\n`
  const added = lines.map((line) => `+${line}\n`).join('')
  return { digest, text: size === 0 ? head : `${head}@@ -0,0 +1,${lines.length} @@\n${added}` }
}

/** Hides secrets, and all that is said of files that are kept for them. */
function maskDifference(text: string): string {
  return text
    .split(/^(?=diff --git )/m)
    .map((part) => {
      const [first = ''] = part.split('\n', 1)
      const path = / b\/(.*)$/.exec(first)?.[1]
      return path !== undefined && isSecretFile(path) ? `${first}\n${HIDDEN}\n` : maskSecrets(part)
    })
    .join('')
}

const cut = (text: string) =>
  text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT)}\n… cut: ${text.length - LONGEST_TEXT} more\n`
