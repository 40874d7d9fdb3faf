import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { unpackFailure } from './failures.ts'
import type { FromThread, ThreadPlace, ToThread } from './pglite.thread.ts'
import type { Answer, Session, Sessions } from './sessions.ts'

const run = promisify(execFile)

/** Long beyond any honest wait: what waits this long waits for itself. */
const PATIENCE_MS = 30_000

interface Thread {
  readonly query: (sql: string, parameters: readonly unknown[]) => Promise<Answer>
  readonly close: () => Promise<void>
}

export interface EmbeddedPlace {
  readonly home: string
  /** The folder of a database that is copied where there is none yet; without it an empty one is created. */
  readonly template?: string | undefined
}

/** The embedded database under `<home>/database`, created on first use. The caller holds the lock of the home:
 *  PGlite itself does not keep a second process out. */
export async function openEmbedded({ home, template }: EmbeddedPlace, patience = PATIENCE_MS): Promise<Sessions> {
  const directory = join(home, 'database')
  const isNew = !existsSync(directory)
  if (isNew && template === undefined) await createCluster(home, directory)
  return oneAtATime(await startThread({ directory, copies: isNew ? template : undefined }), patience)
}

/** Created aside and renamed when whole, so that a crash half-way leaves nothing that looks like a database.
 *  In a process of its own, whose end gives back the hundreds of megabytes that creating takes. */
async function createCluster(home: string, directory: string): Promise<void> {
  await mkdir(home, { recursive: true })
  for (const name of await readdir(home)) {
    if (name.startsWith('database.new-')) await rm(join(home, name), { recursive: true, force: true })
  }
  const aside = `${directory}.new-${process.pid}`
  const program = fileURLToPath(new URL('./cluster.process.ts', import.meta.url))
  try {
    await run(process.execPath, ['--disable-warning=ExperimentalWarning', program, aside])
  } catch (cause) {
    await rm(aside, { recursive: true, force: true })
    throw new Error(`No database could be created in ${directory}.`, { cause })
  }
  await rename(aside, directory)
}

/** One session for all, held by one borrower at a time, first come first served. */
function oneAtATime(thread: Thread, patience: number): Sessions {
  const waiting: Array<() => void> = []
  let held = false
  const free = () => {
    const next = waiting.shift()
    if (next === undefined) held = false
    else next()
  }
  const lend = (): Session => {
    let released = false
    const release = () => {
      if (released) return
      released = true
      free()
    }
    return { query: thread.query, release }
  }
  const acquire = () => {
    if (!held) {
      held = true
      return Promise.resolve(lend())
    }
    return new Promise<Session>((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.splice(waiting.indexOf(turn), 1)
        reject(
          new Error(
            'No turn at the database for too long: is something in a transaction waiting for a query outside of it?',
          ),
        )
      }, patience)
      const turn = () => {
        clearTimeout(timer)
        resolve(lend())
      }
      waiting.push(turn)
    })
  }
  const end = async () => {
    await acquire()
    await thread.close()
  }
  return { acquire, end }
}

/** Starts the thread and resolves once the database answers. A thread that dies fails everything that waits for it. */
function startThread(place: ThreadPlace): Promise<Thread> {
  const { directory } = place
  const worker = new Worker(new URL('./pglite.thread.ts', import.meta.url), {
    workerData: place,
    execArgv: ['--disable-warning=ExperimentalWarning'],
    name: 'database',
  })
  const pending = new Map<number, { resolve: (answer: Answer) => void; reject: (error: Error) => void }>()
  const ended = Promise.withResolvers<void>()
  let lastId = 0
  let gone: Error | undefined
  const post = (message: ToThread) => worker.postMessage(message)
  const settle = (id: number) => {
    const request = pending.get(id)
    pending.delete(id)
    return request
  }
  const die = (error: Error) => {
    gone ??= error
    for (const id of pending.keys()) settle(id)?.reject(gone)
    ended.resolve()
  }

  const query: Thread['query'] = (sql, parameters) => {
    if (gone !== undefined) return Promise.reject(gone)
    return new Promise((resolve, reject) => {
      pending.set(++lastId, { resolve, reject })
      post({ is: 'query', id: lastId, sql, parameters })
    })
  }
  const close = async () => {
    if (gone === undefined) post({ is: 'close' })
    await ended.promise
    await worker.terminate()
  }

  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      die(error)
      reject(error)
    }
    worker.on('error', (cause) =>
      fail(
        new Error(`The database thread failed: ${cause instanceof Error ? cause.message : String(cause)}`, { cause }),
      ),
    )
    worker.on('exit', () => fail(new Error('The database is closed.')))
    worker.on('message', (message: FromThread) => {
      switch (message.is) {
        case 'ready':
          return resolve({ query, close })
        case 'answer':
          return settle(message.id)?.resolve(message)
        case 'failure':
          return settle(message.id)?.reject(unpackFailure(message.failure))
        case 'closed':
          return die(new Error('The database is closed.'))
        case 'unusable':
          fail(
            new Error(`The database in ${directory} cannot be opened: ${message.failure.message}`, {
              cause: unpackFailure(message.failure),
            }),
          )
          return void worker.terminate()
      }
    })
  })
}
