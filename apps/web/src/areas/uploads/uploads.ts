import { cancelUpload, Digest, getUpload, SteadError } from '@stead/contracts'
import type { ProjectName } from '@stead/contracts'
import { UnreachableError } from '@stead/sdk'
import type { Client } from '@stead/sdk'
import { say } from '../../strings/message.ts'
import { uploads as words } from '../../strings/uploads.ts'
import { pause } from './pause.ts'
import { sizeOf } from './push.ts'
import type { BundleFile, KnownFile, Push, PushRequest, PushState } from './push.ts'
import { forget, hold, HELD_MS, onRemembered, remember, remembered } from './remembered.ts'
import { createSpeedometer } from './speed.ts'
import { hashAll, refusalOf, register, sendAll } from './transfer.ts'

/** All pushes of this page and those that earlier pages left unfinished. It stands above the pages: going from one to
 *  the next ends nothing. */
export interface Uploads {
  subscribe(listener: () => void): () => void
  /** Replaced, never changed. */
  list(): readonly Push[]
  /** Returns the id of the push. */
  begin(request: PushRequest, files: readonly BundleFile[]): string
  pause(id: string): void
  /** Goes on after a pause or a refusal, with another request where one is given. */
  goOn(id: string, request?: PushRequest): void
  /** Ends it; what the server has of it is thrown away. */
  cancel(id: string): void
  /** Gives the files of a push that was left. Returns why they are not its files, if they are not. */
  bring(id: string, files: readonly BundleFile[]): string | undefined
  /** Takes one that is done from the list. */
  dismiss(id: string): void
}

const AGAIN_MS = 3_000

/** What runs of a push: its bytes, and how to stop it. */
interface Work {
  readonly files: readonly BundleFile[]
  stopping: AbortController
  /** Whether the server may have made the version though its answer was lost. */
  asked: boolean
  /** Paths of files that were written since they were read: they must turn out to have the same bytes. */
  doubted: ReadonlySet<string>
}

