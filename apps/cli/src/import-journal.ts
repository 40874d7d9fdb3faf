import { open, readFile } from 'node:fs/promises'
import { Failure } from './failures.ts'

/** What an import has done, so that it goes on where it was ended: a file that only grows, a line for each thing that is
 *  wholly there. A thing whose line was lost is taken again, which changes nothing. */
export interface ImportJournal {
  has(kind: string, id: string): boolean
  /** What was noted with it. */
  noted(kind: string, id: string): string | undefined
  done(kind: string, id: string, note?: string): Promise<void>
  close(): Promise<void>
}

interface Line {
  readonly kind: string
  readonly id: string
  readonly note?: string
}

/** `from` and `to` name both sides: a file of another import is refused. */
export async function openJournal(path: string, from: string, to: string): Promise<ImportJournal> {
  const lines = await readLines(path)
  const head = lines.find(({ kind }) => kind === 'import')
  if (head && (head.id !== from || head.note !== to))
    throw new Failure(
      `${path} tells of an import from ${head.id} into ${head.note ?? 'elsewhere'}`,
      'Name another file with --state, or remove this one.',
    )
  const known = new Map(lines.map((line) => [`${line.kind} ${line.id}`, line]))
  const file = await open(path, 'a').catch((cause: unknown) => {
    throw new Failure(`cannot write ${path}: ${(cause as Error).message}`, 'Name another file with --state.', cause)
  })
  const done: ImportJournal['done'] = async (kind, id, note) => {
    const line = { kind, id, ...(note === undefined ? {} : { note }) }
    known.set(`${kind} ${id}`, line)
    // Begins with a line end, for the line before may have been cut off.
    await file.appendFile(`\n${JSON.stringify(line)}`)
  }
  if (!head) await done('import', from, to)
  return {
    has: (kind, id) => known.has(`${kind} ${id}`),
    noted: (kind, id) => known.get(`${kind} ${id}`)?.note,
    done,
    close: () => file.close(),
  }
}

async function readLines(path: string): Promise<Line[]> {
  const text = await readFile(path, 'utf8').catch(() => '')
  return text.split('\n').flatMap((line) => {
    try {
      return line === '' ? [] : [JSON.parse(line) as Line]
    } catch {
      return []
    }
  })
}
