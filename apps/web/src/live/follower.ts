import { SteadError } from '@stead/contracts'
import { readServerSentEvents } from '@stead/sdk'
import type { streamEvents } from '@stead/contracts'
import type { Client } from '@stead/sdk'
import type { StreamEndpoint, ToTab, Wanted } from './messages.ts'

/** Holds one event stream to the server: connects again by itself, goes on after the last event it has seen, and says
 *  when it is not live. */
export interface Follower {
  /** Begins, also again after the server had said that nobody is signed in. */
  begin(stream: StreamEndpoint): void
  /** What else is wanted, instead of what was before. */
  watch(wanted: Wanted): void
  close(): void
}

const listed = (names: readonly string[]) => [...new Set(names)].toSorted().join(',')

/** The server beats every five seconds. */
const SILENCE_MS = 12_000
const BACK_OFF_MS = [250, 500, 1000, 2000, 4000]

export function createFollower(client: Client, tell: (message: ToTab) => void): Follower {
  let watched = { watch: '', experiments: '' }
  let isRunning = false
  let last: number | undefined
  let live: boolean | undefined
  let failures = 0
  let connection = new AbortController()
  let closed = false
  let wake = () => {}

  const setLive = (next: boolean) => {
    if (live === next) return
    live = next
    tell({ kind: 'state', live, since: Date.now() })
  }

  async function connect(stream: StreamEndpoint): Promise<void> {
    connection = new AbortController()
    const asked = watched
    let timer: ReturnType<typeof setTimeout> | undefined
    const alive = () => {
      clearTimeout(timer)
      timer = setTimeout(() => connection.abort(), SILENCE_MS)
    }
    try {
      alive()
      const query = {
        ...(last === undefined ? {} : { after: last }),
        ...(asked.watch === '' ? {} : { watch: asked.watch }),
        ...(asked.experiments === '' ? {} : { experiments: asked.experiments }),
      }
      const response = await client.open(stream as typeof streamEvents, { query, signal: connection.signal })
      failures = 0
      setLive(true)
      await readServerSentEvents(response, client.url, (event) => take(event.event, JSON.parse(event.data)), alive)
    } finally {
      clearTimeout(timer)
      connection.abort()
    }
  }

  function take(name: string, data: unknown): void {
    if (name === 'event') {
      const event = data as Extract<ToTab, { kind: 'event' }>['event']
      last = event.sequence
      tell({ kind: 'event', event })
    } else if (name === 'figures') tell({ kind: 'figures', figures: data as never })
    else if (name === 'deployment') tell({ kind: 'deployment', deployment: data as never })
    else if (name === 'runs') tell({ kind: 'runs', runs: data as never })
  }

  async function run(stream: StreamEndpoint): Promise<void> {
    while (!closed) {
      const asked = watched
      const failure = await connect(stream).catch((error: unknown) => error)
      // Asking again would be answered the same until somebody signs in.
      if (failure instanceof SteadError && failure.code === 'unauthenticated') break
      // A stream that was ended to ask for other things has not failed.
      if (closed || asked !== watched) continue
      setLive(false)
      const pause = BACK_OFF_MS[Math.min(failures++, BACK_OFF_MS.length - 1)]!
      await new Promise<void>((resolve) => {
        wake = resolve
        setTimeout(resolve, pause)
      })
    }
    if (closed) return
    isRunning = false
    live = undefined
    tell({ kind: 'signed out' })
  }

  return {
    begin(stream) {
      if (isRunning) return
      isRunning = true
      void run(stream)
    },
    watch({ deployments, experiments }) {
      const next = { watch: listed(deployments), experiments: listed(experiments) }
      if (next.watch === watched.watch && next.experiments === watched.experiments) return
      watched = next
      if (!isRunning) return
      connection.abort()
      wake()
    },
    close() {
      closed = true
      connection.abort()
      wake()
    },
  }
}