/** The list, and how it is changed. */
function createList() {
  let pushes: readonly Push[] = []
  const listeners = new Set<() => void>()
  const replace = (next: readonly Push[]) => {
    pushes = next
    for (const listener of listeners) listener()
  }
  return {
    all: () => pushes,
    find: (id: string) => pushes.find((push) => push.id === id),
    replace,
    change: (id: string, part: Partial<Push>) =>
      replace(pushes.map((push) => (push.id === id ? { ...push, ...part } : push))),
    subscribe(listener: () => void) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
type List = ReturnType<typeof createList>

export function createUploads(client: Client): Uploads {
  const list = createList()
  const works = new Map<string, Work>()
  const runner = createRunner(client, list, works)
  const shelf = createShelf(client, list, works)

  return {
    subscribe: list.subscribe,
    list: list.all,
    begin(request, files) {
      const id = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 8)}`
      works.set(id, { files, stopping: new AbortController(), asked: false, doubted: new Set() })
      list.replace([...list.all(), newPush(id, request, files.map(knownOf))])
      shelf.keep(id)
      runner.start(id)
      return id
    },
    pause(id) {
      works.get(id)?.stopping.abort()
      list.change(id, { state: { is: 'paused' }, speed: undefined })
    },
    goOn(id, request) {
      const work = works.get(id)
      if (!work) return
      work.stopping.abort()
      if (request) {
        work.asked = false
        list.change(id, { request })
        shelf.keep(id)
      }
      runner.start(id)
    },
    cancel(id) {
      const push = list.find(id)
      works.get(id)?.stopping.abort()
      works.delete(id)
      forget(id)
      list.replace(list.all().filter((one) => one.id !== id))
      // Bytes that are stored already, or that never came, need no forgetting.
      for (const params of push ? uploadsOf(push) : []) client.call(cancelUpload, { params }).catch(() => {})
    },
    bring(id, files) {
      const push = list.find(id)
      if (!push) return undefined
      const chosen = push.files.flatMap((known) => files.find(({ path }) => path === known.path) ?? [])
      const strange = push.files.find((known, index) => chosen[index]?.file.size !== known.size)
      if (strange) return say(words.otherFile, { path: strange.path })
      const written = push.files.filter((known, at) => chosen[at]!.file.lastModified !== known.lastModified)
      const doubted = new Set(written.map(({ path }) => path))
      works.set(id, { files: chosen, stopping: new AbortController(), asked: true, doubted })
      shelf.keep(id)
      runner.start(id)
      return undefined
    },
    dismiss(id) {
      works.delete(id)
      forget(id)
      list.replace(list.all().filter((push) => push.id !== id))
    },
  }
}

/** Takes a push from its bytes to the version, again and again while only the connection is to blame. */
function createRunner(client: Client, list: List, works: Map<string, Work>) {
  const enter = (id: string, state: PushState) => list.change(id, { state, speed: undefined })

  async function attempt(id: string, work: Work, signal: AbortSignal): Promise<void> {
    const speed = createSpeedometer()
    const { request, files } = list.find(id)!
    const unread = files.map((one) => (work.doubted.has(one.path) ? { ...one, digest: undefined } : one))
    if (unread.some(({ digest }) => digest === undefined)) enter(id, { is: 'hashing' })
    const onHashed = (hashed: number) => list.change(id, { hashed, speed: speed.read(hashed, performance.now()) })
    const known = await hashAll(work.files, unread, onHashed, signal)
    refuseOthers(files, known)
    work.doubted = new Set()
    list.change(id, { files: known })
    remember({ id, request, files: known, heldAt: Date.now() })

    enter(id, { is: 'sending' })
    speed.reset()
    const onReceived = (received: number) => {
      if (list.find(id)?.state.is === 'waiting') {
        speed.reset()
        enter(id, { is: 'sending' })
      }
      list.change(id, { received, speed: speed.read(received, performance.now()) })
    }
    const wait = (ms: number) => {
      enter(id, { is: 'waiting' })
      return pause(ms, signal)
    }
    await sendAll(client, request.project, work.files, known, onReceived, wait, signal)

    enter(id, { is: 'registering' })
    // A repeated request finds what the first one made, if it made it.
    const ifNew = work.asked || !request.again
    work.asked = true
    const made = await register(client, request, known, ifNew, signal)
    forget(id)
    works.delete(id)
    enter(id, { is: 'done', ...made })
  }

  async function run(id: string, work: Work, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        return await attempt(id, work, signal)
      } catch (error) {
        if (signal.aborted) return
        // Whoever signs in again goes on with what has arrived.
        if (error instanceof SteadError && error.code === 'unauthenticated') return enter(id, { is: 'paused' })
        if (!(error instanceof UnreachableError)) return enter(id, { is: 'refused', refusal: refusalOf(error) })
        enter(id, { is: 'waiting' })
        await pause(AGAIN_MS, signal).catch(() => {})
      }
    }
  }

  return {
    start(id: string) {
      const work = works.get(id)!
      work.stopping = new AbortController()
      void run(id, work, work.stopping.signal)
    },
  }
}

/** Keeps what is unfinished for the next page, and takes up what earlier pages left. */
function createShelf(client: Client, list: List, works: Map<string, Work>) {
  function takeUp(): void {
    const now = Date.now()
    const left = remembered().filter(({ id, heldAt }) => !works.has(id) && now - heldAt > HELD_MS)
    const isLeft = new Set(left.map(({ id }) => id))
    // Another page of this browser may have taken one up meanwhile.
    const kept = list.all().filter(({ id, state }) => state.is !== 'left' || isLeft.has(id))
    const fresh = left.filter(({ id }) => !list.find(id))
    if (fresh.length === 0 && kept.length === list.all().length) return
    const pushes = fresh.map(({ id, request, files }) => ({ ...newPush(id, request, files), state: LEFT }))
    list.replace([...kept, ...pushes])
    for (const push of pushes) void askReceived(push)
  }

  async function askReceived(push: Push): Promise<void> {
    let received = 0
    for (const params of uploadsOf(push)) {
      const upload = await client.call(getUpload, { params }).catch(() => undefined)
      received += upload?.received ?? 0
    }
    list.change(push.id, { received })
  }

  takeUp()
  setTimeout(takeUp, HELD_MS + 1000)
  onRemembered(takeUp)
  setInterval(() => hold(new Set(works.keys()), Date.now()), HELD_MS / 3)
  addEventListener('pagehide', () => hold(new Set(works.keys()), 0))

  return {
    keep(id: string) {
      const push = list.find(id)
      if (push) remember({ id, request: push.request, files: push.files, heldAt: Date.now() })
    },
  }
}

/** What the server has of one file must not become the beginning of another. */
function refuseOthers(begun: readonly KnownFile[], read: readonly KnownFile[]): void {
  const other = begun.find(({ digest }, at) => digest !== undefined && digest !== read[at]!.digest)
  if (other) throw new SteadError('digest_mismatch', say(words.otherFile, { path: other.path }), { where: 'source' })
}

const LEFT = { is: 'left' } as const

const uploadsOf = ({ request, files }: Push) =>
  files.flatMap(({ digest }) =>
    digest === undefined ? [] : [{ project: request.project as ProjectName, digest: Digest.parse(digest) }],
  )

const knownOf = ({ path, file }: BundleFile): KnownFile => ({
  path,
  size: file.size,
  lastModified: file.lastModified,
  digest: undefined,
})

const newPush = (id: string, request: PushRequest, files: readonly KnownFile[]): Push => ({
  id,
  request,
  files,
  state: { is: 'hashing' },
  size: sizeOf(files),
  hashed: 0,
  received: 0,
  speed: undefined,
})
